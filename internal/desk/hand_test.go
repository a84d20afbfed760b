package desk_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// lets marks an account as if it had come this moment by another's link.
func (l *line) lets(by, in string) {
	l.t.Helper()
	mark := make([]byte, 32)
	rand.Read(mark)
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
		return tx.AddCredential(l.t.Context(), &heed.Credential{
			Hash: mark, Kind: heed.Newcomer, Staff: l.account(in).ID, CreatedAt: l.clock(), SeenAt: l.clock(), ExpiresAt: l.clock().Add(auth.NewFor), By: l.account(by).ID,
		})
	}))
}

// wantOneHand is what a second person reads who is none: a sentence with both names in it.
func wantOneHand(t *testing.T, what string, p page, first, admin string) {
	t.Helper()
	text := p.text()
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(text, first+" and you don’t count as two people yet") || !strings.Contains(text, "a link of "+admin) {
		t.Errorf("%s: %d %s", what, p.status, text)
	}
}

func TestWhoWasLetInByTheSameAdminIsToldThatTheyAreNoSecondPersonYet(t *testing.T) {
	l := newLine(t)
	l.signIn("root", heed.Admin)
	amira, bo, lou := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.RoleLead), l.signIn("lou", heed.RoleLead)
	l.lets("root", "amira")
	l.lets("root", "bo")
	id := l.arrive("A flat roof lost some tiles in the wind, they lie on the path behind the school now.")
	amira.post("/reports/"+string(id)+"/dispose", "kind", "refer", "department", "fire-safety", "reason", "They keep the building register")
	for _, form := range [][]string{{"go", "approve"}, {"go", "decline", "reason", "They have it already"}} {
		wantOneHand(t, form[1], bo.post("/reports/"+string(id)+"/approve", form...), "amira", "root")
	}
	if state := l.report(id).State; state != heed.PendingApproval {
		t.Errorf("the report is %s", state)
	}
	if p := lou.post("/reports/"+string(id)+"/approve", "go", "approve"); p.status != http.StatusOK || l.report(id).State != heed.Referred {
		t.Errorf("another lead: %d, %s", p.status, l.report(id).State)
	}
}

func TestAnAdminAndWhoCameByTheirLinkDontBelieveAClock(t *testing.T) {
	l := newLine(t)
	root, bo, lou := l.signIn("root", heed.Admin), l.signIn("bo", heed.RoleLead), l.signIn("lou", heed.RoleLead)
	l.lets("root", "bo")
	root.post("/clock")
	wantOneHand(t, "clock", bo.post("/clock"), "root", "root")
	if p := lou.post("/clock"); p.status != http.StatusOK {
		t.Errorf("another lead: %d", p.status)
	}
}

func TestOfOneHandNobodyOpensAnIdentityHereOrApart(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian, heed.Admin)
	eve, key := l.apart("eve")
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	file, code := eve.takes(asked)
	answer := l.answered(file, code, key)
	l.lets("dana", "amira")
	wantOneHand(t, "here", dana.approves(asked), "amira", "dana")
	l.lets("eve", "dana") // so that both Custodians are one hand with who asks, and nobody else could decide
	if p := eve.brings(asked+"/apart", answer); p.status != http.StatusOK {
		t.Fatalf("where nobody else could: %d %s", p.status, p.text())
	}
	if n := l.countActs(auth.ActOneHand); n != 1 {
		t.Errorf("%d leaves say so", n)
	}
	zoe := l.signIn("zoe", heed.Specialist)
	again := zoe.asks(id)
	l.lets("eve", "zoe")
	l.forgets("dana")
	wantOneHand(t, "taking", eve.post(again+"/apart", "code", string(code)), "zoe", "eve")
	if d := l.disclosure(again); d.State != heed.DisclosureAsked {
		t.Errorf("it is %s", d.State)
	}
}

func (l *line) countActs(act string) (n int) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		all, err := tx.CountActs(l.t.Context(), time.Time{}, time.Time{})
		n = all[act]
		return err
	}))
	return n
}

// forgets takes it away that somebody came lately.
func (l *line) forgets(name string) {
	l.t.Helper()
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
		return tx.DeleteCredentials(l.t.Context(), l.account(name).ID, heed.Newcomer)
	}))
}

func TestThePageOfAccountsSaysWhoCameLatelyByWhoseLink(t *testing.T) {
	l := newLine(t)
	root, olu := l.signIn("root", heed.Admin), l.signIn("olu", heed.Overseer)
	l.staff("bo", heed.RoleLead)
	l.lets("root", "bo")
	const said = "Came by a link of root in the last seven days"
	for _, b := range []*browser{root, olu} {
		if p := b.get("/staff"); strings.Count(p.text(), said) != 1 {
			t.Errorf("%d %s", p.status, p.text())
		}
	}
	l.wait(auth.NewFor)
	if p := l.again("olu").get("/staff"); strings.Contains(p.text(), said) {
		t.Error("it is said after the week")
	}
}
