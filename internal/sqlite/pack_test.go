package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/heed-line/heed/internal/storetest"
)

// trees fills a line's tables and makes the large ones as they were at first. It gives the keys.
func trees(t *testing.T, s *Store, n int) (keys [][]byte) {
	t.Helper()
	if err := storetest.Fill(t.Context(), s, n); err != nil {
		t.Fatal(err)
	}
	statements := []string{"INSERT INTO screenings SELECT report, rowid, 'model', rowid % 7 = 0, substr(wrapped, 1, rowid % 900) FROM report_keys"}
	for _, p := range packed {
		statements = append(statements, "ALTER TABLE "+p.table+" RENAME TO filled", "CREATE TABLE "+p.table+" ("+p.create+") WITHOUT ROWID",
			"INSERT INTO "+p.table+" SELECT * FROM filled", "DROP TABLE filled")
	}
	for _, statement := range statements {
		if err := exec(t.Context(), s.WriteDB(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i <= n; i++ {
		var key []byte
		if err := s.WriteDB().QueryRow("SELECT wrapped FROM report_keys WHERE report = ?", string(storetest.FilledID(i))).Scan(&key); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

func exec(ctx context.Context, db *sql.DB, statement string) error {
	_, err := db.ExecContext(ctx, statement)
	return err
}

func TestALargeTableOfBeforeIsPackedAndNothingOfItIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heed.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const n = 2*packAtOnce + 17
	keys := trees(t, s, n)
	for _, p := range packed[:1] { // it was broken off after the first part
		if last, err := packSome(t.Context(), s.WriteDB(), p.table, p.columns, p.create, ""); err != nil || last != string(storetest.FilledID(packAtOnce)) {
			t.Fatalf("it goes on behind %q: %v", last, err)
		}
	}
	broken, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pack(broken, s.WriteDB()); err == nil {
		t.Error("it goes on though it is broken off")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if s, err = Open(t.Context(), path, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, p := range packed {
			if tree, err := isTree(t.Context(), s.WriteDB(), p.table); err != nil || tree {
				t.Errorf("%s is a tree: %v, %v", p.table, tree, err)
			}
		}
		for i, key := range keys {
			var wrapped, sealed []byte
			var at int
			var failed bool
			err := s.WriteDB().QueryRow("SELECT k.wrapped, s.at, s.failed, s.sealed FROM report_keys k JOIN screenings s ON s.report = k.report WHERE k.report = ?", string(storetest.FilledID(i+1))).
				Scan(&wrapped, &at, &failed, &sealed)
			if err != nil || !bytes.Equal(wrapped, key) || at != i+1 || failed != ((i+1)%7 == 0) || !bytes.Equal(sealed, key[:(i+1)%900]) {
				t.Fatalf("row %d is %d bytes, %d, %v, %d bytes: %v", i, len(wrapped), at, failed, len(sealed), err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; i += 101 { // once as a key, once as a screening where that is as long
		most := 1
		if (i+1)%900 >= 400 {
			most = 2
		}
		if found := bytes.Count(file, keys[i][:400]); found > most {
			t.Errorf("key %d is in the file %d times", i, found)
		}
	}
}

// Somebody may go on with the earlier version, beside this one or where it was broken off.
func TestWhatIsDestroyedWhileALargeTableIsPackedIsDestroyedInItsCopyToo(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const n = 2*packAtOnce + 17
	keys, p := trees(t, s, n), packed[0]
	run := func(statement string, i int, args ...any) {
		t.Helper()
		done, err := s.WriteDB().ExecContext(t.Context(), statement, append([]any{string(storetest.FilledID(i))}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := done.RowsAffected(); rows != 1 || err != nil {
			t.Fatalf("row %d: %d are changed, %v", i, rows, err)
		}
	}
	const destroy, change = "DELETE FROM report_keys WHERE report = ?", "UPDATE report_keys SET wrapped = ?2 WHERE report = ?1"
	after := ""
	for part := 0; part == 0 || after != ""; part++ {
		if after, err = packSome(t.Context(), s.WriteDB(), p.table, p.columns, p.create, after); err != nil {
			t.Fatal(err)
		}
		if part == 0 {
			run(destroy, 1)
			run(change, 2, []byte("anew"))
			run(destroy, n)
			run(destroy, 3)
			run("INSERT INTO report_keys (report, wrapped) VALUES (?, ?)", 3, []byte("late"))
		}
	}
	run(destroy, 4)
	run(change, 5, []byte("anew"))
	if more, err := forgetSome(t.Context(), s.WriteDB(), p.table); err != nil || !more {
		t.Fatal(more, err)
	}
	run(destroy, n-1)
	var left int
	if err := s.WriteDB().QueryRow("SELECT count(*) FROM report_keys_tree WHERE report IN (?, ?)", string(storetest.FilledID(n)), string(storetest.FilledID(n-1))).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d destroyed keys are in the tree: %v", left, err)
	}
	if err := pack(t.Context(), s.WriteDB()); err != nil {
		t.Fatal(err)
	}
	want := map[int]string{1: "", 2: "anew", 3: "late", 4: "", 5: "anew", n - 1: "", n: ""}
	for i := 1; i <= n; i++ {
		var got sql.Null[[]byte]
		err := s.WriteDB().QueryRow("SELECT (SELECT wrapped FROM report_keys WHERE report = ?)", string(storetest.FilledID(i))).Scan(&got)
		wanted, named := want[i]
		if !named {
			wanted = string(keys[i-1])
		}
		if err != nil || string(got.V) != wanted {
			t.Errorf("key %d is %d bytes: %v", i, len(got.V), err)
		}
	}
	if err := s.WriteDB().QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' OR name GLOB 'report_keys_*'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d triggers and tables are left: %v", left, err)
	}
}
