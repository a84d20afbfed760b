package main

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// TestEachTheftYieldsWhatTheThreatModelSays takes each part of a line, tries everything in it as a key on everything sealed, and so on
// with what that opens. Each thing is tried by itself, so what the database's rows don't open they don't open beside others either. The
// table stands in docs/threat-model.md.
func TestEachTheftYieldsWhatTheThreatModelSays(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		m := startMixed(t, store)
		sealed := append(allSealed(t, m.db, filepath.Join(m.data, "blobs")), m.reasons(t)...)
		database, keys := m.allValues(t, store), keysIn(t, filepath.Join(m.data, "keys"))
		blobs := map[string][]byte{}
		for i, s := range sealed {
			if s.what == "file" {
				blobs[fmt.Sprint("blob ", i)] = s.content
			}
		}
		pepper := keys["key pepper"]
		_, key := m.custodianKey(t)
		custodian := map[string][]byte{"custodian's key": key.Bytes()}
		receipt := map[string][]byte{"receipt's key": m.receiptKey(t, pepper)}
		together := func(parts ...map[string][]byte) map[string][]byte {
			all := map[string][]byte{}
			for _, part := range parts {
				maps.Copy(all, part)
			}
			return all
		}
		report := []string{"report keys", "content", "screening", "message", "file name", "reason", "file key by transit_key", "file"}
		identities := []string{"day seed", "identity", "file key by day_key"}
		for _, theft := range []struct {
			what     string
			held     map[string][]byte
			keystore bool // the seeds wrapped in it lie there to be opened too
			opens    []string
		}{
			{"database and blobs, alone or together", together(database, blobs), false, nil},
			{"keystore, database and blobs", keys, true, report},
			{"these and a custodian's passphrase", together(keys, custodian), true, slices.Concat(report, identities)},
			{"a custodian's passphrase, database and blobs", custodian, false, nil},
			{"a receipt, pepper, database and blobs", receipt, false, []string{"mailbox key", "message", "file name"}},
		} {
			lying := sealed
			if theft.keystore {
				lying = slices.Concat(sealed, m.wrappedSeeds(t))
			}
			opened := yields(theft.held, lying)
			for _, text := range lying {
				by, open := opened[text.what]
				if want := slices.Contains(theft.opens, text.what); open != want {
					t.Errorf("%s: %s opens: %v %s", theft.what, text.what, open, by.with)
				}
			}
		}
	})
}

// The keystore has no ciphertext of a report; what is wrapped inside it, none of its own keys opens.
func TestAKeystoreAloneOpensNothing(t *testing.T) {
	m := startMixed(t, nil)
	seeds := m.wrappedSeeds(t)
	if opened := yields(keysIn(t, filepath.Join(m.data, "keys")), seeds); len(opened) > 0 {
		t.Errorf("it opens %v", opened)
	}
	_, key := m.custodianKey(t)
	if opened := yields(map[string][]byte{"custodian": key.Bytes()}, seeds); len(opened) != 1 {
		t.Error("the drill opens no seed with the Custodian's key either")
	}
	for name, value := range keysIn(t, filepath.Join(m.data, "keys")) {
		for _, of := range m.twins {
			if bytes.Contains(value, []byte(of.name)) || bytes.Contains(value, []byte(of.id)) {
				t.Errorf("%s tells of a report", name)
			}
		}
	}
}

func TestAReceiptShowsItsConversationAndNothingElse(t *testing.T) {
	m := startMixed(t, nil)
	of, other := m.twins[0], m.twins[1]
	a := m.ask("GET", m.public+"/api/v1/status", nil, "Authorization", "Receipt "+of.receipt)
	for _, shown := range []string{"a question about " + of.name, "an answer of " + of.name} {
		if !bytes.Contains(a.body, []byte(shown)) {
			t.Errorf("it doesn't show %q: %s", shown, a.body)
		}
	}
	for _, hidden := range []string{other.name, "electricity cabinet", "the place of", "@example.org", "a reason for", "the file of"} {
		if bytes.Contains(a.body, []byte(hidden)) {
			t.Errorf("it shows %q: %s", hidden, a.body)
		}
	}
}

// yields is what sorts of sealed text can be opened with what is held, and with what that opens, and so on.
func yields(held map[string][]byte, sealed []sealedText) map[string]found {
	opened, done := map[string]found{}, make([]bool, len(sealed))
	for len(held) > 0 {
		next := map[string][]byte{}
		tryEach(held, sealed, func(i int, by found) {
			if opened[sealed[i].what] = by; !done[i] {
				done[i], next[fmt.Sprint(sealed[i].what, " ", i)] = true, by.text
			}
		})
		held = next
	}
	return opened
}

// reasons are the sealed free texts of decisions.
func (m *mixed) reasons(t *testing.T) (all []sealedText) {
	t.Helper()
	for _, of := range m.twins {
		var id heed.ID
		var sealed []byte
		if err := m.db.QueryRow("SELECT id, sealed_reason FROM dispositions WHERE report = '"+string(of.id)+"'").Scan(&id, &sealed); err != nil {
			t.Fatal(err)
		}
		take := underKey("reason", func(r sealedRow) seal.Binding { return seal.ReasonPlace(m.beside.id, r.Report, r.ID) })
		all = append(all, take(sealedRow{Report: of.id, ID: id, Sealed: sealed}))
	}
	return all
}

// wrappedSeeds are the seeds of the days' identity keys, as the keystore holds them.
func (m *mixed) wrappedSeeds(t *testing.T) (all []sealedText) {
	t.Helper()
	for name, wrapped := range keysIn(t, filepath.Join(m.data, "keys")) {
		day, identity, found := strings.Cut(strings.TrimPrefix(name, "key day/"), "/identity.")
		if !found {
			continue
		}
		custodian := heed.ID(identity[strings.LastIndexByte(identity, '.')+1:])
		take := underHPKE("day seed", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			seed, err := seal.UnwrapDaySeed(k, m.beside.id, r.Day, r.ID, r.Sealed)
			if err != nil {
				return nil, err
			}
			return seed.Bytes(), nil
		})
		all = append(all, take(sealedRow{Day: day, ID: custodian, Sealed: wrapped}))
	}
	if len(all) == 0 {
		t.Fatal("the keystore holds no seed")
	}
	return all
}

func (m *mixed) receiptKey(t *testing.T, pepper []byte) []byte {
	t.Helper()
	keys, err := seal.NewDeriver(pepper, m.beside.salt, 1, 0).Derive(t.Context(), seal.Receipt(m.twins[0].receipt))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(keys.Lookup, m.twins[0].lookup) {
		t.Fatal("the receipt has another lookup")
	}
	return keys.Key[:]
}

// allValues are all values of all rows of the database.
func (m *mixed) allValues(t *testing.T, store []string) map[string][]byte {
	t.Helper()
	names := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if len(store) > 0 {
		names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
	}
	values := map[string][]byte{}
	for _, table := range m.query(t, names) {
		for i, row := range m.query(t, "SELECT * FROM "+string(table[0])) {
			for j, value := range row {
				if len(value) >= 32 {
					values[fmt.Sprintf("%s, row %d, column %d", table[0], i, j)] = value
				}
			}
		}
	}
	if len(values) < 50 {
		t.Fatalf("only %d values are long enough to be a key", len(values))
	}
	return values
}

// query reads rows as bytes.
func (m *mixed) query(t *testing.T, text string) (all [][][]byte) {
	t.Helper()
	rows, err := m.db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var values [][]byte
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				values = append(values, bytes.Clone(b))
			} else {
				values = append(values, fmt.Append(nil, v))
			}
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
