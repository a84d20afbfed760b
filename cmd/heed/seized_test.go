package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/heed-line/heed/internal/keystore"
)

// TestASeizedPortalOpensNothingAtRest takes all that the portal's process has (its keystore, its environment and command line,
// the rows that its role may read, the blobs) and grants the thief all the rest of the database too.
func TestASeizedPortalOpensNothingAtRest(t *testing.T) {
	s := startSplit(t)
	c := &canaries{words: map[string]string{}}
	s.fill(t, c)
	sealed := s.allSealed(t)
	s.seize(t, seized{s.portal, "portal", s.front}, c, sealed)
	drill(t, keysIn(t, filepath.Join(s.office, "keys")), sealed)
}

// seized is a process of a split line, and what else whoever takes its machine away has: its role's password, its folder.
type seized struct {
	*killed
	role, host string
}

// seize tries all that the process has on everything sealed, and looks for what reporters said in it.
func (s *splitLine) seize(t *testing.T, p seized, c *canaries, sealed []sealedText) {
	t.Helper()
	held := s.heldBy(t, p)
	var everything []byte
	for _, secret := range held {
		everything = append(everything, secret...)
	}
	c.searchBytes(t, "what the "+p.role+"'s process holds", everything)
	c.search(t, "on the "+p.role+"'s host", p.host, p.host+".log", p.host+".tmp", s.blobs)
	for what, by := range tryAll(held, sealed) {
		t.Errorf("%s is opened by %s", what, by.with)
	}
}

// drill gives the same openers the worker's keystore, and what that opens: all must open but what only a Custodian and the
// reporter can.
func drill(t *testing.T, held map[string][]byte, sealed []sealedText) {
	t.Helper()
	opened := yields(held, sealed)
	for _, text := range sealed {
		_, open := opened[text.what]
		if want := text.what != "identity" && text.what != "mailbox key" && text.what != "file key by day_key"; open != want {
			t.Errorf("with the worker's keystore, %s opens: %v", text.what, open)
		}
	}
}

// fill brings in a report with an identity and files, has it screened, asked about and answered.
func (s *splitLine) fill(t *testing.T, c *canaries) {
	t.Helper()
	s.addStaff("dana", "custodian")
	amira := colleague{s.testLine, t, s.addStaff("amira", "specialist")}
	a := s.ask("POST", s.public+"/api/v1/reports", map[string]any{
		"text": told + " " + c.at("the text"), "place": c.at("the place"),
		"identity": map[string]string{"name": c.at("the name"), "phone": "+44 20 7946 0123", "email": c.at("the e-mail") + "@example.org"},
	})
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var accepted struct{ Receipt string }
	a.into(t, &accepted)
	id := s.onlyReport(t, amira.token)
	amira.awaits(id, "queued")
	s.questionAndAnswer(t, amira, id, accepted.Receipt)
	body, contentType := form(t, map[string]string{"text": c.at("a message")}, namedFile{c.at("a file's name") + ".png", append(picture(100_000), c.at("a file")...)})
	if a := s.ask("POST", s.public+"/api/v1/messages", bytes.NewReader(body), "Authorization", "Receipt "+accepted.Receipt, "Content-Type", contentType); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	amira.awaits(id, "queued")
	c.words[accepted.Receipt] = "the receipt"
}

// heldBy gathers every secret, and everything that could be one: the values in its keystore, its environment and arguments, each value
// of each row that its role can read, and the files of its folder.
func (s *splitLine) heldBy(t *testing.T, p seized) map[string][]byte {
	t.Helper()
	held := keysIn(t, filepath.Join(p.host, "keys"))
	for i, v := range append(p.command.Env, p.command.Args...) {
		held[fmt.Sprint("environment or argument ", i)] = []byte(v)
	}
	// The process has closed this to others of its user; a thief who is the machine's administrator reads it all the same.
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.command.Process.Pid)); err == nil {
		held["/proc/environ"] = text
	}
	conn := connectTo(t, s.url(p.role))
	for _, table := range s.tables(t) {
		maps.Copy(held, readable(t, conn, table))
	}
	maps.Copy(held, filesIn(t, p.host))
	if len(held) < 10 {
		t.Fatalf("only %d things are held", len(held))
	}
	return held
}

// filesIn are the first bytes of every file in a folder: a sound says no more by its thousandth number than by the first ones.
func filesIn(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	const some = 256
	all := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a prompt that was just spoken got its name
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		all["file "+path] = content[:min(len(content), some)]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func keysIn(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	dir, err := keystore.OpenDirectory(folder)
	if err != nil {
		t.Fatal(err)
	}
	names, err := dir.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	held := map[string][]byte{}
	for _, name := range names {
		if held["key "+name], err = dir.Get(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	return held
}

func (s *splitLine) tables(t *testing.T) []string {
	t.Helper()
	found, err := connectTo(t, s.url("")).Query(t.Context(), "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil || len(tables) < 20 {
		t.Fatalf("%v, %v", tables, err)
	}
	return tables
}

// readable reads column by column what a role may read of a table.
func readable(t *testing.T, conn *pgx.Conn, table string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	found, err := conn.Query(t.Context(), "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped", table)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range columns {
		name := pgx.Identifier{column}.Sanitize()
		found, err := conn.Query(t.Context(), "SELECT "+name+"::TEXT FROM "+pgx.Identifier{table}.Sanitize()+" WHERE "+name+" IS NOT NULL")
		var values []string
		if err == nil {
			values, err = pgx.CollectRows(found, pgx.RowTo[string])
		}
		var e *pgconn.PgError
		if errors.As(err, &e) && e.Code == "42501" {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			value := []byte(v)
			if b, err := hex.DecodeString(string(bytes.TrimPrefix(value, []byte(`\x`)))); err == nil && bytes.HasPrefix(value, []byte(`\x`)) {
				value = b
			}
			out[fmt.Sprintf("%s.%s %d", table, column, i)] = value
		}
	}
	for _, closed := range []string{"contents", "report_keys", "identities", "receipts", "messages", "attachments", "reports", "staff", "calls", "queued_calls", "duties"} {
		if table == closed && len(out) > 0 {
			t.Errorf("the role reads %d values of %s", len(out), table)
		}
	}
	return out
}

// allSealed lists every sealed field of the database, as its administrator reads it, and every blob.
func (s *splitLine) allSealed(t *testing.T) []sealedText {
	t.Helper()
	db, err := sql.Open("pgx", s.url(""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return allSealed(t, db, s.blobs)
}

func TestAPortalsConnectionIsRefusedWhatItHasNoBusinessWith(t *testing.T) {
	s := startSplit(t)
	s.submit(map[string]any{"text": goodText})
	conn := connectTo(t, s.url("portal"))
	for _, statement := range []string{
		"SELECT wrapped FROM report_keys", "SELECT content FROM contents", "SELECT sealed FROM identities", "SELECT * FROM full_reports", "SELECT * FROM staff",
		"SELECT * FROM credentials", "SELECT details FROM audit_leaves", "DELETE FROM audit_leaves", "UPDATE audit_leaves SET at = 1", "SELECT args FROM river_job",
		"DELETE FROM river_job", "UPDATE settings SET value = ''", "UPDATE day_keys SET identity = ''", "DELETE FROM reports", "DROP TABLE reports", "CREATE TABLE x (n INT)",
	} {
		_, err := conn.Exec(context.Background(), statement)
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "42501" {
			t.Errorf("%s: %v", statement, err)
		}
	}
	var seen int
	if err := conn.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM reports) + (SELECT count(*) FROM receipts) + (SELECT count(*) FROM messages)").Scan(&seen); err != nil || seen != 0 {
		t.Errorf("it sees %d rows that it can't name: %v", seen, err)
	}
}
