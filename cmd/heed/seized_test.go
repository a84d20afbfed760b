package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// sealedText is one sealed field of the whole database or blob store, whose bytes a thief is granted, and how each sort of key
// would open it.
type sealedText struct {
	what    string
	byKey   func(seal.Key) ([]byte, error)
	byHPKE  func(*seal.PrivateKey) ([]byte, error)
	content []byte
}

// TestASeizedPortalOpensNothingAtRest takes all that the portal's process has (its keystore, its environment and command line,
// the rows that its role may read, the blobs) and grants the thief all the rest of the database too.
func TestASeizedPortalOpensNothingAtRest(t *testing.T) {
	s := startSplit(t)
	c := &canaries{words: map[string]string{}}
	s.fill(t, c)
	sealed := s.allSealed(t)

	held := s.heldByThePortal(t)
	var everything []byte
	for _, secret := range held {
		everything = append(everything, secret...)
	}
	c.searchBytes(t, "what the portal's process holds", everything)
	c.search(t, "on the portal's host", s.front, s.blobs)
	for what, by := range tryAll(held, sealed) {
		t.Errorf("%s is opened by %s", what, by.with)
	}
	drill(t, keysIn(t, filepath.Join(s.office, "keys")), sealed)
}

// drill gives the same openers the worker's keystore, and what that opens: all must open but what only a Custodian and the
// reporter can.
func drill(t *testing.T, held map[string][]byte, sealed []sealedText) {
	t.Helper()
	opened := map[string]found{}
	for range 2 {
		for what, by := range tryAll(held, sealed) {
			opened[what], held[what] = by, by.text
		}
	}
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

// heldByThePortal gathers every secret, and everything that could be one: the values in its keystore, its environment and
// arguments, and each value of each row that its role can read.
func (s *splitLine) heldByThePortal(t *testing.T) map[string][]byte {
	t.Helper()
	held := keysIn(t, filepath.Join(s.front, "keys"))
	for i, v := range append(s.portal.command.Env, s.portal.command.Args...) {
		held[fmt.Sprint("environment or argument ", i)] = []byte(v)
	}
	// The process has closed this to others of its user; a thief who is the machine's administrator reads it all the same.
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.portal.command.Process.Pid)); err == nil {
		held["/proc/environ"] = text
	}
	conn := connectTo(t, s.url("portal"))
	for _, table := range s.tables(t) {
		for name, value := range readable(t, conn, table) {
			held[name] = value
		}
	}
	if len(held) < 10 {
		t.Fatalf("only %d things are held", len(held))
	}
	return held
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
	for _, closed := range []string{"contents", "report_keys", "identities", "receipts", "messages", "attachments", "reports", "staff"} {
		if table == closed && len(out) > 0 {
			t.Errorf("the portal's role reads %d values of %s", len(out), table)
		}
	}
	return out
}

// allSealed lists every sealed field of the database, as its administrator reads it, and every blob.
func (s *splitLine) allSealed(t *testing.T) []sealedText {
	t.Helper()
	conn := connectTo(t, s.url(""))
	var line string
	if err := conn.QueryRow(t.Context(), "SELECT convert_from(value, 'UTF8') FROM settings WHERE name = $1", settingLine).Scan(&line); err != nil {
		t.Fatal(err)
	}
	var all []sealedText
	each := func(query string, take func(sealedRow) sealedText) {
		t.Helper()
		found, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[sealedRow])
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %d rows, %v", query, len(rows), err)
		}
		for _, row := range rows {
			all = append(all, take(row))
		}
	}
	each("SELECT r.id, '', '', c.content FROM contents c JOIN reports r ON r.num = c.report", underKey("content", func(r sealedRow) seal.Binding { return seal.ContentPlace(line, r.Report) }))
	each("SELECT report, '', '', sealed FROM screenings", underKey("screening", func(r sealedRow) seal.Binding { return seal.ScreeningPlace(line, r.Report) }))
	each("SELECT report, '', '', sealed_mailbox_key FROM receipts", underKey("mailbox key", func(r sealedRow) seal.Binding { return seal.ReceiptPlace(line, r.Report) }))
	each("SELECT report, id, '', sealed FROM messages", underKey("message", func(r sealedRow) seal.Binding { return seal.MessagePlace(line, r.Report, r.ID) }))
	each("SELECT report, id, '', sealed_name FROM attachments", underKey("file name", func(r sealedRow) seal.Binding { return seal.FileNamePlace(line, r.Report, r.ID) }))
	each("SELECT report, '', '', wrapped FROM report_keys", underHPKE("report keys", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
		keys, err := seal.UnwrapReportKeys(k, line, r.Report, r.Sealed)
		return append(keys.Data[:], keys.Mailbox[:]...), err
	}))
	each("SELECT report, '', day, sealed FROM identities", underHPKE("identity", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
		who, err := seal.OpenIdentity(k, line, r.Report, r.Day, r.Sealed)
		return []byte(who.Name), err
	}))
	for column, holder := range map[string]seal.FileKeyHolder{"transit_key": seal.ByTransit, "day_key": seal.ByIdentity} {
		each("SELECT report, blob_key, day, "+column+" FROM attachments", underHPKE("file key by "+column, func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			key, err := seal.UnwrapFileKey(k, line, r.Day, holder, string(r.ID), r.Sealed)
			return key[:], err
		}))
	}
	return append(all, s.allBlobs(t, line)...)
}

// sealedRow is one sealed field with what it is bound to; ID is a message's, an attachment's or a blob's.
type sealedRow struct {
	Report, ID heed.ID
	Day        string
	Sealed     []byte
}

func underKey(what string, place func(sealedRow) seal.Binding) func(sealedRow) sealedText {
	return func(r sealedRow) sealedText {
		return sealedText{what: what, content: r.Sealed, byKey: func(k seal.Key) ([]byte, error) { return k.Open(place(r), r.Sealed) }}
	}
}

func underHPKE(what string, open func(*seal.PrivateKey, sealedRow) ([]byte, error)) func(sealedRow) sealedText {
	return func(r sealedRow) sealedText {
		return sealedText{what: what, content: r.Sealed, byHPKE: func(k *seal.PrivateKey) ([]byte, error) { return open(k, r) }}
	}
}

func (s *splitLine) allBlobs(t *testing.T, line string) []sealedText {
	t.Helper()
	var all []sealedText
	err := filepath.WalkDir(s.blobs, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil || len(content) < 100 {
			return err
		}
		all = append(all, sealedText{what: "file", content: content, byKey: func(k seal.Key) ([]byte, error) {
			r, err := seal.NewFrameReader(bytes.NewReader(content), k, seal.FilePlace(line))
			if err != nil {
				return nil, err
			}
			return io.ReadAll(r)
		}})
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d blobs, %v", len(all), err)
	}
	return all
}

// found is what was opened, and with what.
type found struct {
	with string
	text []byte
}

// tryAll tries everything held, and each 32 bytes of it, as a key of each sort on each sealed text, and answers what opened.
func tryAll(held map[string][]byte, sealed []sealedText) map[string]found {
	opened := map[string]found{}
	for name, secret := range held {
		for at := 0; at+32 <= len(secret) && at < 4096; at += 32 {
			symmetric, err := seal.ParseKey(secret[at : at+32])
			if err != nil {
				continue
			}
			private, err := seal.ParsePrivateKey(secret[at : at+32])
			if err != nil {
				continue
			}
			for _, text := range sealed {
				if by, ok := text.open(symmetric, private); ok {
					opened[text.what] = found{fmt.Sprintf("%s, from byte %d", name, at), by}
				}
			}
		}
	}
	return opened
}

// open tries the openers that the text could be opened by, and that of a form's token, which nothing stored is.
func (s sealedText) open(symmetric seal.Key, private *seal.PrivateKey) ([]byte, bool) {
	if s.byKey != nil {
		if text, err := s.byKey(symmetric); err == nil {
			return text, true
		}
	}
	if s.byHPKE != nil {
		if text, err := s.byHPKE(private); err == nil {
			return text, true
		}
	}
	var into any
	return nil, seal.NewDraftKey(symmetric).Open("report", string(s.content), time.Now(), &into) == nil
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
