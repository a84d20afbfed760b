package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// splitLine is a line in three processes, each with its own role in the database; the portal has a folder and keys of its own.
type splitLine struct {
	*testLine // what a visitor of both faces, and an operator on the worker's host, sees
	t         *testing.T
	worker    *killed
	desk      *killed
	portal    *killed
	front     string // the portal's host: its keys and profile
	blobs     string
	office    string // the worker's and the desk's host
	auditKey  string
	url       func(role string) string // of the database; "owner" made the tables, "" may do everything
	secret    string                   // the department's
	admin     *pgx.Conn                // may read everything; nil until it is asked for
}

// startSplit makes a line and starts it in parts, as docs/operations.md tells, with its sealed files in a folder.
func startSplit(t *testing.T) *splitLine {
	t.Helper()
	return startSplitAt(t, filepath.Join(t.TempDir(), "blobs"))
}

// startSplitAt starts one with its sealed files in a folder or a bucket.
func startSplitAt(t *testing.T, blobs string) *splitLine {
	t.Helper()
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	root := t.TempDir()
	s := &splitLine{t: t, front: filepath.Join(root, "front"), blobs: blobs, office: filepath.Join(root, "office")}
	admin := c.fresh(t)
	prefix := fmt.Sprintf("heed_split%d", c.database.Load())
	s.url = func(role string) string {
		if role == "" {
			return admin
		}
		return strings.Replace(admin, "//"+c.owner+"@", "//"+prefix+"_"+role+"@", 1)
	}
	execute(t, admin, fmt.Sprintf("CREATE ROLE %[1]s_owner LOGIN; ALTER SCHEMA public OWNER TO %[1]s_owner", prefix))

	secret, recipient := seal.GenerateRecipient(false)
	profile := profileFor(t, recipient)
	s.secret = secret
	office := func(role string) []string {
		return []string{"--store", s.url(role), "--blobs", s.blobs, "--profile", profile}
	}
	s.testLine = &testLine{t: t, data: s.office, args: lineArgs(s.office, office("owner")), logs: &lockedBuffer{}, now: time.Now}
	s.auditKey = strings.TrimSpace(strings.TrimPrefix(s.command("operations", "portal-keys", filepath.Join(s.front, "keys")), "audit-key:"))
	execute(t, admin, heedSays(t, "operations", "grants", "--prefix", prefix))

	s.testLine.args = lineArgs(s.office, office("worker"))
	s.worker = startProcess(t, s.office, append(office("worker"), "--role", "worker")...)
	s.desk = startProcess(t, s.office, append(office("desk"), "--role", "desk")...)
	s.portal = startProcess(t, s.front, s.portalArgs(profile, s.auditKey)...)
	s.testLine.public, s.testLine.desk = s.portal.public, s.desk.testLine.desk
	return s
}

func (s *splitLine) portalArgs(profile, auditKey string) []string {
	return []string{"--store", s.url("portal"), "--blobs", s.blobs, "--profile", profile, "--role", "portal",
		"--keystore", filepath.Join(s.front, "keys"), "--audit-key", auditKey}
}

// heedSays runs a command that needs no line.
func heedSays(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), &surroundings{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now}); code != exitDone {
		t.Fatalf("heed %v: code %d\n%s", args, code, &errs)
	}
	return out.String()
}

// execute runs statements in a database.
func execute(t *testing.T, url, statements string) {
	t.Helper()
	conn := connectTo(t, url)
	if _, err := conn.PgConn().Exec(t.Context(), statements).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func connectTo(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestAReportGoesAllTheWayThroughThreeProcesses(t *testing.T) {
	s := startSplit(t)
	if s.worker.public+s.worker.testLine.desk+s.desk.public+s.portal.testLine.desk != "" {
		t.Error("a face is served without its role")
	}
	if strings.Contains(s.portal.logs.String(), "may do more than this process needs") {
		t.Errorf("the portal's role may do too much:\n%s", s.portal.logs)
	}
	amira := colleague{s.testLine, t, s.addStaff("amira", "specialist")}
	berta := colleague{s.testLine, t, s.addStaff("berta", "lead")}
	s.addStaff("chen", "liaison", "--department", "fire-safety")
	body, contentType := form(t, map[string]string{"text": told, "place": "Mill Lane"}, namedFile{"cabinet.png", photograph("maker 4711")})
	a := s.ask("POST", s.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType)
	var accepted struct{ Receipt string }
	a.into(t, &accepted)
	id := s.onlyReport(t, amira.token)
	amira.awaits(id, "queued")
	s.questionAndAnswer(t, amira, id, accepted.Receipt)
	s.refer(t, amira, berta, id)
	chen := s.signIn(t, "chen")
	referral := chen.awaitReferral()
	s.openPackage(t, chen.post("/referrals/"+referral+"/package", nil), s.secret)
	chen.post("/referrals/"+referral+"/accept", nil)
	amira.awaits(id, "accepted")
	chen.post("/referrals/"+referral+"/outcome", url.Values{"outcome": {"action-taken"}})
	eventually(t, time.Minute, "the outcome for the reporter", func() bool { return s.stage(accepted.Receipt) == "concluded" })

	other := s.submit(map[string]any{"text": "A lorry leaks oil at the harbour gate, every morning."})
	s.withdraw(t, other)
	for _, path := range []string{"/transparency", "/privacy", "/api/v1/transparency", "/readyz"} {
		if a := s.ask("GET", s.public+path, nil); a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	eventually(t, time.Minute, "the erasure of what was withdrawn", func() bool {
		var left int
		err := connectTo(t, s.url("")).QueryRow(t.Context(), "SELECT count(*) FROM report_keys").Scan(&left)
		return err == nil && left == 1
	})
}

// withdraw takes a report back by the portal's pages.
func (s *splitLine) withdraw(t *testing.T, receipt string) {
	t.Helper()
	post := func(fields map[string]string) []byte {
		t.Helper()
		body, contentType := form(t, fields)
		a := s.ask("POST", s.public+"/status", bytes.NewReader(body), "Content-Type", contentType)
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return a.body
	}
	page := post(map[string]string{"page": "lookup", "go": "next", "receipt": receipt})
	for _, press := range [][2]string{{"reply", "withdraw"}, {"withdraw", "next"}} {
		mailbox := mailboxField.FindSubmatch(page)
		if mailbox == nil {
			t.Fatalf("no mailbox on the page: %s", page)
		}
		page = post(map[string]string{"page": press[0], "mailbox": string(mailbox[1]), "go": press[1]})
	}
}

var mailboxField = regexp.MustCompile(`name="mailbox" value="([^"]*)"`)

func TestTheDoctorKnowsAPortal(t *testing.T) {
	s := startSplit(t)
	profile := s.testLine.args[len(s.testLine.args)-1]
	doctor := func(store, pin string, more ...string) (string, int) {
		var out bytes.Buffer
		code := run(t.Context(), &surroundings{
			Args: append([]string{"doctor", "--data", s.front, "--store", store, "--blobs", s.blobs, "--profile", profile,
				"--keystore", filepath.Join(s.front, "keys"), "--audit-key", pin}, more...),
			Stdout: &out, Stderr: &bytes.Buffer{}, Stdin: strings.NewReader(""), Now: time.Now,
		})
		return out.String(), code
	}
	if said, code := doctor(s.url("portal"), s.auditKey); code != exitDone || !strings.Contains(said, "no more") || !strings.Contains(said, "it signed today's keys") {
		t.Errorf("a sound portal: %d\n%s", code, said)
	}
	if said, code := doctor(s.url("desk"), s.auditKey); code != exitFailed || !strings.Contains(said, "SELECT report_keys") {
		t.Errorf("the desk's role: %d\n%s", code, said)
	}
	for _, c := range []struct {
		store, role string
		code        int
		says        []string
	}{
		{"portal", "portal", exitDone, []string{"it may do what a process with --role portal needs and no more"}},
		{"phone", "phone", exitDone, []string{"it may do what a process with --role phone needs and no more", "espeak-ng", "sockets for"}},
		{"phone", "portal,phone", exitDone, []string{"it may do what a process with --role portal,phone needs and no more"}},
		{"portal", "phone", exitFailed, []string{"needs the role that ends in _phone", "INSERT call_backs"}},
		{"portal", "portal,phone", exitFailed, []string{"needs the role that ends in _phone", "INSERT call_backs"}},
		{"phone", "portal", exitFailed, []string{"it may do more than a process with --role portal needs", "INSERT call_backs"}},
		{"worker", "worker", exitFailed, []string{"keystore"}}, // a portal's keys are none for it
	} {
		said, code := doctor(s.url(c.store), s.auditKey, "--role", c.role)
		for _, words := range c.says {
			if code != c.code || !strings.Contains(said, words) {
				t.Errorf("--role %s under the role %s: %d, and not %q\n%s", c.role, c.store, code, words, said)
			}
		}
	}
	other := keystore.FormatAuditKey(seal.GenerateSigner().Verifier())
	if said, code := doctor(s.url("portal"), other); code != exitFailed || !strings.Contains(said, "signed by another") {
		t.Errorf("another pin: %d\n%s", code, said)
	}
}

func TestAPortalTakesNothingWhereAnotherKeySignedTheDays(t *testing.T) {
	s := startSplit(t)
	profile := s.testLine.args[len(s.testLine.args)-1]
	otherKey := keystore.FormatAuditKey(seal.GenerateSigner().Verifier())
	eventually(t, time.Minute, "the portal is refused, once the worker has signed the first leaves", func() bool {
		var errs bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		code := run(ctx, &surroundings{
			Args: append([]string{"serve"}, s.portalArgs(profile, otherKey)...), Stdout: &bytes.Buffer{}, Stderr: &errs, Stdin: strings.NewReader(""), Now: time.Now,
		})
		return code == exitUsage && strings.Contains(errs.String(), "signed by another audit key")
	})
	// Nor does the worker start where another key is pinned.
	var errs bytes.Buffer
	code := run(t.Context(), &surroundings{
		Args:   append([]string{"serve", "--role", "worker", "--audit-key", otherKey}, s.testLine.args...),
		Stdout: &bytes.Buffer{}, Stderr: &errs, Stdin: strings.NewReader(""), Now: time.Now,
	})
	if code != exitUsage || !strings.Contains(errs.String(), "not the one that --audit-key pins") {
		t.Errorf("code %d: %s", code, &errs)
	}
	s.submit(map[string]any{"text": goodText})
}

func TestAPortalByItselfStartsOnlyWithKeysOfItsOwn(t *testing.T) {
	l := startLine(t)
	keys := filepath.Join(t.TempDir(), "keys")
	pin := strings.TrimSpace(strings.TrimPrefix(l.command("operations", "portal-keys", keys), "audit-key:"))
	foreign := filepath.Join(t.TempDir(), "foreign")
	other := startLine(t)
	other.command("operations", "portal-keys", foreign)
	for _, c := range []struct{ words, keystore, pin, data string }{
		{"needs --audit-key", keys, "", l.data},
		{"--audit-key is none", keys, "nonsense", l.data},
		{"would hold what opens the line's reports", filepath.Join(l.data, "keys"), pin, l.data},
		{"isn't there", keys + "-nowhere", pin, l.data},
		{"not a whole one", t.TempDir() + "/empty", pin, l.data},
		{"another line's", foreign, pin, l.data},
		{"profile", keys, pin, t.TempDir() + "/new"},
	} {
		if c.words == "not a whole one" {
			if err := os.Mkdir(c.keystore, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		var errs bytes.Buffer
		args := []string{"serve", "--data", c.data, "--role", "portal", "--public", "127.0.0.1:0", "--keystore", c.keystore}
		if c.pin != "" {
			args = append(args, "--audit-key", c.pin)
		}
		code := run(t.Context(), &surroundings{Args: args, Stdout: &bytes.Buffer{}, Stderr: &errs, Stdin: strings.NewReader(""), Now: time.Now})
		if code != exitUsage || !strings.Contains(errs.String(), c.words) {
			t.Errorf("%s: code %d: %s", c.words, code, &errs)
		}
		if _, err := os.Stat(keys + "-nowhere"); !errors.Is(err, os.ErrNotExist) {
			t.Error("a keystore was made")
		}
	}
	portal := serveLine(t, l.data, time.Now, "--role", "portal", "--keystore", keys, "--audit-key", pin)
	receipt := portal.submit(map[string]any{"text": goodText})
	if portal.stage(receipt) == "" || l.stage(receipt) == "" {
		t.Error("the two portals don't know the same receipts")
	}
	if stdout, _, code := portal.try("operations", "portal-keys", filepath.Join(l.data, "keys")); code == exitDone {
		t.Errorf("a portal gave away keys: %s", stdout)
	}
}

func TestALineKeepsItsKeysInADatabaseOfTheirOwn(t *testing.T) {
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	store, keys, blobs := c.fresh(t), c.fresh(t), filepath.Join(t.TempDir(), "blobs")
	start := func(data string, role ...string) *testLine {
		return serveLine(t, filepath.Join(t.TempDir(), data), time.Now, append([]string{"--store", store, "--keystore", keys, "--blobs", blobs}, role...)...)
	}
	first := start("first")
	token := first.addStaff("amira", "specialist")
	receipt := first.submit(map[string]any{"text": goodText})
	second := start("second")
	eventually(t, time.Minute, "the report at the second node's desk", func() bool { return len(second.reports(t, token, "?state=queued")) == 1 })
	if second.stage(receipt) == "" {
		t.Error("the second node doesn't know the receipt")
	}
	if said := first.command("doctor"); !strings.Contains(said, "fingerprint") || !strings.Contains(said, "WAL") {
		t.Errorf("the doctor says:\n%s", said)
	}
	first.command("erase", "--due", "--as-of", time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339))
	for _, dir := range []string{first.data, second.data} {
		if _, err := os.Stat(filepath.Join(dir, "keys")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("keys lie in a folder too: %v", err)
		}
	}
	for _, same := range []string{store, c.fresh(t)} { // one that is a store, and one that becomes one by this start
		var errs bytes.Buffer
		code := run(t.Context(), &surroundings{
			Args:   []string{"serve", "--data", filepath.Join(t.TempDir(), "line"), "--store", same, "--keystore", same, "--public", "127.0.0.1:0", "--desk", "127.0.0.1:0"},
			Stdout: &bytes.Buffer{}, Stderr: &errs, Stdin: strings.NewReader(""), Now: time.Now,
		})
		if code != exitUsage || !strings.Contains(errs.String(), "must be a database of its own") {
			t.Errorf("code %d: %s", code, &errs)
		}
	}
}
