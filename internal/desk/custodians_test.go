package desk_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

var shownKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

// custodianNamed is the address of the acts on somebody's part in the circle.
func (l *line) custodianNamed(name string) string {
	l.t.Helper()
	address := ""
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		a, err := tx.StaffByName(l.t.Context(), name)
		if err == nil {
			address = "/custodians/" + string(a.ID)
		}
		return err
	}))
	return address
}

func TestALaterCustodianIsApprovedAndRemovedAtTheDesk(t *testing.T) {
	l := newLine(t)
	dana, eve, root := l.signIn("dana", heed.Custodian), l.signIn("eve", heed.Custodian), l.signIn("root", heed.Admin)
	id, _ := l.named()
	if p := eve.get("/custodians"); !strings.Contains(p.text(), "Read it to the Custodian") || shownKey.MatchString(p.body) {
		t.Fatalf("who waits reads %s", p.text())
	}
	if p := root.get("/custodians"); p.status != http.StatusOK || shownKey.MatchString(p.body) {
		t.Errorf("an admin gets %d, or is offered to approve", p.status)
	}
	if p := l.signIn("amira", heed.Specialist).get("/custodians"); p.status != http.StatusForbidden {
		t.Errorf("a specialist gets %d", p.status)
	}
	key := shownKey.FindStringSubmatch(dana.get("/custodians").body)
	if key == nil {
		t.Fatal("the custodian is shown no key to approve")
	}
	at := l.custodianNamed("eve")
	if p := dana.post(at+"/approve", "key", "0000 0000", "passphrase", passphrase); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "Compare it again") {
		t.Errorf("another key answers %d", p.status)
	}
	if p := dana.post(at+"/approve", "key", key[1], "passphrase", "wrong "+passphrase); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#passphrase-`) {
		t.Errorf("a wrong passphrase answers %d, or leads to no field", p.status)
	}
	if p := eve.post(at+"/approve", "key", key[1], "passphrase", passphrase); p.status != http.StatusForbidden {
		t.Errorf("herself answers %d", p.status)
	}
	if p := dana.post(at+"/approve", "key", key[1], "passphrase", passphrase); p.status != http.StatusOK || !strings.Contains(p.text(), "Approved by dana") {
		t.Fatalf("approving answers %d: %s", p.status, p.text())
	}
	// She opens what was given before she came.
	amira := l.signIn("bo", heed.Specialist)
	asked := amira.asks(id)
	if p := eve.approves(asked); p.status != http.StatusOK {
		t.Errorf("her approval of a request answers %d: %s", p.status, p.text())
	}
	gone := l.custodianNamed("dana")
	if p := dana.post(gone+"/remove", "passphrase", passphrase); p.status == http.StatusOK {
		t.Error("a removal that nobody asked for is done")
	}
	root.post(gone + "/ask-removal")
	if p := eve.get("/custodians"); !strings.Contains(p.text(), "root asks to remove this Custodian") {
		t.Errorf("the other one reads %s", p.text())
	}
	if p := eve.post(gone+"/remove", "passphrase", passphrase); p.status != http.StatusOK || strings.Contains(p.body, "<bdi>dana</bdi>") {
		t.Errorf("agreeing answers %d: %s", p.status, p.text())
	}
	if p := root.post(at + "/ask-removal"); !strings.Contains(p.text(), "The last Custodian") {
		t.Errorf("the last one: %s", p.text())
	}
}
