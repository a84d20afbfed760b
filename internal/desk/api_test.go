package desk_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// program is somebody's program at the staff API.
type program struct {
	l     *line
	token string
}

func (l *line) program(name string, roles ...heed.Role) *program {
	l.t.Helper()
	s := l.staff(name, roles...)
	token, err := l.auth.CreateToken(l.t.Context(), nil, s.ID, 0)
	l.must(err)
	return &program{l, token}
}

// answer is what came, decoded from JSON.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (p *program) call(method, path string, body any) answer {
	p.l.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		p.l.must(json.NewEncoder(&sent).Encode(body))
	}
	r, err := http.NewRequestWithContext(p.l.t.Context(), method, p.l.server.URL+"/api/v1"+path, &sent)
	p.l.must(err)
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	p.l.must(err)
	a := answer{status: res.StatusCode, header: res.Header}
	if err := json.NewDecoder(res.Body).Decode(&a.body); err != nil {
		p.l.t.Fatalf("%s %s answers %d and no JSON: %v", method, path, res.StatusCode, err)
	}
	p.l.must(res.Body.Close())
	return a
}

func TestAProgramFindsTheWholeQueueWithWhatIsInQuarantine(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	p := l.program("robot", heed.Specialist)
	listed := func(query string) int {
		t.Helper()
		a := p.call("GET", "/reports?"+query, nil)
		reports, _ := a.body["reports"].([]any)
		if a.status != http.StatusOK {
			t.Errorf("%s answers %d %v", query, a.status, a.body)
		}
		return len(reports)
	}
	if n, aside := listed("list=review"), listed("list=aside"); n != 1 || aside != 0 {
		t.Errorf("the queue has %d, aside are %d", n, aside)
	}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return l.review.Quarantine(t.Context(), tx, id, heed.NewID(l.clock())) }))
	if review, quarantine, queued := listed("list=review"), listed("state=quarantine"), listed("state=queued"); review != 1 || quarantine != 1 || queued != 0 {
		t.Errorf("the queue has %d, quarantine %d, queued %d", review, quarantine, queued)
	}
}

func TestAProgramListsReadsClaimsAsksAndDecides(t *testing.T) {
	l := newLine(t)
	id := string(l.arrive(gas))
	p := l.program("robot", heed.Specialist)
	list := p.call("GET", "/reports?state=queued", nil)
	reports, _ := list.body["reports"].([]any)
	if list.status != 200 || len(reports) != 1 || reports[0].(map[string]any)["id"] != id {
		t.Fatalf("the list answers %d: %v", list.status, list.body)
	}
	report := p.call("GET", "/reports/"+id, nil)
	if report.body["text"] != gas || report.body["state"] != "queued" {
		t.Errorf("the report is %v", report.body)
	}
	for _, want := range []string{"deadlines", "screening", "attachments", "messages", "history"} {
		if report.body[want] == nil {
			t.Errorf("the report has no %s", want)
		}
	}
	if a := p.call("POST", "/reports/"+id+"/claim", nil); a.status != 200 || a.body["state"] != "in_review" {
		t.Errorf("claiming answers %d: %v", a.status, a.body)
	}
	if a := p.call("POST", "/reports/"+id+"/messages", map[string]any{"text": "Which floor?"}); a.status != 200 || a.body["state"] != "needs_info" {
		t.Errorf("asking answers %d: %v", a.status, a.body)
	}
	if a := p.call("POST", "/reports/"+id+"/disposition", map[string]any{"kind": "hold", "reason": "Waiting for the answer"}); a.status != 200 || a.body["state"] != "final" {
		t.Errorf("deciding answers %d: %v", a.status, a.body)
	}
	if a := p.call("GET", "/departments", nil); a.status != 200 || len(a.body["departments"].([]any)) == 0 {
		t.Errorf("the departments answer %d: %v", a.status, a.body)
	}
	if a := p.call("GET", "/statistics", nil); a.status != 200 || a.body["lists"].(map[string]any)["waiting"] != 1.0 {
		t.Errorf("the statistics answer %d: %v", a.status, a.body)
	}
}

func TestTheAPIIsNoWayAroundTheSecondPerson(t *testing.T) {
	l := newLine(t)
	id := string(l.arrive("A flat roof lost some tiles in the wind, they lie on the path behind the school now."))
	amira := l.signIn("amira", heed.RoleLead)
	account, err := l.auth.Named(t.Context(), "amira")
	l.must(err)
	token, err := l.auth.CreateToken(t.Context(), nil, account.ID, 0)
	l.must(err)
	mine, other := &program{l, token}, l.program("bo", heed.RoleLead)
	amira.post("/reports/"+id+"/dispose", "kind", "refer", "department", "fire-safety", "reason", "They keep the register")
	if a := mine.call("POST", "/reports/"+id+"/approve", nil); a.status != 403 {
		t.Errorf("the same person's token approves: %d %v", a.status, a.body)
	}
	if a := other.call("POST", "/reports/"+id+"/approve", nil); a.status != 200 || a.body["state"] != "referred" {
		t.Errorf("another lead's token is answered %d: %v", a.status, a.body)
	}
}

func TestWhatIsKeptLongEnoughIsErasedByTwoPeopleThroughTheAPI(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	id := l.arrive("A flat roof lost some tiles in the wind, they lie on the path behind the school now.")
	lead, second := l.staff("lea", heed.RoleLead), l.staff("leo", heed.RoleLead)
	made, err := l.review.Dispose(ctx, lead, id, review.Decision{Kind: heed.Refer, Department: "fire-safety", Reason: "They keep the register"})
	l.must(err)
	if made.State == heed.Pending {
		l.must(l.review.Approve(ctx, second, id))
	}
	mine := &program{l, l.tokenOf("lea")}
	if a := mine.call("POST", "/reports/"+string(id)+"/erase", map[string]any{"reason": "too early"}); a.status != http.StatusConflict {
		t.Errorf("before its span is over erasing answers %d: %v", a.status, a.body)
	}
	l.wait(5*365*24*time.Hour + time.Minute)
	if _, _, err := l.review.EndSpans(ctx, l.clock(), 10); err != nil {
		t.Fatal(err)
	}
	mine, other := &program{l, l.tokenOf("lea")}, &program{l, l.tokenOf("leo")}
	admin, liaison := l.program("ada", heed.Admin), l.program("omar", heed.Liaison)
	for _, p := range []*program{admin, liaison} {
		if a := p.call("POST", "/reports/"+string(id)+"/erase", map[string]any{"reason": "it is old"}); a.status != http.StatusForbidden {
			t.Errorf("who decides about no report is answered %d", a.status)
		}
	}
	if a := mine.call("POST", "/reports/"+string(id)+"/erase", map[string]any{"reason": ""}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d %v", a.status, a.body)
	}
	if a := mine.call("POST", "/reports/"+string(id)+"/erase", map[string]any{"reason": "nobody asks for it"}); a.status != 200 || a.body["state"] != "pending" || a.body["kind"] != "erase" {
		t.Fatalf("proposing answers %d: %v", a.status, a.body)
	}
	if a := mine.call("POST", "/reports/"+string(id)+"/approve", nil); a.status != http.StatusForbidden {
		t.Errorf("the same person's token approves: %d %v", a.status, a.body)
	}
	if a := other.call("POST", "/reports/"+string(id)+"/approve", nil); a.status != 200 || a.body["state"] != "erased" {
		t.Errorf("another lead's token is answered %d: %v", a.status, a.body)
	}
	if a := other.call("GET", "/reports/"+string(id), nil); a.body["erased"] != true || a.body["text"] != "" {
		t.Errorf("the report is %v", a.body)
	}
}

func TestTheDeskOffersTheErasureOfWhatIsKeptLongEnough(t *testing.T) {
	l := newLine(t)
	id := l.arrive("A flat roof lost some tiles in the wind, they lie on the path behind the school now.")
	lead, second := l.staff("lea", heed.RoleLead), l.staff("leo", heed.RoleLead)
	made, err := l.review.Dispose(t.Context(), lead, id, review.Decision{Kind: heed.Refer, Department: "fire-safety", Reason: "They keep the register"})
	l.must(err)
	if made.State == heed.Pending {
		l.must(l.review.Approve(t.Context(), second, id))
	}
	path := "/reports/" + string(id)
	if p := l.signIn("ann", heed.Specialist).get(path); strings.Contains(p.body, path+"/erase") {
		t.Error("the desk offers it before its span is over")
	}
	l.wait(5*365*24*time.Hour + time.Minute)
	if _, _, err := l.review.EndSpans(t.Context(), l.clock(), 10); err != nil {
		t.Fatal(err)
	}
	ben, lia := l.signIn("ben", heed.Specialist), l.signIn("lia", heed.RoleLead)
	if p := ben.get(path); !strings.Contains(p.body, path+"/erase") || !strings.Contains(p.text(), "Kept long enough") {
		t.Errorf("the desk doesn't offer it: %s", p.text())
	}
	if p := ben.post(path+"/erase", "reason", "nobody asks for it"); p.status != 200 || !strings.Contains(p.text(), "Waits for a second person") || strings.Contains(p.body, path+"/erase") {
		t.Errorf("proposing answers %d: %s", p.status, p.text())
	}
	if p := lia.post(path+"/approve", "go", "approve"); p.status != 200 || l.report(id).State != heed.Erased {
		t.Errorf("approving answers %d: %s", p.status, p.text())
	}
}

func TestNoTokenOrTheWrongRoleGetsAProblemDocument(t *testing.T) {
	l := newLine(t)
	id := string(l.arrive(gas))
	liaison := l.program("omar", heed.Liaison)
	for _, c := range []struct {
		who    *program
		method string
		path   string
		body   any
		want   int
		code   string
	}{
		{&program{l, ""}, "GET", "/reports", nil, 401, "signed-out"},
		{&program{l, "nonsense"}, "GET", "/reports", nil, 401, "signed-out"},
		{liaison, "GET", "/reports", nil, 403, "forbidden"},
		{liaison, "GET", "/reports/" + id, nil, 403, "forbidden"},
		{liaison, "GET", "/departments", nil, 403, "forbidden"},
		{liaison, "GET", "/statistics", nil, 403, "forbidden"},
		{liaison, "POST", "/reports/" + id + "/claim", nil, 403, "forbidden"},
		{liaison, "POST", "/reports/" + id + "/disposition", map[string]any{"kind": "close", "reason": "no"}, 403, "forbidden"},
		{liaison, "POST", "/reports/" + id + "/approve", nil, 403, "forbidden"},
		{liaison, "POST", "/reports/" + id + "/messages", map[string]any{"text": "Who?"}, 403, "forbidden"},
		{liaison, "GET", "/nowhere", nil, 404, "not-found"},
		{liaison, "DELETE", "/reports/" + id, nil, 405, "method"},
	} {
		a := c.who.call(c.method, c.path, c.body)
		if a.status != c.want || a.body["code"] != c.code || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s answers %d %s %v, want %d %s", c.method, c.path, a.status, a.header.Get("Content-Type"), a.body, c.want, c.code)
		}
	}
	if s := l.report(heed.ID(id)).State; s != heed.Queued {
		t.Errorf("the report is %s", s)
	}
}

func TestAFaultyCallSaysWhatIsWrong(t *testing.T) {
	l := newLine(t)
	id := string(l.arrive(gas))
	p := l.program("robot", heed.Specialist)
	for _, c := range []struct {
		path string
		body any
		want int
		code string
	}{
		{"/reports?q=gas", nil, 422, "reason-missing"},
		{"/reports?state=lost", nil, 422, "state-unknown"},
		{"/reports?list=lost", nil, 422, "invalid"},
		{"/reports?urgency=soon", nil, 422, "invalid"},
		{"/reports?after=nonsense", nil, 422, "invalid"},
		{"/reports/nonsense", nil, 404, "not-found"},
		{"/reports/" + id + "/disposition", map[string]any{"kind": "sell", "reason": "x"}, 422, "invalid"},
		{"/reports/" + id + "/disposition", map[string]any{"kind": "hold"}, 422, "invalid"},
		{"/reports/" + id + "/disposition", map[string]any{"kind": "hold", "reason": "yes please", "extra": 1}, 422, "invalid"},
		{"/reports/" + id + "/disposition", map[string]any{"kind": "refer", "reason": "yes please", "department": "moon"}, 422, "department-unknown"},
		{"/reports/" + id + "/messages", map[string]any{"text": ""}, 422, "text-empty"},
	} {
		method := "GET"
		if c.body != nil {
			method = "POST"
		}
		if a := p.call(method, c.path, c.body); a.status != c.want || a.body["code"] != c.code {
			t.Errorf("%s answers %d %v, want %d %s", c.path, a.status, a.body, c.want, c.code)
		}
	}
	found := p.call("GET", "/reports?q=harbour&purpose=a+second+smell", nil)
	if reports, _ := found.body["reports"].([]any); len(reports) != 1 {
		t.Errorf("a search with a purpose finds %v", found.body)
	}
}

func TestTheAPIsDescriptionNamesEveryOperationAndNeedsNoToken(t *testing.T) {
	l := newLine(t)
	doc := (&program{l, ""}).call("GET", "/openapi.json", nil)
	paths, _ := doc.body["paths"].(map[string]any)
	for _, want := range []string{
		"/api/v1/reports", "/api/v1/reports/{id}", "/api/v1/reports/{id}/claim", "/api/v1/reports/{id}/disposition",
		"/api/v1/reports/{id}/approve", "/api/v1/reports/{id}/messages", "/api/v1/departments", "/api/v1/events", "/api/v1/statistics",
	} {
		if paths[want] == nil {
			t.Errorf("the description lacks %s", want)
		}
	}
}

// listening reads server-sent events as lines, until the test ends.
func (l *line) listening(path, cookie, token string) <-chan string {
	l.t.Helper()
	ctx, cancel := context.WithCancel(l.t.Context())
	l.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.server.URL+path, nil)
	l.must(err)
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "heed-desk", Value: cookie})
	} else {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	l.must(err)
	l.t.Cleanup(func() {
		if err := res.Body.Close(); err != nil {
			l.t.Error(err)
		}
	})
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		l.t.Fatalf("%s answers %d %s", path, res.StatusCode, kind)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

// heard waits for a line that holds all of want, or for the time to run out.
func heard(lines <-chan string, patience time.Duration, want ...string) bool {
	end := time.After(patience)
	for {
		select {
		case <-end:
			return false
		case line, open := <-lines:
			if !open {
				return false
			}
			all := true
			for _, w := range want {
				all = all && strings.Contains(line, w)
			}
			if all {
				return true
			}
		}
	}
}

func TestWhatHappensIsHeardByThoseWhoSeeTheQueueAndHoldsNoContent(t *testing.T) {
	l := newLine(t)
	robot, omar := l.program("robot", heed.Specialist), l.program("omar", heed.Liaison)
	l.staff("amira", heed.Specialist)
	session, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, "")
	l.must(err)
	page, api, liaison := l.listening("/events", session, ""), l.listening("/api/v1/events", "", robot.token), l.listening("/api/v1/events", "", omar.token)
	id := string(l.arrive("zebrafinch-4471 " + gas))
	if !heard(page, 5*time.Second, "data:", id, `"list":"review"`) {
		t.Error("the page hears nothing of a new report")
	}
	if !heard(api, 5*time.Second, "data:", id) {
		t.Error("the API's client hears nothing of a new report")
	}
	if heard(liaison, time.Second, "data:") {
		t.Error("a liaison hears of a report that isn't theirs")
	}
}

func TestAClientThatComesBackHearsWhatItMissed(t *testing.T) {
	l := newLine(t)
	robot := l.program("robot", heed.Specialist)
	l.arrive(gas)
	second := string(l.arrive(gas))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.server.URL+"/api/v1/events", nil)
	l.must(err)
	r.Header.Set("Authorization", "Bearer "+robot.token)
	r.Header.Set("Last-Event-ID", "1")
	res, err := http.DefaultClient.Do(r)
	l.must(err)
	t.Cleanup(func() { l.must(res.Body.Close()) })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	if !heard(lines, 5*time.Second, "data:", second) {
		t.Error("what was missed isn't told")
	}
}

func TestTheDeskSaysThatItLivesAndIsReady(t *testing.T) {
	l := newLine(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if p := l.browser().get(path); p.status != 200 || p.body != "ok\n" {
			t.Errorf("%s answers %d %q", path, p.status, p.body)
		}
	}
}
