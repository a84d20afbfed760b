package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// letIn makes an account by another's link, and takes it up.
func (l *line) letIn(t *testing.T, by *heed.Staff, name string, roles ...heed.Role) *heed.Staff {
	t.Helper()
	_, link, err := l.auth.Add(t.Context(), by, auth.NewStaff{Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return l.takeUp(t, link)
}

func (l *line) takeUp(t *testing.T, link string) *heed.Staff {
	t.Helper()
	ways, _ := l.ways(t, link, passphrase)
	e, err := l.auth.Enrol(t.Context(), link, "", ways)
	if err != nil {
		t.Fatal(err)
	}
	return e.Staff
}

// asSecond is what the second of two people is answered: "" is yes.
func (l *line) asSecond(t *testing.T, first, second *heed.Staff, action auth.Action) string {
	t.Helper()
	err := l.store.Update(t.Context(), func(tx heed.Tx) error {
		return auth.AsSecond(t.Context(), tx, second, action, auth.Resource{By: first.ID}, nil, l.clock())
	})
	if err != nil {
		return codes(err)[0]
	}
	return ""
}

func TestTwoOfOneAdminsMakingAreNoTwoPeopleForAWeek(t *testing.T) {
	l := newLine(t)
	root, lou := l.add(t, "root", heed.Admin), l.add(t, "lou", heed.RoleLead)
	one, other := l.letIn(t, root, "one", heed.Specialist), l.letIn(t, root, "other", heed.RoleLead)
	second := l.letIn(t, root, "second-admin", heed.Admin)
	far := l.letIn(t, second, "far", heed.RoleLead)
	for _, c := range []struct {
		first, second *heed.Staff
		want          string
	}{
		{one, other, "one-hand"},  // both by the admin's links
		{root, other, "one-hand"}, // the admin, and who came by their link
		{one, far, "one-hand"},    // by the link of an admin whom the admin made
		{far, other, "one-hand"},
		{one, lou, ""}, // somebody of long standing
		{lou, other, ""},
	} {
		for _, action := range []auth.Action{auth.ReportApprove, auth.ReportDecline, auth.ModelDecide} {
			if got := l.asSecond(t, c.first, c.second, action); got != c.want {
				t.Errorf("%s after %s for %s: %q", c.second.Name, c.first.Name, action, got)
			}
		}
	}
	if acts := l.acts(t); slices.Contains(acts, auth.ActOneHand) {
		t.Error("a leaf of what didn't happen")
	}
	by, err := l.auth.Newcomers(t.Context(), root)
	if err != nil || len(by) != 4 || by[one.ID] != root.ID || by[far.ID] != second.ID {
		t.Errorf("let in lately: %v, %v", by, err)
	}
	l.wait(auth.NewFor - time.Second)
	if got := l.asSecond(t, one, other, auth.ReportApprove); got != "one-hand" {
		t.Errorf("at the end of the week: %q", got)
	}
	if _, err := l.auth.DeleteExpired(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.wait(time.Second)
	for _, second := range []*heed.Staff{other, far} {
		if got := l.asSecond(t, one, second, auth.ReportApprove); got != "" {
			t.Errorf("%s after the week: %q", second.Name, got)
		}
	}
}

func TestWhereNobodyElseCouldBeSecondOneHandIsHeardAndToldOf(t *testing.T) {
	l := newLine(t)
	root, ola := l.add(t, "root", heed.Admin), l.add(t, "ola", heed.Overseer)
	one, other := l.letIn(t, root, "one", heed.Specialist), l.letIn(t, root, "other", heed.RoleLead)
	closed := l.add(t, "closed", heed.RoleLead)
	if err := l.auth.SetDisabled(t.Context(), nil, closed.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "invited", Roles: []heed.Role{heed.RoleLead}}); err != nil {
		t.Fatal(err)
	}
	told := func() (n int) {
		notices, err := l.auth.Notices(t.Context(), ola)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range notices {
			if a.Code == "one-hand" && a.About == other.ID && a.By == one.ID {
				n++
			}
		}
		return n
	}
	for i, action := range []auth.Action{auth.ReportApprove, auth.ModelDecide} {
		if got := l.asSecond(t, one, other, action); got != "" {
			t.Errorf("%s: %q", action, got)
		}
		if n := told(); n != i { // of decisions about reports the audit alone speaks
			t.Errorf("after %s the overseer was told %d times", action, n)
		}
	}
	acts := l.acts(t)
	if slices.Index(acts, auth.ActOneHand) < 0 || len(acts)-slices.Index(acts, auth.ActOneHand) != 2 {
		t.Errorf("the acts are %v", acts)
	}
}

func TestWhomTheOperatorLetInIsNobodysHand(t *testing.T) {
	l := newLine(t)
	l.add(t, "lou", heed.RoleLead)
	one, other := l.enrol(t, "one", heed.Specialist), l.enrol(t, "other", heed.RoleLead)
	if got := l.asSecond(t, one.Staff, other.Staff, auth.ReportApprove); got != "" {
		t.Errorf("by the operator's links: %q", got)
	}
}

func TestAResetPutsAnAccountInTheHandOfWhoGaveTheLink(t *testing.T) {
	l := newLine(t)
	root, vera := l.add(t, "root", heed.Admin), l.add(t, "vera", heed.Admin)
	l.add(t, "ola", heed.Overseer)
	lou := l.add(t, "lou", heed.RoleLead)
	reset := func(asks, gives, whose *heed.Staff) *heed.Staff {
		if err := l.auth.AskReset(t.Context(), asks, whose.ID); err != nil {
			t.Fatal(err)
		}
		link, err := l.auth.ApproveReset(t.Context(), gives, whose.ID)
		if err != nil {
			t.Fatal(err)
		}
		return l.takeUp(t, link)
	}
	l.add(t, "len", heed.RoleLead)
	if got := l.asSecond(t, vera, lou, auth.ModelDecide); got != "" {
		t.Errorf("before: %q", got)
	}
	lou = reset(root, vera, lou)
	if got := l.asSecond(t, vera, lou, auth.ModelDecide); got != "one-hand" {
		t.Errorf("after who gave the link: %q", got)
	}
	if got := l.asSecond(t, root, lou, auth.ModelDecide); got != "" {
		t.Errorf("after who asked alone: %q", got)
	}
	// An admin's own second account gives no link that the admin asked for, where another could.
	puppet := l.letIn(t, root, "puppet", heed.Overseer)
	if err := l.auth.AskReset(t.Context(), root, lou.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.ApproveReset(t.Context(), puppet, lou.ID); !slices.Equal(codes(err), []string{"one-hand"}) {
		t.Errorf("the admin's second account answers %v", err)
	}
	if _, err := l.auth.ApproveReset(t.Context(), vera, lou.ID); err != nil {
		t.Errorf("another admin: %v", err)
	}
}

func TestTwoAdminsWhoGaveEachOtherALinkAreOneHand(t *testing.T) {
	l := newLine(t)
	root := l.add(t, "root", heed.Admin)
	l.add(t, "lou", heed.RoleLead)
	twin := l.letIn(t, root, "twin", heed.Admin, heed.RoleLead)
	err := l.store.Update(t.Context(), func(tx heed.Tx) error { // as if twin had given the link
		return tx.AddCredential(t.Context(), &heed.Credential{
			Hash: make([]byte, 32), Kind: heed.Newcomer, Staff: root.ID, CreatedAt: l.now, SeenAt: l.now, ExpiresAt: l.now.Add(auth.NewFor), By: twin.ID,
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.asSecond(t, root, twin, auth.ModelDecide); got != "one-hand" {
		t.Errorf("two who let in each other: %q", got)
	}
}
