package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/backup"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// saved is a line's backup, with the key that opens it.
type saved struct {
	data, keys string // data is the file, keys the folder of archives
	recovery   string // file with the offline key
	auditKey   string
}

// backUp backs the line up, while it runs, to folders of the test's.
func (l *testLine) backUp(t *testing.T) saved {
	t.Helper()
	folder := t.TempDir()
	secret, recipient := seal.GenerateRecipient(true)
	b := saved{filepath.Join(folder, "data.age"), filepath.Join(folder, "keys"), filepath.Join(folder, "recovery.key"), ""}
	if err := os.WriteFile(b.recovery, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := l.command("backup", "--recovery", recipient, "--key-archive", b.keys, b.data)
	_, key, _ := strings.Cut(out, "audit-key: ")
	b.auditKey, _, _ = strings.Cut(key, " ")
	return b
}

// opener opens both archives with the offline key.
func (b saved) opener(t *testing.T) seal.BackupOpener {
	t.Helper()
	secret, err := os.ReadFile(b.recovery)
	if err != nil {
		t.Fatal(err)
	}
	open, err := seal.RecoveryOpener(string(secret))
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// search looks for canaries in both archives, as they lie there and as whoever has the recovery key reads them.
func (b saved) search(t *testing.T, c *canaries) {
	t.Helper()
	open := b.opener(t)
	keys, err := backup.NewestKeys(b.keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{b.data, keys} {
		sealed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c.searchBytes(t, path, sealed)
		r, err := open.Open(bytes.NewReader(sealed))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil || len(plain) < len(sealed)/2 {
			t.Fatalf("%d bytes, %v", len(plain), err)
		}
		c.searchBytes(t, path+", opened", plain)
	}
}

// restored serves a new line that was made of the backup.
func (b saved) restored(t *testing.T, now func() time.Time, store []string, more ...string) (*testLine, string) {
	t.Helper()
	l := &testLine{t: t, data: filepath.Join(t.TempDir(), "line"), now: now}
	l.args = append([]string{"--data", l.data}, store...)
	out := l.command(append([]string{"restore", b.data, "--key-archive", b.keys}, more...)...)
	return serveLine(t, l.data, now, append(store, withValue("--keystore", more)...)...), out
}

// withValue is the flag with its value, where it is among the arguments.
func withValue(flag string, args []string) []string {
	for i, a := range args {
		if a == flag {
			return args[i : i+2]
		}
	}
	return nil
}

// anotherStore are the flags of an empty store of the same engine.
func anotherStore(t *testing.T, store []string) []string {
	t.Helper()
	if len(store) == 0 {
		return nil
	}
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	return []string{"--store", c.fresh(t)}
}

func TestALineComesBackFromItsBackupWithoutWhatWasErasedSince(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		secret, recipient := seal.GenerateRecipient(false)
		l := startLine(t, append(store, "--profile", profileFor(t, recipient))...)
		l.addStaff("dana", "custodian")
		amira := colleague{l, t, l.addStaff("amira", "specialist")}
		berta := colleague{l, t, l.addStaff("berta", "lead")}
		l.addStaff("chen", "liaison", "--department", "fire-safety")
		body, contentType := form(t, map[string]string{"text": told, "place": "Mill Lane"}, namedFile{"cabinet.png", photograph("maker 4711")})
		var referred struct{ Receipt string }
		l.ask("POST", l.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType).into(t, &referred)
		id := l.onlyReport(t, amira.token)
		amira.awaits(id, "queued")
		l.questionAndAnswer(t, amira, id, referred.Receipt)
		l.refer(t, amira, berta, id)
		l.signIn(t, "chen").awaitReferral()
		named := l.submit(map[string]any{"text": "The ferry's captain was drunk again this Sunday.", "identity": map[string]string{"name": "Ada Lovelace"}})
		takenBack := l.submit(map[string]any{"text": "A lorry tips oil drums into the canal at night."})
		eventually(t, time.Minute, "all screened", func() bool { return l.stage(named) == "screened" && l.stage(takenBack) == "screened" })

		b := l.backUp(t)
		l.withdraw(t, takenBack)
		l.awaitNote(t, "erased")
		l.stop()

		kept := []string{"--keystore", filepath.Join(l.data, "keys")}
		after, said := b.restored(t, time.Now, anotherStore(t, store), kept...)
		if !strings.Contains(said, "1 reports that were erased since") || !strings.Contains(said, "the audit is whole: ") || strings.Contains(said, "whole: 0") {
			t.Errorf("restore says %s", said)
		}
		after.wantRestored(t, id, referred.Receipt, named, secret)
		if stage := after.stage(takenBack); stage != "concluded" {
			t.Errorf("the report that was taken back stands at %q", stage)
		}
		after.stop()

		// With the keystore lost the offline key opens both archives. Nobody remembers then what was taken back since.
		alone, _ := b.restored(t, time.Now, anotherStore(t, store), "--recovery-key", b.recovery, "--audit-key", b.auditKey)
		alone.wantRestored(t, id, referred.Receipt, named, secret)
		if stage := alone.stage(takenBack); stage != "screened" {
			t.Errorf("a report of which no erasure is known stands at %q", stage)
		}
	})
}

// wantRestored fails the test where reports, mailboxes, words and packages aren't as they were, or an identity came back.
func (l *testLine) wantRestored(t *testing.T, id, receipt, named, departmentKey string) {
	t.Helper()
	amira := colleague{l, t, strings.TrimSpace(l.command("token", "create", "--staff", "amira"))}
	var report struct {
		Text, State string
		Messages    []struct{ Text string }
	}
	amira.ask("GET", "/reports/"+id, nil).into(t, &report)
	if report.Text != told || report.State != "referred" || len(report.Messages) != 2 {
		t.Errorf("the report reads %+v", report)
	}
	a := l.ask("POST", l.public+"/api/v1/messages", map[string]string{"text": "It is still open."}, "Authorization", "Receipt "+receipt)
	if a.status != http.StatusCreated {
		t.Errorf("writing with the receipt: %d %s", a.status, a.body)
	}
	chen := l.signIn(t, "chen")
	referral := chen.awaitReferral()
	if sealed := chen.post("/referrals/"+referral+"/package", nil); !bytes.HasPrefix(sealed, []byte("age-encryption.org/v1")) {
		t.Errorf("the package begins %.30q", sealed)
	} else {
		l.openPackage(t, sealed, departmentKey)
	}
	if l.stage(named) == "" {
		t.Error("the named report's receipt opens nothing")
	}
	eventually(t, time.Minute, "a word of an open report found", func() bool {
		return len(l.reports(t, amira.token, "?"+url.Values{"q": {"captain"}, "purpose": {"looking"}}.Encode())) == 1
	})
	var figures struct {
		Held int `json:"identities_held"`
	}
	l.ask("GET", l.public+"/api/v1/transparency", nil).into(t, &figures)
	if figures.Held != 0 {
		t.Errorf("%d identities came back", figures.Held)
	}
	// The line goes on: an identity of today's can be given again.
	l.submit(map[string]any{"text": "The ferry's captain was drunk on Monday too.", "identity": map[string]string{"name": "Ada Lovelace"}})
}

func TestABackupOfOneEngineIsTakenInByTheOther(t *testing.T) {
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	for _, engines := range [][2][]string{{nil, {"--store", c.fresh(t)}}, {{"--store", c.fresh(t)}, nil}} {
		l := startLine(t, engines[0]...)
		l.addStaff("dana", "custodian")
		l.addStaff("amira", "specialist")
		receipt := l.submit(map[string]any{"text": goodText, "identity": map[string]string{"name": "Ada Lovelace"}})
		eventually(t, time.Minute, "screened", func() bool { return l.stage(receipt) == "screened" })
		b := l.backUp(t)
		l.takeBack(t, receipt)
		l.stop()
		after, _ := b.restored(t, time.Now, engines[1], "--keystore", filepath.Join(l.data, "keys"))
		amira := colleague{after, t, strings.TrimSpace(after.command("token", "create", "--staff", "amira"))}
		var report struct{ ID, Text string }
		amira.ask("GET", "/reports/"+after.onlyReport(t, amira.token), nil).into(t, &report)
		if report.Text != goodText || after.stage(receipt) != "screened" {
			t.Errorf("%q, %q", report.Text, after.stage(receipt))
		}
		after.wantNamed(t, map[heed.ID]bool{heed.ID(report.ID): false})
	}
}

func TestAnIdentityThatWasTakenBackIsNotSpokenOfByARestoredLine(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		l := startLine(t, store...)
		l.addStaff("dana", "custodian")
		amira := l.addStaff("amira", "specialist")
		who := map[string]string{"name": "Ada Lovelace"}
		receipt := l.submit(map[string]any{"text": goodText, "identity": who})
		eventually(t, time.Minute, "screened", func() bool { return l.stage(receipt) == "screened" })
		taken := heed.ID(l.onlyReport(t, amira))
		kept, _ := l.named(amira, who)
		b := l.backUp(t)
		l.takeBack(t, receipt)
		l.stop()
		after, said := b.restored(t, time.Now, anotherStore(t, store), "--keystore", filepath.Join(l.data, "keys"))
		if !strings.Contains(said, "1 identities that were taken back since") {
			t.Errorf("restore says %s", said)
		}
		after.wantNamed(t, map[heed.ID]bool{taken: false, heed.ID(kept): true})
	})
}

// takeBack takes the Identity back as its reporter, and waits until that is noted beside the keys.
func (l *testLine) takeBack(t *testing.T, receipt string) {
	t.Helper()
	if a := l.ask("DELETE", l.public+"/api/v1/identity", nil, "Authorization", "Receipt "+receipt); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	l.awaitNote(t, "taken-back")
}

// awaitNote waits until the journal beside the keys has an entry of the kind.
func (l *testLine) awaitNote(t *testing.T, kind string) {
	t.Helper()
	eventually(t, time.Minute, kind+" noted beside the keys", func() bool {
		noted, err := filepath.Glob(filepath.Join(l.data, "keys", kind+"=*"))
		return err == nil && len(noted) > 0
	})
}

// wantNamed looks whether reports say that their reporter gave who they are.
func (l *testLine) wantNamed(t *testing.T, want map[heed.ID]bool) {
	t.Helper()
	err := l.beside().store.View(t.Context(), func(tx heed.Tx) error {
		for id, named := range want {
			r, err := tx.Report(t.Context(), id)
			if err != nil {
				return err
			}
			if r.Named != named {
				t.Errorf("report %s says that it is named: %t", id, r.Named)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestADamagedForeignOrOldBackupIsRefusedAndNothingIsMade(t *testing.T) {
	l := startLine(t)
	l.submit(map[string]any{"text": goodText})
	b, other := l.backUp(t), startLine(t).backUp(t)
	keys, err := backup.NewestKeys(b.keys)
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string][]byte{}
	for _, path := range []string{b.data, keys} {
		if whole[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what, because string, now func() time.Time, more ...string) {
		t.Helper()
		fresh := &testLine{t: t, data: filepath.Join(t.TempDir(), "line"), now: now}
		fresh.args = []string{"--data", fresh.data}
		_, stderr, code := fresh.try(append([]string{"restore", b.data, "--key-archive", keys, "--recovery-key", b.recovery}, more...)...)
		if code == exitDone || !strings.Contains(stderr, because) {
			t.Errorf("%s: code %d, %s", what, code, stderr)
		}
		if _, err := os.Stat(filepath.Join(fresh.data, "heed.db")); err == nil {
			t.Errorf("%s: a database was made", what)
		}
	}
	for path, bytes := range whole {
		for what, damage := range map[string]func([]byte) []byte{
			"a bit is turned": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
			"its end is lost": func(b []byte) []byte { return b[:len(b)-1] },
			"most is lost":    func(b []byte) []byte { return b[:70_000*len(b)/(70_000+len(b))] },
			"more was added":  func(b []byte) []byte { return append(b, 0) },
			"nothing is left": func([]byte) []byte { return nil },
		} {
			rewrite(t, path, damage(append([]byte(nil), bytes...)))
			refused(filepath.Base(path)+": "+what, "heed: ", time.Now)
		}
		rewrite(t, path, bytes)
	}
	week := func() time.Time { return time.Now().Add(backup.KeysLife + time.Minute) }
	refused("archive of keys over seven days old", "over seven days old", week)
	refused("a clock that runs behind", "yet to come", func() time.Time { return time.Now().Add(-2 * time.Hour) })
	refused("another audit key", "is refused", time.Now, "--audit-key", other.auditKey)
	refused("another line's archive of keys", "can't be opened", time.Now, "--key-archive", other.keys)
	refused("another line's recovery key", "can't be opened", time.Now, "--recovery-key", other.recovery)
	refused("the data for the keys", "is refused", time.Now, "--key-archive", b.data)
	refused("something that is no list of ids", "no report's id", time.Now, "--erased", b.recovery)
}

func rewrite(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhoeverKeepsAListOfErasuresHasThemAppliedAlsoWithoutTheKeystore(t *testing.T) {
	l := startLine(t)
	token := l.addStaff("amira", "specialist")
	receipt := l.submit(map[string]any{"text": goodText})
	id := l.onlyReport(t, token)
	b := l.backUp(t)
	list := filepath.Join(t.TempDir(), "erased")
	rewrite(t, list, []byte("# since Monday\n\n"+id+"   # withdrawn\n"))
	after, said := b.restored(t, time.Now, nil, "--recovery-key", b.recovery, "--erased", list)
	if stage := after.stage(receipt); stage != "concluded" || !strings.Contains(said, "1 reports that were erased") {
		t.Errorf("%q, %s", stage, said)
	}
}

func TestAYoungerArchiveOfKeysErasesWhatItLacksOfOlderData(t *testing.T) {
	l := startLine(t)
	l.addStaff("amira", "specialist")
	staying, going := l.submit(map[string]any{"text": goodText}), l.submit(map[string]any{"text": "A lorry tips oil drums into the canal at night."})
	eventually(t, time.Minute, "all screened", func() bool { return l.stage(staying) == "screened" && l.stage(going) == "screened" })
	older := l.backUp(t)
	time.Sleep(1100 * time.Millisecond) // archives are named by the second
	l.withdraw(t, going)
	store := l.beside().store
	eventually(t, time.Minute, "its key destroyed", func() bool { return countState(t, store, heed.Erased) == 1 })
	later := l.submit(map[string]any{"text": "Somebody sells fireworks without a licence at number nine."})
	younger := l.backUp(t)
	// Both are sealed to the line too, which needs no recovery key for its own.
	mixed := saved{data: older.data, keys: younger.keys}
	recovered := filepath.Join(t.TempDir(), "keys")
	copyLongLived(t, filepath.Join(l.data, "keys"), recovered)
	after, _ := mixed.restored(t, time.Now, nil, "--keystore", recovered)
	if s, g, n := after.stage(staying), after.stage(going), after.stage(later); s != "screened" || g != "concluded" || n != "" {
		t.Errorf("kept %q, erased %q, later %q", s, g, n)
	}
}

// copyLongLived copies a keystore without the days' keys and the noted erasures.
func copyLongLived(t *testing.T, from, to string) {
	t.Helper()
	source, err := keystore.OpenDirectory(from)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keystore.ExportRecovery(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	target, err := keystore.OpenDirectory(to)
	if err == nil {
		err = keys.Restore(t.Context(), target)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestALineWhoseRestoreWasCutShortRefusesToServe(t *testing.T) {
	l := startLine(t)
	l.submit(map[string]any{"text": goodText})
	b := l.backUp(t)
	fresh := &testLine{t: t, data: filepath.Join(t.TempDir(), "line"), now: time.Now}
	fresh.args = []string{"--data", fresh.data}
	restore := []string{"restore", b.data, "--key-archive", b.keys, "--recovery-key", b.recovery}
	if err := os.Mkdir(fresh.data, 0o700); err != nil {
		t.Fatal(err)
	}
	// A profile that is there stays, and this one is read only when the store is filled.
	rewrite(t, filepath.Join(fresh.data, "profile.yaml"), []byte("line: {"))
	if _, stderr, code := fresh.try(restore...); code == exitDone {
		t.Fatalf("restored with a profile that is none: %s", stderr)
	}
	if err := os.Remove(filepath.Join(fresh.data, "profile.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"serve", "--public", "127.0.0.1:0", "--desk", "127.0.0.1:0"}, {"erase", "--due"}, {"token", "create", "--staff", "amira"}, restore} {
		if _, stderr, code := fresh.try(command...); code != exitUsage {
			t.Errorf("%s: code %d, %s", command[0], code, stderr)
		}
	}
	if out, _, code := fresh.try("doctor", "--json"); code != exitFailed || !strings.Contains(out, "was not finished") {
		t.Errorf("doctor: code %d, %s", code, out)
	}
}

func TestArchivesOfKeysAreDeletedWhenTheyAreSevenDaysOld(t *testing.T) {
	now := time.Now()
	l := serveLine(t, filepath.Join(t.TempDir(), "line"), func() time.Time { return now })
	b := l.backUp(t)
	l.stop()
	old := filepath.Join(b.keys, backup.KeysName(now.Add(-backup.KeysLife-time.Second)))
	for _, path := range []string{old, filepath.Join(b.keys, "notes.txt"), filepath.Join(b.keys, "heed-keys-of-somebody.age")} {
		rewrite(t, path, []byte("x"))
	}
	later := serveLine(t, l.data, func() time.Time { return now })
	eventually(t, time.Minute, "the old one deleted by the worker", func() bool {
		_, err := os.Stat(old)
		return os.IsNotExist(err)
	})
	later.stop()
	entries, err := os.ReadDir(b.keys)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	var findings []finding
	later.now = func() time.Time { return now.Add(8 * 24 * time.Hour) }
	out, _, _ := later.try("doctor", "--json")
	if err := json.Unmarshal([]byte(out), &findings); err != nil {
		t.Fatal(err)
	}
	states := map[string]findingState{}
	for _, f := range findings {
		states[f.Check] = f.State
	}
	if states["backup"] != findingFault || states["archives of keys"] != findingFault {
		t.Errorf("a week later the doctor finds %v", states)
	}
}

func TestTwoBackupsAtOnceNeverShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.age")
	first, err := newArchiveFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var usage *usageError
	if _, err := newArchiveFile(path); !errors.As(err, &usage) || !strings.Contains(err.Error(), "another backup is writing it") {
		t.Errorf("a second one beside it: %v", err)
	}
	if _, err := first.WriteString("first"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.keep(), first.abandon()); err != nil {
		t.Fatal(err)
	}
	// One that looked before the first ended, and begins after.
	if _, err := newArchiveFile(path); !errors.As(err, &usage) || !strings.Contains(err.Error(), "replaces nothing") {
		t.Errorf("one over it: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "first" {
		t.Errorf("the first is %q, %v", text, err)
	}
	third, err := newArchiveFile(path + "3")
	if err != nil {
		t.Fatal(err)
	}
	if err := third.abandon(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v", left, err)
	}
}
