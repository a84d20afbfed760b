package desk_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/desk"
	"github.com/heed-line/heed/internal/review"
)

// pageOf is the page that does what an operation of the staff API does.
var pageOf = map[string]string{
	"GET /api/v1/reports": "GET /queue/{list}", "GET /api/v1/reports/{id}": "GET /reports/{id}",
	"POST /api/v1/reports/{id}/claim":       "POST /reports/{id}/claim",
	"POST /api/v1/reports/{id}/disposition": "POST /reports/{id}/dispose",
	"POST /api/v1/reports/{id}/erase":       "POST /reports/{id}/erase",
	"POST /api/v1/reports/{id}/approve":     "POST /reports/{id}/approve",
	"POST /api/v1/reports/{id}/messages":    "POST /reports/{id}/ask",
	"GET /api/v1/departments":               "GET /queue/{list}", // its choice of departments
	"GET /api/v1/events":                    "GET /events",
	"GET /api/v1/checkpoints":               "GET /audit/checkpoints",
}

// withoutPage are operations whose action no page route declares, because the page asks its service alone.
var withoutPage = map[string]auth.Action{"GET /api/v1/statistics": auth.StatisticsRead}

// operations is every operation of the API's own description with the action that it declares.
func (l *line) operations() map[string]auth.Action {
	l.t.Helper()
	a := (&program{l: l}).call("GET", "/openapi.json", nil)
	found := map[string]auth.Action{}
	for path, methods := range a.body["paths"].(map[string]any) {
		for method, op := range methods.(map[string]any) {
			declared, _ := op.(map[string]any)["x-permission"].(string)
			found[strings.ToUpper(method)+" "+path] = auth.Action(declared)
		}
	}
	return found
}

func TestTheAPIHasNoWayThatThePagesDoNotHave(t *testing.T) {
	l := newLine(t)
	pages := desk.PageActions()
	operations := l.operations()
	if len(operations) < 9 {
		t.Fatalf("the description has %d operations", len(operations))
	}
	for op, action := range operations {
		want, known := pages[pageOf[op]]
		if !known {
			want, known = withoutPage[op]
		}
		if !known || action != want {
			t.Errorf("%s asks about %q, its page about %q", op, action, want)
		}
	}
}

func TestEveryRouteAsksAboutAnActionThatThePoliciesKnow(t *testing.T) {
	known := map[auth.Action]bool{}
	for _, a := range auth.Actions {
		known[a] = true
	}
	for pattern, action := range desk.PageActions() {
		if !known[action] {
			t.Errorf("%s asks about %q", pattern, action)
		}
	}
}

// TestEveryRoleIsTurnedAwayWhereItHasNoBusiness walks every page and every operation as every role.
func TestEveryRoleIsTurnedAwayWhereItHasNoBusiness(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	operations := l.operations()
	fill := strings.NewReplacer("{$}", "", "{list}", "review", "{id}", string(id), "{file}", string(id), "{at}", "0").Replace
	for _, role := range heed.Roles {
		me := &heed.Staff{ID: "me", Roles: []heed.Role{role}}
		if role == heed.Liaison {
			me.Department = "fire-safety"
		}
		denied := func(a auth.Action) bool {
			return auth.Allow(me, a, auth.Resource{Staff: me.ID, Department: me.Department}) != nil
		}
		b := l.signIn("page "+string(role), role)
		for pattern, action := range desk.PageActions() {
			method, path, _ := strings.Cut(pattern, " ")
			if pattern == "GET /events" || !denied(action) && method != http.MethodGet {
				continue // a stream without an end, and acts that are theirs: other tests do those
			}
			got := b.post
			if method == http.MethodGet {
				got = func(path string, _ ...string) page { return b.get(path) }
			}
			p := got(fill(path))
			if (p.status == http.StatusForbidden) != denied(action) {
				t.Errorf("%s: %s answers %d", role, pattern, p.status)
			}
			if denied(auth.ReportRead) && strings.Contains(p.body, "Harbour Street") {
				t.Errorf("%s reads of a report at %s", role, pattern)
			}
		}
		robot := &program{l, l.tokenOf("page " + string(role))}
		for op, action := range operations {
			method, path, _ := strings.Cut(op, " ")
			if op == "GET /api/v1/events" || !denied(action) && method != http.MethodGet {
				continue
			}
			a := robot.call(method, strings.TrimPrefix(fill(path), "/api/v1"), map[string]any{})
			if (a.status == http.StatusForbidden) != denied(action) {
				t.Errorf("%s: %s answers %d", role, op, a.status)
			}
			if _, has := a.body["text"]; has && denied(auth.ReportRead) {
				t.Errorf("%s reads a report by %s", role, op)
			}
		}
	}
}

// tokenOf makes a token of an account that is there.
func (l *line) tokenOf(name string) string {
	l.t.Helper()
	s, err := l.auth.Named(l.t.Context(), name)
	l.must(err)
	token, err := l.auth.CreateToken(l.t.Context(), nil, s.ID, 0)
	l.must(err)
	return token
}

func TestTheServicesAskAgain(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	ctx := t.Context()
	for _, role := range []heed.Role{heed.Agent, heed.Liaison, heed.Custodian, heed.Overseer, heed.Admin} {
		me := l.staff("only "+string(role), role)
		errs := map[string]error{}
		_, errs["queue"] = l.review.Queue(ctx, me, heed.ReportQuery{})
		_, errs["row"] = l.review.Row(ctx, me, id)
		_, errs["search"] = l.review.Search(ctx, me, "gas", "to look", heed.ReportQuery{})
		_, errs["read"] = l.review.Read(ctx, me, id, "queue")
		_, _, errs["file"] = l.review.OpenCopy(ctx, me, id, id)
		_, errs["later approvals"] = l.review.LaterApprovals(ctx, me)
		_, errs["dispose"] = l.review.Dispose(ctx, me, id, review.Decision{Kind: heed.Close, Reason: "nothing"})
		errs["claim"], errs["release"] = l.review.Claim(ctx, me, id), l.review.Release(ctx, me, id)
		errs["ask"], errs["undo"] = l.review.Ask(ctx, me, id, "Where?"), l.review.Undo(ctx, me, id)
		errs["approve"], errs["decline"] = l.review.Approve(ctx, me, id), l.review.Decline(ctx, me, id, "nothing")
		errs["urgency"], errs["category"] = l.review.SetUrgency(ctx, me, id, heed.High, ""), l.review.SetCategory(ctx, me, id, "hazard")
		_, errs["erase"] = l.review.ProposeErasure(ctx, me, id, "nothing")
		errs["unlink"], errs["reopen"] = l.review.Unlink(ctx, me, id), l.review.Reopen(ctx, me, id, "nothing")
		for act, err := range errs {
			if !errors.Is(err, heed.ErrForbidden) {
				t.Errorf("%s: %s: %v", role, act, err)
			}
		}
		if role != heed.Admin {
			_, _, err := l.auth.Add(ctx, me, auth.NewStaff{Name: "x", Roles: []heed.Role{heed.Agent}})
			if !errors.Is(err, heed.ErrForbidden) {
				t.Errorf("%s adds accounts: %v", role, err)
			}
		}
	}
}

func TestNobodyLiftsTheirOwnLimit(t *testing.T) {
	l := newLine(t)
	admin := l.staff("both", heed.Admin, heed.Specialist)
	other := l.staff("fraud desk", heed.Specialist)
	ctx := t.Context()
	if err := l.auth.Limit(ctx, admin, admin.ID, nil); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("their own: %v", err)
	}
	b := l.browser()
	b.post("/sign-in", "name", "both", "passphrase", passphrase)
	if p := b.post("/staff/"+string(other.ID)+"/categories", "category", "fraud-scam"); p.status != http.StatusOK || !strings.Contains(p.text(), "Limited to:") {
		t.Errorf("limiting another answers %d: %s", p.status, p.text())
	}
	if p := b.post("/staff/"+string(admin.ID)+"/categories", "category", "fraud-scam"); p.status != http.StatusForbidden {
		t.Errorf("limiting oneself answers %d", p.status)
	}
}

func TestWhoIsLimitedSeesAndHearsOfTheirOwnCategoriesOnlyAtTheDesk(t *testing.T) {
	l := newLine(t)
	mine, theirs := l.arrive(gas), l.arrive("Somebody sells a stolen car from the yard at the harbour.")
	lead := l.staff("lea", heed.Specialist, heed.RoleLead)
	ctx := t.Context()
	l.must(l.review.SetCategory(ctx, lead, mine, "hazard"))
	l.must(l.review.SetCategory(ctx, lead, theirs, "fraud-scam"))
	robot := l.program("robot", heed.Specialist)
	account, err := l.auth.Token(ctx, robot.token)
	l.must(err)
	l.must(l.auth.Limit(ctx, nil, account.ID, []string{"hazard"}))

	if a := robot.call("GET", "/reports", nil); len(a.body["reports"].([]any)) != 1 {
		t.Errorf("the list has %v", a.body["reports"])
	}
	unknown := robot.call("GET", "/reports/"+string(heed.NewID(l.clock())), nil)
	hidden := robot.call("GET", "/reports/"+string(theirs), nil)
	if hidden.status != http.StatusNotFound || hidden.body["code"] != unknown.body["code"] || hidden.body["detail"] != unknown.body["detail"] {
		t.Errorf("what isn't theirs answers %d %v, what isn't there %v", hidden.status, hidden.body, unknown.body)
	}
	lines := l.listening("/api/v1/events", "", robot.token)
	l.must(l.review.Claim(ctx, lead, theirs))
	l.must(l.review.Claim(ctx, lead, mine))
	for line := range lines {
		if strings.Contains(line, string(theirs)) {
			t.Fatalf("they hear of another's report: %s", line)
		}
		if strings.Contains(line, string(mine)) {
			return
		}
	}
	t.Error("they don't hear of their own")
}
