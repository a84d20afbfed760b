package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/seal"
)

// twin is one of two reports that a thief with write access mixes up. Whatever belongs to it holds its name.
type twin struct {
	name, receipt string
	id            heed.ID
	file          string // an attachment's id
	lookup        []byte
}

// mixed is a line with two such reports, and a hand in its database and its blobs.
type mixed struct {
	*testLine
	beside  *line
	db      *sql.DB
	mark    string                        // of a statement's parameter
	literal func([]byte) string           // of bytes in a statement
	days    map[string][]*seal.PrivateKey // the identity keys that were opened
	twins   [2]twin
	browser *visitor
	token   string
}

// exchange swaps one sealed thing of the first report for the second's; readers are those of its readings that must fail for both.
type exchange struct {
	what    string
	swap    func(t *testing.T)
	readers []string
}

func TestNothingSealedIsReadInTheOthersPlace(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		m := startMixed(t, store)
		m.readsRight(t, "before any exchange")
		for _, x := range m.exchanges() {
			x.swap(t)
			for i, of := range m.twins {
				other := m.twins[1-i]
				for reader, read := range m.readings(of) {
					text, err := read(t)
					if bytes.Contains(text, []byte(other.name)) {
						t.Errorf("%s exchanged: %s shows of %s what is %s's: %s", x.what, reader, of.name, other.name, text)
					}
					if fails := slices.Contains(x.readers, reader); fails != (err != nil) {
						t.Errorf("%s exchanged: %s of %s: error %v", x.what, reader, of.name, err)
					}
				}
			}
			x.swap(t)
		}
		m.readsRight(t, "after all were exchanged back")
		m.wrapAsBefore(t)
		m.readsRight(t, "with files from before their keys named a report")
	})
}

func startMixed(t *testing.T, store []string) *mixed {
	t.Helper()
	m := &mixed{testLine: startLine(t, store...), days: map[string][]*seal.PrivateKey{}}
	m.addStaff("dana", "custodian")
	m.token = m.addStaff("amira", "specialist,lead")
	m.browser = m.signIn(t, "amira")
	flags := lineFlags{Data: m.data}
	var err error
	if len(store) == 0 {
		m.mark, m.literal = "?", func(b []byte) string { return fmt.Sprintf("x'%x'", b) }
		m.db, err = sql.Open("sqlite", filepath.Join(m.data, "heed.db")+"?_txlock=immediate&_pragma=busy_timeout(20000)")
	} else {
		flags.Store = store[1]
		m.mark, m.literal = "$1", func(b []byte) string { return fmt.Sprintf("'\\x%x'", b) }
		m.db, err = sql.Open("pgx", store[1])
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.db.Close() })
	if m.beside, err = openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), flags); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.beside.close)
	m.twins[0] = m.tell(t, "Aurora", "Grey smoke comes out of the electricity cabinet beside the school gate.")
	m.twins[1] = m.tell(t, "Boreal", "The market stall at the harbour sells fish that smells of ammonia every Friday.")
	return m
}

// tell brings in a report of which everything that can be sealed is there.
func (m *mixed) tell(t *testing.T, name, text string) twin {
	t.Helper()
	before := m.reportIDs(t)
	of := twin{name: name, receipt: m.submit(map[string]any{
		"text": text + " " + name, "place": "the place of " + name, "identity": map[string]string{"name": name, "email": name + "@example.org"},
	})}
	eventually(t, time.Minute, "the report screened", func() bool {
		for _, r := range m.reports(t, m.token, "?state=queued") {
			if !slices.Contains(before, r.ID) {
				of.id = heed.ID(r.ID)
			}
		}
		return of.id != ""
	})
	act := func(path string, v any) {
		t.Helper()
		if a := m.ask("POST", m.desk+"/api/v1/reports/"+string(of.id)+path, v, "Authorization", "Bearer "+m.token); a.status >= 300 {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
	}
	act("/claim", nil)
	act("/messages", map[string]string{"text": "a question about " + name})
	body, contentType := form(t, map[string]string{"text": "an answer of " + name}, namedFile{name + ".msg", mediatest.Outlook(strings.Repeat("the file of "+name+"\n", 20))})
	if a := m.ask("POST", m.public+"/api/v1/messages", bytes.NewReader(body), "Authorization", "Receipt "+of.receipt, "Content-Type", contentType); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if err := m.db.QueryRow("SELECT id FROM attachments WHERE report = '" + string(of.id) + "'").Scan(&of.file); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "the report in quarantine for its file", func() bool { // of which no copy can be made, so that it stays as it was sent
		return slices.ContainsFunc(m.reports(t, m.token, "?state=quarantine"), func(r staffReport) bool { return r.ID == string(of.id) })
	})
	act("/claim", nil)
	act("/disposition", map[string]string{"kind": "hold", "reason": "a reason for " + name})
	if err := m.db.QueryRow("SELECT lookup FROM receipts WHERE report = '" + string(of.id) + "'").Scan(&of.lookup); err != nil {
		t.Fatal(err)
	}
	return of
}

func (m *mixed) reportIDs(t *testing.T) (ids []string) {
	t.Helper()
	for _, r := range m.reports(t, m.token, "") {
		ids = append(ids, r.ID)
	}
	return ids
}

// The ways in which something of a report is read.
const (
	atDesk      = "the desk"
	inMailbox   = "the mailbox"
	inFile      = "the file by its day's key of transit"
	inFileByDay = "the file by its day's key"
	inIdentity  = "the identity"
)

// errRefused is an answer that shows nothing.
var errRefused = errors.New("refused")

// readings are all the ways in which something of a report is read.
func (m *mixed) readings(of twin) map[string]func(*testing.T) ([]byte, error) {
	shown := func(status int, body []byte) ([]byte, error) {
		if status != http.StatusOK {
			return body, errRefused
		}
		return body, nil
	}
	return map[string]func(*testing.T) ([]byte, error){
		atDesk: func(t *testing.T) ([]byte, error) {
			a := m.ask("GET", m.desk+"/api/v1/reports/"+string(of.id), nil, "Authorization", "Bearer "+m.token)
			return shown(a.status, a.body)
		},
		inMailbox: func(t *testing.T) ([]byte, error) {
			a := m.ask("GET", m.public+"/api/v1/status", nil, "Authorization", "Receipt "+of.receipt)
			return shown(a.status, a.body)
		},
		inFile: func(t *testing.T) ([]byte, error) {
			r, err := m.beside.asItCame(t.Context(), heed.ID(of.file))
			if err != nil {
				return nil, err
			}
			return io.ReadAll(r)
		},
		inIdentity:  func(t *testing.T) ([]byte, error) { return m.identity(t, of) },
		inFileByDay: func(t *testing.T) ([]byte, error) { return m.fileByDay(t, of) },
	}
}

// custodianKey is what the Custodian's passphrase opens, with their id.
func (m *mixed) custodianKey(t *testing.T) (id heed.ID, key *seal.PrivateKey) {
	t.Helper()
	var public, private []byte
	if err := m.db.QueryRow("SELECT id, custodian_public, custodian_private FROM staff WHERE name = 'dana'").Scan(&id, &public, &private); err != nil {
		t.Fatal(err)
	}
	key, err := seal.OpenCustodianKey(public, private, testPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	return id, key
}

// dayKeys opens the identity keys of a day as its Custodian does, once. Two processes may have made one each before anything was sealed to it:
// what is sealed is opened by whichever it was sealed to.
func (m *mixed) dayKeys(t *testing.T, day string) []*seal.PrivateKey {
	t.Helper()
	if m.days[day] != nil {
		return m.days[day]
	}
	custodian, key := m.custodianKey(t)
	for name, wrapped := range keysIn(t, filepath.Join(m.data, "keys")) {
		if !strings.HasPrefix(name, "key day/"+day+"/identity.") {
			continue
		}
		opened, err := seal.UnwrapDaySeed(key, m.beside.id, day, custodian, wrapped)
		if err != nil {
			t.Fatal(err)
		}
		m.days[day] = append(m.days[day], opened)
	}
	if m.days[day] == nil {
		t.Fatalf("no identity key of %s", day)
	}
	return m.days[day]
}

// openedByDay opens what is sealed to one of a day's identity keys.
func openedByDay[T any](m *mixed, t *testing.T, day string, open func(*seal.PrivateKey) (T, error)) (opened T, err error) {
	t.Helper()
	for _, key := range m.dayKeys(t, day) {
		if opened, err = open(key); err == nil {
			break
		}
	}
	return opened, err
}

func (m *mixed) identity(t *testing.T, of twin) ([]byte, error) {
	t.Helper()
	var day string
	var sealed []byte
	if err := m.db.QueryRow("SELECT day, sealed FROM identities WHERE report = '"+string(of.id)+"'").Scan(&day, &sealed); err != nil {
		t.Fatal(err)
	}
	who, err := openedByDay(m, t, day, func(key *seal.PrivateKey) (heed.Identity, error) {
		return seal.OpenIdentity(key, m.beside.id, of.id, day, sealed)
	})
	return fmt.Append(nil, who), err
}

// attachment is the row of a report's file, and the key of its frames as a Custodian opens it.
func (m *mixed) attachment(t *testing.T, of twin) (*heed.Attachment, seal.Key, error) {
	t.Helper()
	a := &heed.Attachment{ID: heed.ID(of.file), Report: of.id}
	if err := m.db.QueryRow("SELECT day, blob_key, day_key FROM attachments WHERE id = '"+of.file+"'").Scan(&a.Day, &a.Blob, &a.DayKey); err != nil {
		t.Fatal(err)
	}
	key, err := openedByDay(m, t, a.Day, func(key *seal.PrivateKey) (seal.Key, error) {
		return seal.UnwrapFileKey(key, m.beside.id, a, seal.ByIdentity, a.DayKey)
	})
	return a, key, err
}

func (m *mixed) fileByDay(t *testing.T, of twin) ([]byte, error) {
	t.Helper()
	a, key, err := m.attachment(t, of)
	if err != nil {
		return nil, err
	}
	content, err := m.beside.blobs.Open(t.Context(), a.Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	plain, err := seal.NewFrameReader(content, key, seal.FilePlace(m.beside.id))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

// wrapAsBefore wraps the keys of both files as they were wrapped when their places named no report.
func (m *mixed) wrapAsBefore(t *testing.T) {
	t.Helper()
	for _, of := range m.twins {
		a, key, err := m.attachment(t, of)
		if err != nil {
			t.Fatal(err)
		}
		for holder, column := range map[string]string{"transit": "transit_key", "identity": "day_key"} {
			var public []byte
			if err := m.db.QueryRow("SELECT " + holder + " FROM day_keys WHERE day = '" + a.Day + "'").Scan(&public); err != nil {
				t.Fatal(err)
			}
			to, err := seal.ParsePublicKey(public)
			if err != nil {
				t.Fatal(err)
			}
			wrapped, err := to.Wrap(seal.Binding{Line: m.beside.id, Field: "file-key/" + holder + "/" + a.Day + "/" + a.Blob, Version: 1}, key[:])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.db.Exec("UPDATE attachments SET "+column+" = "+m.mark+" WHERE id = '"+of.file+"'", wrapped); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// readsRight fails unless every reading of both reports shows its own.
func (m *mixed) readsRight(t *testing.T, when string) {
	t.Helper()
	for _, of := range m.twins {
		for reader, read := range m.readings(of) {
			if text, err := read(t); err != nil || !bytes.Contains(text, []byte(of.name)) {
				t.Fatalf("%s: %s of %s: %s, %v", when, reader, of.name, text, err)
			}
		}
	}
}

// exchanges are all that is sealed of a report, and some things together.
func (m *mixed) exchanges() []exchange {
	of := func(where string) func(twin) string {
		return func(r twin) string { return fmt.Sprintf(where, r.id) }
	}
	ofReport := of("report = '%s'")
	ofReceipt := func(r twin) string { return "lookup = " + m.literal(r.lookup) }
	content := m.columns("contents", "content", of("report = (SELECT num FROM reports WHERE id = '%s')"))
	keys := m.columns("report_keys", "wrapped", ofReport)
	mailboxKey, pointer := m.columns("receipts", "sealed_mailbox_key", ofReceipt), m.columns("receipts", "report", ofReceipt)
	note := m.columns("audit_notes", "note", of("seq = (SELECT min(seq) FROM audit_notes WHERE report = '%s' AND note IS NOT NULL)"))
	attachment := func(column string) func(*testing.T) { return m.columns("attachments", column, ofReport) }
	both := func(one, two func(*testing.T)) func(*testing.T) {
		return func(t *testing.T) {
			one(t)
			two(t)
		}
	}
	whole := both(both(attachment("blob_key"), attachment("day")), both(attachment("transit_key"), attachment("day_key")))
	return []exchange{
		{"content", content, []string{atDesk}},
		{"wrapped keys", keys, []string{atDesk}},
		{"content and wrapped keys", both(content, keys), []string{atDesk}},
		{"screening", m.columns("screenings", "sealed", ofReport), []string{atDesk}},
		{"question", m.columns("messages", "sealed", of("report = '%s' AND kind = 'question'")), []string{atDesk, inMailbox}},
		{"answer", m.columns("messages", "sealed", of("report = '%s' AND kind = 'answer'")), []string{atDesk, inMailbox}},
		{"reason", m.columns("dispositions", "sealed_reason", ofReport), []string{atDesk}},
		{"note of a leaf", note, []string{atDesk}},
		{"mailbox key", mailboxKey, []string{inMailbox}},
		{"report of a lookup", pointer, []string{inMailbox}},
		{"report of a lookup and mailbox key", both(mailboxKey, pointer), []string{inMailbox}},
		{"file name", attachment("sealed_name"), []string{atDesk}},
		{"file key under the transit key", attachment("transit_key"), []string{inFile}},
		{"file key under the identity key", attachment("day_key"), []string{inFileByDay}},
		{"blob's name", attachment("blob_key"), []string{inFile, inFileByDay}},
		{"blob", m.blobs, []string{inFile, inFileByDay}},
		{"bytes, day and keys of a file", whole, []string{inFile, inFileByDay}},
		{"identity", m.columns("identities", "sealed", ofReport), []string{inIdentity}},
	}
}

// columns exchanges a column of the row that where finds for the one report and for the other.
func (m *mixed) columns(table, column string, where func(twin) string) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		tx, err := m.db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }() // after the commit it does nothing
		var old [2]any
		for i, of := range m.twins {
			if err := tx.QueryRow("SELECT " + column + " FROM " + table + " WHERE " + where(of)).Scan(&old[i]); err != nil || old[i] == nil {
				t.Fatalf("%s of %s: %v", column, table, err)
			}
		}
		for i, of := range m.twins {
			done, err := tx.Exec("UPDATE "+table+" SET "+column+" = "+m.mark+" WHERE "+where(of), old[1-i])
			if err != nil {
				t.Fatal(err)
			}
			if n, err := done.RowsAffected(); err != nil || n != 1 {
				t.Fatalf("%d rows of %s are changed: %v", n, table, err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// blobs exchanges the two files' sealed bytes on disk.
func (m *mixed) blobs(t *testing.T) {
	t.Helper()
	var paths [2]string
	for i, of := range m.twins {
		var blob string
		if err := m.db.QueryRow("SELECT blob_key FROM attachments WHERE id = '" + of.file + "'").Scan(&blob); err != nil {
			t.Fatal(err)
		}
		found, err := filepath.Glob(filepath.Join(m.data, "blobs", "*", blob))
		if err != nil || len(found) != 1 {
			t.Fatalf("%d files of the blob: %v", len(found), err)
		}
		paths[i] = found[0]
	}
	for _, move := range [][2]string{{paths[0], paths[0] + ".aside"}, {paths[1], paths[0]}, {paths[0] + ".aside", paths[1]}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			t.Fatal(err)
		}
	}
}
