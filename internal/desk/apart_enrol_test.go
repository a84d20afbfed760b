package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

func TestACustodianEnrolsWithThePublicHalfAlone(t *testing.T) {
	l := newLine(t)
	_, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "dana", Roles: []heed.Role{heed.Custodian}})
	l.must(err)
	key := seal.GeneratePrivateKey()
	half := string(seal.FormatCustodianPublic(key.Public().Bytes()))
	b := l.browser()
	p := b.get("/enrol/" + link)
	if !strings.Contains(p.body, `name="custodian-key"`) {
		t.Fatalf("nobody asks for a public half: %s", p.text())
	}
	offer, code := b.codes(p)
	enrol := func(pasted string) page {
		return b.post("/enrol/"+link, "passphrase", passphrase, "again", passphrase, "offer", offer, "code", code, "custodian-key", pasted)
	}
	if p := enrol(half[:len(half)/2]); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#custodian-key"`) || !strings.Contains(p.text(), "no whole public half") {
		t.Errorf("half of it answers %d: %s", p.status, p.text())
	}
	if p := enrol("\r\n" + strings.ReplaceAll(half, "\n", "\r\n")); p.status != http.StatusOK {
		t.Fatalf("enrolling answers %d: %s", p.status, p.text())
	}
	account := l.account("dana")
	if string(account.CustodianPublic) != string(key.Public().Bytes()) || account.CustodianPrivate != nil {
		t.Errorf("the line has %d bytes of a private half", len(account.CustodianPrivate))
	}
	// Who isn't asked for one can't give one.
	_, link, err = l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "bo", Roles: []heed.Role{heed.Specialist}})
	l.must(err)
	b = l.browser()
	p = b.get("/enrol/" + link)
	if strings.Contains(p.body, "custodian-key") {
		t.Error("a specialist is asked for one")
	}
	offer, code = b.codes(p)
	if p := enrol(half); p.status != http.StatusOK || l.account("bo").CustodianPublic != nil {
		t.Errorf("a specialist who sends one is answered %d and has %v", p.status, l.account("bo").CustodianPublic != nil)
	}
}
