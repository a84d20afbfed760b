package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/seal"
)

// agreed downloads a request to agree and gives what the machine apart makes of it.
func (b *browser) agreed(at string, key *seal.PrivateKey, fields ...string) []byte {
	b.l.t.Helper()
	p := b.post(at, fields...)
	if p.status != http.StatusOK || !strings.Contains(p.header.Get("Content-Disposition"), ".heed-request") || p.header.Get("Cache-Control") != "no-store" {
		b.l.t.Fatalf("downloading answers %d %v: %s", p.status, p.header, p.text())
	}
	r, _, err := seal.ReadAgreement(key, []byte(p.body))
	b.l.must(err)
	answer, err := r.Agree()
	b.l.must(err)
	return answer
}

func TestCustodiansWhoseKeysAreApartApproveAndRemoveAtTheDesk(t *testing.T) {
	l := newLine(t)
	dana, key := l.apart("dana")
	public, _, err := identity.CreateCustodian(passphrase)
	l.must(err)
	now := l.clock().UTC().Truncate(time.Millisecond)
	eve := &heed.Staff{ID: heed.NewID(now), Name: "eve", Roles: []heed.Role{heed.Custodian}, Language: "en", CustodianPublic: public, CreatedAt: now, EnrolledAt: now}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddStaff(t.Context(), eve) }))
	at := l.custodianNamed("eve")
	p := dana.get("/custodians")
	shown := shownKey.FindStringSubmatch(p.body)
	if shown == nil || strings.Contains(p.body, `type="password"`) || !strings.Contains(p.body, `action="`+at+`/approve/apart"`) || !strings.Contains(p.text(), "heed custodian open") {
		t.Fatalf("who has no key here is asked for a passphrase, or not led to their machine: %s", p.text())
	}
	if p := dana.post(at+"/approve", "key", shown[1], "passphrase", passphrase); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "Your key isn't kept here") {
		t.Errorf("a passphrase answers %d: %s", p.status, p.text())
	}
	answer := dana.agreed(at+"/approve/apart", key, "key", shown[1])
	if p := dana.brings(at, []byte("no answer")); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "no answer to such a request") || !strings.Contains(p.body, `href="#answer-`) {
		t.Errorf("another file answers %d: %s", p.status, p.text())
	}
	if p := dana.brings(at, answer); p.status != http.StatusOK || !strings.Contains(p.text(), "Approved by dana") {
		t.Fatalf("the answer is answered %d: %s", p.status, p.text())
	}
	if p := dana.brings(at, answer); p.status < http.StatusBadRequest || !strings.Contains(p.text(), "done already") {
		t.Errorf("the same answer again: %d", p.status)
	}
	root := l.signIn("root", heed.Admin)
	if p := dana.post(at + "/remove/apart"); p.status != http.StatusNotFound {
		t.Errorf("a removal that nobody asked for can be taken: %d", p.status)
	}
	root.post(at + "/ask-removal")
	if p := dana.brings(at, dana.agreed(at+"/remove/apart", key)); p.status != http.StatusOK || strings.Contains(p.body, "<bdi>eve</bdi>") {
		t.Errorf("the agreement is answered %d: %s", p.status, p.text())
	}
}

func TestTakingARequestToAgreeAsksForAFreshProof(t *testing.T) {
	l := newLine(t)
	dana, _ := l.apart("dana")
	l.wait(auth.ProofLife + time.Second)
	if p := dana.post(l.custodianNamed("dana")+"/approve/apart", "key", "0"); !strings.HasPrefix(p.path, "/prove") {
		t.Errorf("it answers %d at %s", p.status, p.path)
	}
}
