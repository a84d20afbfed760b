package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

func TestAStatementIsPreparedOnceAndItsRowsMayBeReadBesideItself(t *testing.T) {
	db, err := open(writeDSN(filepath.Join(t.TempDir(), "some.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	ctx := t.Context()
	for _, statement := range []string{
		"CREATE TABLE numbers (n INTEGER PRIMARY KEY, name TEXT)",
		"INSERT INTO numbers VALUES (1, 'one'), (2, 'two'), (3, 'three')",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const query = "SELECT n, name FROM numbers WHERE n >= ? ORDER BY n"
	outer, err := tx.QueryContext(ctx, query, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	pairs := ""
	for outer.Next() {
		var n int
		var name, same string
		if err := outer.Scan(&n, &name); err != nil {
			t.Fatal(err)
		}
		// The same text, on the same connection, while the first one's rows are open.
		if err := tx.QueryRowContext(ctx, query, n).Scan(&n, &same); err != nil {
			t.Fatal(err)
		}
		pairs += name + "=" + same + " "
	}
	if outer.Err() != nil || pairs != "one=one two=two three=three " {
		t.Fatalf("%q, %v", pairs, outer.Err())
	}
}

func TestAStatementThatFailedWorksAgain(t *testing.T) {
	db, err := open(writeDSN(filepath.Join(t.TempDir(), "some.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE numbers (n INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO numbers VALUES (?)"
	for i, fine := range []bool{true, false, false, true} {
		if _, err := db.ExecContext(t.Context(), insert, i/3); (err == nil) != fine {
			t.Fatalf("turn %d: %v", i, err)
		}
	}
	// A change of the schema doesn't leave a statement behind that knows the old one.
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE numbers ADD COLUMN name TEXT DEFAULT 'none'"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), insert, 9); err == nil {
		t.Fatal("one value for two columns")
	}
}

func TestMoreStatementsThanAreKeptAllWork(t *testing.T) {
	db, err := open(writeDSN(filepath.Join(t.TempDir(), "some.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for range 2 {
		for i := range preparedMost + 50 {
			var n int
			if err := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d", i)).Scan(&n); err != nil || n != i {
				t.Fatalf("%d: %d, %v", i, n, err)
			}
		}
	}
}

// What River writes may change with its next version, and then it would cost more and nothing would tell.
func TestTheLimitOfTheSearchForJobsIsNoneThatSQLitePlansBy(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	search := riverdriver.JobGetAvailableParams{ClientID: "a", MaxAttemptedBy: 1, MaxToLock: 5, Queue: "default"}
	if _, err := riversqlite.New(s.WriteDB()).GetExecutor().JobGetAvailable(ctx, &search); err != nil {
		t.Fatal(err)
	}
	conn, err := s.WriteDB().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		for query := range c.(*preparing).kept {
			if strings.Contains(query, "JobGetAvailable") && boundLimit.MatchString(query) && !boundLimit.MatchString(withFreeLimit(query)) {
				return nil
			}
		}
		return errors.New("no search for jobs with a LIMIT that is known is kept prepared")
	})
	if err != nil {
		t.Error(err)
	}
}

// BenchmarkABoundLimit runs a statement like the one by which River looks for jobs, which SQLite alone prepares anew each time.
func BenchmarkABoundLimit(b *testing.B) {
	const query = "SELECT n FROM waiting WHERE queue = ?1 AND since <= ?2 AND state = 'ready' ORDER BY since, n LIMIT ?3"
	dsn := writeDSN(filepath.Join(b.TempDir(), "some.db"))
	ours, err := open(dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer ours.Close()
	if _, err := ours.ExecContext(b.Context(), "CREATE TABLE waiting (n INTEGER PRIMARY KEY, queue TEXT, state TEXT, since TEXT)"); err != nil {
		b.Fatal(err)
	}
	alone, err := sql.Open("sqlite", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer alone.Close()
	statement, err := alone.PrepareContext(b.Context(), query)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, find func(...any) (*sql.Rows, error)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				rows, err := find("a", "2026", 5)
				if err != nil || rows.Next() || rows.Close() != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("ours", func(args ...any) (*sql.Rows, error) { return ours.QueryContext(b.Context(), query, args...) })
	run("prepared by SQLite alone", func(args ...any) (*sql.Rows, error) { return statement.QueryContext(b.Context(), args...) })
}
