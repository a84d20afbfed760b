package main

import (
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/seal"
)

// circleOf has dana, eve and bo as Custodians, and somebody who asks.
func (l *testLine) circleOf(t *testing.T) {
	t.Helper()
	for _, name := range []string{"dana", "eve", "bo"} {
		l.addStaff(name, "custodian")
	}
	l.approves(t, "dana", "eve")
	l.approves(t, "eve", "bo")
	l.addStaff("amira", "specialist")
}

// byPassphrase are the flags of an act on the circle in somebody's name.
func byPassphrase(t *testing.T, by string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "passphrase")
	rewrite(t, file, []byte(testPassphrase+"\n"))
	return []string{"--by", by, "--passphrase-file", file}
}

// approves compares the key as the list shows it, and approves.
func (l *testLine) approves(t *testing.T, by, newcomer string) {
	t.Helper()
	for _, line := range strings.Split(l.command("custodian", "list"), "\n") {
		if f := strings.Fields(line); len(f) > 8 && f[0] == newcomer {
			l.command(append([]string{"custodian", "approve", newcomer, "--key", strings.Join(f[len(f)-8:], " ")}, byPassphrase(t, by)...)...)
		}
	}
	l.wantCircle(t, newcomer+" approved")
}

// wantCircle looks whether the list of Custodians says these things, "NAME STATE" each.
func (l *testLine) wantCircle(t *testing.T, want ...string) {
	t.Helper()
	list := strings.Split(l.command("custodian", "list"), "\n")
	for _, w := range want {
		name, state, _ := strings.Cut(w, " ")
		says := func(line string) bool { f := strings.Fields(line); return len(f) > 1 && f[0] == name && f[1] == state }
		if !slices.ContainsFunc(list, says) {
			t.Errorf("%s isn't said of the custodians:\n%s", w, strings.Join(list, "\n"))
		}
	}
}

// givenName is a report of somebody who gave who they are.
type givenName struct{ id, receipt, name string }

// gives sends such a report.
func (l *testLine) gives(t *testing.T, name string) givenName {
	t.Helper()
	token := strings.TrimSpace(l.command("token", "create", "--staff", "amira"))
	id, receipt := l.named(token, map[string]string{"name": name})
	return givenName{id, receipt, name}
}

// shows has amira ask to see who gave the report, and the Custodian approve, and answers whether she saw the name.
func (l *testLine) shows(t *testing.T, g givenName, custodian string) bool {
	t.Helper()
	amira, by := l.signIn(t, "amira"), l.signIn(t, custodian)
	amira.post("/reports/"+g.id+"/disclosures", url.Values{"class": {"danger"}, "reason": {"We must warn them."}})
	asked := ownDisclosure.FindAllString(string(amira.get("/reports/"+g.id)), -1)
	last := asked[len(asked)-1]
	by.post(last+"/decision", url.Values{"go": {"approve"}, "passphrase": {testPassphrase}})
	return strings.Contains(string(amira.post(last+"/see", nil)), g.name)
}

var element = regexp.MustCompile(`<[^>]*>`)

// wantClosed fails the test where an Identity came back with a report whose text does, or asking for it is answered otherwise.
func (l *testLine) wantClosed(t *testing.T, answer int, given ...givenName) {
	t.Helper()
	amira := l.signIn(t, "amira")
	for _, g := range given {
		page := string(amira.get("/reports/" + g.id))
		// What a machine marked in the text stands in elements of its own.
		if read := element.ReplaceAllString(page, ""); !strings.Contains(read, "Grey smoke") || strings.Contains(page, g.name) {
			t.Errorf("the report reads %s", read)
		}
		if status := amira.status("/reports/"+g.id+"/disclosures", url.Values{"class": {"danger"}, "reason": {"We must warn them."}}); status != answer {
			t.Errorf("asking for what is gone is answered with %d", status)
		}
		if l.stage(g.receipt) == "" {
			t.Error("the Receipt opens nothing")
		}
	}
	var figures struct {
		Held int `json:"identities_held"`
	}
	l.ask("GET", l.public+"/api/v1/transparency", nil).into(t, &figures)
	if figures.Held != 0 {
		t.Errorf("%d identities are held", figures.Held)
	}
}

// status is what a form is answered with, whatever that is.
func (v *visitor) status(path string, fields url.Values) int {
	v.t.Helper()
	response, err := v.http.PostForm(v.base+path, fields)
	if err != nil {
		v.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// circleRecord is what the store says of who became a Custodian and who ceased to be one.
type circleRecord struct {
	Approvals []*heed.CustodianApproval
	Leaves    []*heed.AuditLeaf
}

func (l *testLine) circleRecord(t *testing.T) (c circleRecord) {
	t.Helper()
	err := l.beside().store.View(t.Context(), func(tx heed.Tx) (err error) {
		if c.Approvals, err = tx.CustodianApprovals(t.Context()); err != nil {
			return err
		}
		c.Leaves, err = tx.FindLeaves(t.Context(), heed.AuditQuery{Acts: []string{identity.ActCustodianApproved, identity.ActCustodianRemoved}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// custodianKey is what the account's passphrase opens, with its id.
func (l *testLine) custodianKey(t *testing.T, name string) (id heed.ID, key *seal.PrivateKey) {
	t.Helper()
	err := l.beside().store.View(t.Context(), func(tx heed.Tx) error {
		a, err := tx.StaffByName(t.Context(), name)
		if err != nil {
			return err
		}
		id = a.ID
		key, err = seal.OpenCustodianKey(a.CustodianPublic, a.CustodianPrivate, testPassphrase)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, key
}

// opensSeeds counts the days' seeds in the folder that the key opens, whomever they were wrapped to.
func (l *testLine) opensSeeds(t *testing.T, folder string, id heed.ID, key *seal.PrivateKey) (n int) {
	t.Helper()
	line := l.beside().id
	for name, wrapped := range keysIn(t, folder) {
		day, found := strings.CutPrefix(name, "key day/")
		if !found || !strings.Contains(name, "/identity.") {
			continue
		}
		if _, err := seal.UnwrapDaySeed(key, line, day[:len(time.DateOnly)], id, wrapped); err == nil {
			n++
		}
	}
	return n
}

// wantSound fails the test where the doctor or the audit finds fault.
func (l *testLine) wantSound(t *testing.T) {
	t.Helper()
	if out, errs, code := l.try("doctor"); code != exitDone {
		t.Errorf("the doctor ends with %d: %s%s", code, out, errs)
	}
	if out, errs, code := l.try("audit", "verify"); code != exitDone {
		t.Errorf("the audit's verifier ends with %d: %s%s", code, out, errs)
	}
}

func TestWhoIsACustodianAfterARestore(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		r := &eraRestored{testLine: startLine(t, store...), store: store}
		r.circleOf(t)
		r.before = r.gives(t, "Ada Lovelace")
		r.bo, r.key = r.custodianKey(t, "bo")
		r.keys = filepath.Join(r.data, "keys")
		if r.opensSeeds(t, r.keys, r.bo, r.key) == 0 {
			t.Fatal("a Custodian's key opens no seed before the removal")
		}
		r.older = r.backUp(t)
		r.command(append([]string{"custodian", "remove", "bo"}, byPassphrase(t, "dana")...)...)
		r.since = r.gives(t, "Grace Hopper")
		if !r.shows(t, r.before, "eve") || !r.shows(t, r.since, "dana") {
			t.Error("the others don't open what was given before and after the removal")
		}
		if r.record = r.circleRecord(t); len(r.record.Approvals) != 2 || len(r.record.Leaves) != 4 {
			t.Errorf("the store has %d approvals and %d leaves of the circle", len(r.record.Approvals), len(r.record.Leaves))
		}
		r.younger = r.backUp(t)
		r.stop()
		recovery := []string{"--recovery-key", r.younger.recovery, "--audit-key", r.younger.auditKey}
		t.Run("a backup of after a removal and the keystore", func(t *testing.T) { r.goesOn(t, "--keystore", r.keys) })
		t.Run("a backup of after a removal alone", func(t *testing.T) { r.goesOn(t, recovery...) })
		t.Run("a backup of before it alone", r.hasEverybodyOfThen)
		t.Run("a backup of before it and the keystore", r.hasNobody) // the last: it names others there
	})
}

// eraRestored is a line from which bo was removed as a Custodian between two backups, and what is known of it.
type eraRestored struct {
	*testLine
	store          []string
	keys           string // the folder of its keystore
	before, since  givenName
	older, younger saved
	bo             heed.ID
	key            *seal.PrivateKey // bo's
	record         circleRecord
}

// goesOn restores the younger backup.
func (r *eraRestored) goesOn(t *testing.T, with ...string) {
	after, said := r.younger.restored(t, time.Now, anotherStore(t, r.store), with...)
	if !strings.Contains(said, "custodians, as of then: dana, eve (") {
		t.Errorf("restore says %s", said)
	}
	after.wantCircle(t, "dana approved", "eve approved")
	if got := after.circleRecord(t); !reflect.DeepEqual(got, r.record) {
		t.Errorf("of the circle the restored line says %+v, not %+v", got, r.record)
	}
	after.wantClosed(t, http.StatusGone, r.before, r.since)
	if !after.shows(t, after.gives(t, "Katherine Johnson"), "eve") {
		t.Error("a Custodian doesn't open what is given to the restored line")
	}
	after.wantNothingFor(t, r, with)
	after.wantSound(t)
}

// wantNothingFor fails the test where bo's key opens the keys of any day.
func (l *testLine) wantNothingFor(t *testing.T, r *eraRestored, with []string) {
	t.Helper()
	folder := filepath.Join(l.data, "keys")
	if given := withValue("--keystore", with); given != nil {
		folder = given[1]
	}
	if n := l.opensSeeds(t, folder, r.bo, r.key); n > 0 {
		t.Errorf("who was removed opens %d seeds", n)
	}
}

// hasEverybodyOfThen restores the older backup without the keystore: nothing knows of the removal, so it has to be said and done again.
func (r *eraRestored) hasEverybodyOfThen(t *testing.T) {
	after, said := r.older.restored(t, time.Now, anotherStore(t, r.store), "--recovery-key", r.older.recovery)
	if !strings.Contains(said, "custodians, as of then: bo, dana, eve (") {
		t.Errorf("restore says %s", said)
	}
	after.wantClosed(t, http.StatusGone, r.before)
	after.command(append([]string{"custodian", "remove", "bo"}, byPassphrase(t, "dana")...)...)
	if !after.shows(t, after.gives(t, "Katherine Johnson"), "eve") {
		t.Error("a Custodian doesn't open what is given to the restored line")
	}
	after.wantNothingFor(t, r, nil)
	after.wantSound(t)
}

// hasNobody restores the older backup beside the keystore, for whose era nothing in it is signed, until the operator names one.
func (r *eraRestored) hasNobody(t *testing.T) {
	with := []string{"--keystore", r.keys}
	after, said := r.older.restored(t, time.Now, anotherStore(t, r.store), with...)
	if !strings.Contains(said, "custodians, as of then: none") {
		t.Errorf("restore says %s", said)
	}
	after.wantCircle(t, "dana waits", "eve waits", "bo waits")
	if out, _, code := after.try("doctor"); code != exitFailed || !strings.Contains(out, "anonymous reports only (heed custodian replace)") {
		t.Errorf("the doctor ends with %d: %s", code, out)
	}
	_, eve := after.custodianKey(t, "eve")
	for _, by := range []string{"bo", "dana"} {
		approve := []string{"custodian", "approve", "eve", "--key", identity.KeyName(eve.Public().Bytes())}
		if _, errs, code := after.try(append(approve, byPassphrase(t, by)...)...); code != exitUsage || !strings.Contains(errs, "another, approved custodian") {
			t.Errorf("%s approves with code %d: %s", by, code, errs)
		}
	}
	a := after.ask("POST", after.public+"/api/v1/reports", map[string]any{"text": told, "identity": map[string]string{"name": "Grace Hopper"}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "identity-unavailable") {
		t.Errorf("a name is answered with %d %s", a.status, a.body)
	}
	after.wantClosed(t, http.StatusUnprocessableEntity, r.before) // nobody could decide

	after.command("custodian", "replace", "dana", "--confirm", replaceConfirmation)
	after.approves(t, "dana", "eve")
	after.wantCircle(t, "dana approved", "bo waits")
	if !after.shows(t, after.gives(t, "Katherine Johnson"), "eve") {
		t.Error("who was named and approved opens nothing")
	}
	after.wantNothingFor(t, r, with)
	after.wantSound(t)
}

// The backup is of the sixth day of an Identity, the keystore of the seventh and later.
func TestABackupOfBeforeAnErasureBringsNoIdentityBackBesideTheKeystoreOfToday(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		ago := func(days int) func() time.Time {
			return func() time.Time { return time.Now().AddDate(0, 0, -days) }
		}
		data := filepath.Join(t.TempDir(), "line")
		l := serveLine(t, data, ago(8), store...)
		l.addStaff("dana", "custodian")
		l.addStaff("amira", "specialist")
		destroyed := l.gives(t, "Ada Lovelace")
		l.stop()
		l = serveLine(t, data, ago(2), store...)
		living := l.gives(t, "Grace Hopper")
		if !l.shows(t, destroyed, "dana") {
			t.Error("on its sixth day an identity isn't shown")
		}
		b := l.backUp(t)
		l.stop()
		l = serveLine(t, data, time.Now, store...)
		if !l.shows(t, living, "dana") {
			t.Error("on its second day an identity isn't shown")
		}
		l.stop()

		keys := filepath.Join(data, "keys")
		after, _ := b.restored(t, time.Now, anotherStore(t, store), "--keystore", keys)
		after.wantClosed(t, http.StatusGone, destroyed, living)
		if found, err := filepath.Glob(filepath.Join(keys, "day="+ago(8)().UTC().Format(time.DateOnly)+"=*")); err != nil || len(found) > 0 {
			t.Errorf("keys of the day that is over: %v, %v", found, err)
		}
		if !after.shows(t, after.gives(t, "Katherine Johnson"), "dana") {
			t.Error("what is given now isn't shown")
		}
		after.wantSound(t)
	})
}
