package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
)

// profileFor writes the default profile with the recipient in every department, and answers its file.
func profileFor(t *testing.T, recipient string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "profile.yaml")
	text := strings.ReplaceAll(string(profile.DefaultYAML()), "recipients: []", "recipients: ["+recipient+"]")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// visitor is a signed-in person's browser without its screen.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
}

// signIn signs in at the desk as a person does.
func (l *testLine) signIn(t *testing.T, name string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, base: l.desk, http: &http.Client{Jar: jar, Timeout: time.Minute}}
	page := v.post("/sign-in", url.Values{"name": {name}, "passphrase": {testPassphrase}})
	if strings.Contains(string(page), `name="passphrase"`) {
		t.Fatalf("%s can't sign in: %s", name, page)
	}
	return v
}

func (v *visitor) get(path string) []byte {
	v.t.Helper()
	response, err := v.http.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(path, response)
}

func (v *visitor) post(path string, fields url.Values) []byte {
	v.t.Helper()
	response, err := v.http.PostForm(v.base+path, fields)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(path, response)
}

// download writes a large file elsewhere and says how large it is.
func (v *visitor) download(path string, to io.Writer) int64 {
	v.t.Helper()
	response, err := (&http.Client{Jar: v.http.Jar}).PostForm(v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(to, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %s, %v", path, response.Status, err)
	}
	return n
}

func (v *visitor) read(path string, response *http.Response) []byte {
	v.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if response.StatusCode >= 400 {
		v.t.Fatalf("%s: %s %s", path, response.Status, body)
	}
	return body
}

// colleague speaks the staff API with a token.
type colleague struct {
	l     *testLine
	t     *testing.T
	token string
}

func (c colleague) ask(method, path string, v any) *answer {
	c.t.Helper()
	return c.l.ask(method, c.l.desk+"/api/v1"+path, v, "Authorization", "Bearer "+c.token)
}

func (c colleague) does(path string, v any) {
	c.t.Helper()
	if a := c.ask("POST", path, v); a.status >= 300 {
		c.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
}

// state waits until the report is in one of the states, and answers which.
func (c colleague) awaits(id string, states ...string) string {
	c.t.Helper()
	found := ""
	eventually(c.t, time.Minute, "the report "+strings.Join(states, " or "), func() bool {
		var r staffReport
		a := c.ask("GET", "/reports/"+id, nil)
		a.into(c.t, &r)
		found = r.State
		for _, s := range states {
			if r.State == s {
				return true
			}
		}
		return false
	})
	return found
}

func TestAReportGoesAllTheWayAndItsReporterReadsTheOutcome(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		secret, recipient := seal.GenerateRecipient(false)
		l := startLine(t, append(store, "--profile", profileFor(t, recipient))...)
		amira := colleague{l, t, l.addStaff("amira", "specialist")}
		berta := colleague{l, t, l.addStaff("berta", "lead")}
		l.addStaff("chen", "liaison", "--department", "fire-safety")

		body, contentType := form(t, map[string]string{"text": told, "place": "Mill Lane"}, namedFile{"cabinet.png", photograph("maker 4711")})
		a := l.ask("POST", l.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType)
		var accepted struct{ Receipt string }
		a.into(t, &accepted)
		id := l.onlyReport(t, amira.token)
		amira.awaits(id, "queued")
		if stage := l.stage(accepted.Receipt); stage != "screened" {
			t.Errorf("the reporter sees %q", stage)
		}

		l.questionAndAnswer(t, amira, id, accepted.Receipt)
		l.refer(t, amira, berta, id)
		chen := l.signIn(t, "chen")
		referral := chen.awaitReferral()
		l.openPackage(t, chen.post("/referrals/"+referral+"/package", nil), secret)
		chen.post("/referrals/"+referral+"/accept", nil)
		amira.awaits(id, "accepted")
		chen.post("/referrals/"+referral+"/outcome", url.Values{"outcome": {"action-taken"}})

		eventually(t, time.Minute, "the outcome for the reporter", func() bool {
			var status struct{ Stage, Outcome string }
			l.ask("GET", l.public+"/api/v1/status", nil, "Authorization", "Receipt "+accepted.Receipt).into(t, &status)
			return status.Stage == "concluded" && strings.Contains(status.Outcome, "acted on it")
		})
	})
}

// onlyReport is the id of the one report that the line has.
func (l *testLine) onlyReport(t *testing.T, token string) string {
	t.Helper()
	var id string
	eventually(t, time.Minute, "the report at the desk", func() bool {
		for _, r := range l.reports(t, token, "") {
			id = r.ID
		}
		return id != ""
	})
	return id
}

// questionAndAnswer has the specialist ask and the reporter answer.
func (l *testLine) questionAndAnswer(t *testing.T, amira colleague, id, receipt string) {
	t.Helper()
	amira.does("/reports/"+id+"/claim", nil)
	amira.does("/reports/"+id+"/messages", map[string]string{"text": "Is the cabinet still open?"})
	var status struct {
		Stage    string
		Messages []struct{ Kind, Text string }
	}
	l.ask("GET", l.public+"/api/v1/status", nil, "Authorization", "Receipt "+receipt).into(t, &status)
	if status.Stage != "question" || len(status.Messages) != 1 || status.Messages[0].Text != "Is the cabinet still open?" {
		t.Fatalf("the reporter sees %+v", status)
	}
	a := l.ask("POST", l.public+"/api/v1/messages", map[string]string{"text": "Yes, and children play there."}, "Authorization", "Receipt "+receipt)
	if a.status != http.StatusCreated {
		t.Fatalf("answering: %d %s", a.status, a.body)
	}
	amira.awaits(id, "queued")
}

// refer has the specialist refer and, since nobody else confirms the report, the lead approve.
func (l *testLine) refer(t *testing.T, amira, berta colleague, id string) {
	t.Helper()
	amira.does("/reports/"+id+"/claim", nil)
	amira.does("/reports/"+id+"/disposition", map[string]string{"kind": "refer", "department": "fire-safety", "reason": "An open cabinet beside a school."})
	if a := amira.ask("POST", "/reports/"+id+"/approve", nil); a.status != http.StatusForbidden {
		t.Errorf("one's own decision is approved with %d %s", a.status, a.body)
	}
	var r struct{ State string }
	amira.ask("GET", "/reports/"+id, nil).into(t, &r)
	if r.State != "pending_approval" && r.State != "referred" {
		t.Fatalf("the report is %s", r.State)
	}
	berta.does("/reports/"+id+"/approve", nil)
	amira.awaits(id, "referred")
}

var referralLink = regexp.MustCompile(`/referrals/([0-9a-hjkmnp-tv-z]{26})`)

// awaitReferral waits until the department's package lies ready and answers the referral's id.
func (v *visitor) awaitReferral() string {
	v.t.Helper()
	id := ""
	eventually(v.t, time.Minute, "the package", func() bool {
		if found := referralLink.FindSubmatch(v.get("/referrals")); found != nil {
			id = string(found[1])
			return strings.Contains(string(v.get("/referrals/"+id)), "/referrals/"+id+"/package")
		}
		return false
	})
	return id
}

// openPackage opens the package with the plain age tool, as a department does, and looks into it.
func (l *testLine) openPackage(t *testing.T, sealed []byte, secret string) {
	t.Helper()
	age, err := exec.LookPath("age")
	if err != nil {
		missing(t, fmt.Errorf("no age tool here: scripts/install-test-deps installs it"))
	}
	key := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(key, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("Grey smoke")) {
		t.Fatal("the package isn't sealed")
	}
	command := exec.Command(age, "-d", "-i", key)
	command.Stdin = bytes.NewReader(sealed)
	opened, err := command.Output()
	if err != nil {
		t.Fatalf("age: %v", err)
	}
	files := map[string][]byte{}
	for archive := tar.NewReader(bytes.NewReader(opened)); ; {
		head, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[head.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"report.json", "report.html", "grading.json", "manifest.json", "manifest.sig", "README.txt"} {
		if len(files[name]) == 0 {
			t.Errorf("the package lacks %s", name)
		}
	}
	if !json.Valid(files["report.json"]) || !bytes.Contains(files["report.json"], []byte("Grey smoke")) || !bytes.Contains(files["report.html"], []byte("children play there")) {
		t.Errorf("the package doesn't tell the report: %s", files["report.json"])
	}
	attached := false
	for name, content := range files {
		attached = attached || strings.HasPrefix(name, "attachments/") && bytes.HasPrefix(content, []byte("\xff\xd8\xff"))
		if bytes.Contains(content, []byte("maker 4711")) {
			t.Errorf("%s tells who made the picture", name)
		}
	}
	if !attached {
		t.Error("the package lacks the picture's copy")
	}
}
