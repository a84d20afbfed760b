package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the desk's page of Custodians says of who waits.
var (
	waitsAt  = regexp.MustCompile(`/custodians/[0-9a-z]+/approve/apart`)
	waitsKey = regexp.MustCompile(`name="key" value="([^"]+)"`)
)

// Neither of the two ever has a key on the line.
func TestACustodianIsApprovedAndRemovedByAnswersOfAMachineApart(t *testing.T) {
	stick := t.TempDir()
	k := startProcess(t, filepath.Join(t.TempDir(), "line"))
	k.addCustodianApart("dana", stick)
	k.addCustodianApart("eve", stick)
	k.addStaff("root", "admin")
	dana, root := k.signIn(t, "dana"), k.signIn(t, "root")
	// carries takes the request to the machine apart and brings the answer.
	carries := func(path, name, typed string, fields url.Values) {
		t.Helper()
		request := filepath.Join(stick, name+".heed-request")
		if err := os.WriteFile(request, dana.post(path, fields), 0o600); err != nil {
			t.Fatal(err)
		}
		out := heedApart(t, stick, apartPassphrase+"\n"+typed, "custodian", "open", "--key", "dana.key", request)
		if strings.TrimSpace(out) != filepath.Join(stick, name+".heed-answer") {
			t.Errorf("it answers %q", out)
		}
		dana.sends(path[:strings.LastIndex(path[:len(path)-len("/apart")], "/")]+"/answer", "answer", filepath.Join(stick, name+".heed-answer"))
	}
	page := string(dana.get("/custodians"))
	at, key := waitsAt.FindString(page), waitsKey.FindStringSubmatch(page)
	if at == "" || key == nil {
		t.Fatalf("the page offers no request: %s", page)
	}
	carries(at, "approve", "yes\nyes\n", url.Values{"key": {key[1]}}) // the first time the line's key is compared
	if page := string(dana.get("/custodians")); !strings.Contains(page, "Approved by dana") {
		t.Fatalf("she isn't approved: %s", page)
	}
	eve := strings.TrimSuffix(at, "/approve/apart")
	root.post(eve+"/ask-removal", nil)
	carries(eve+"/remove/apart", "remove", "yes\n", nil)
	if page := string(dana.get("/custodians")); strings.Contains(page, "<bdi>eve</bdi>") {
		t.Errorf("she is one still: %s", page)
	}
}
