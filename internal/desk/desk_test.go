package desk_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

const gas = "There is a strong smell of gas in Harbour Street, call 07700 900123 tonight."

func TestAMixedReportSaysThatPartOfItIsNoGroundToAct(t *testing.T) {
	l := newLine(t)
	const act, aside = "The cellar of number 12 is burning and people are trapped. ", "They are all muslims and pray all day, something is off with those people."
	mixed, plain := l.arrive(act+aside), l.arrive(act)
	b := l.signIn("amira", heed.Specialist)
	if p := b.get("/reports/" + string(mixed)); !strings.Contains(p.text(), "only about who someone is") || !strings.Contains(p.body, "why-") {
		t.Errorf("the page doesn't mark it: %s", p.text())
	}
	if p := b.get("/reports/" + string(plain)); strings.Contains(p.text(), "only about who someone is") {
		t.Error("a report of an act alone is marked")
	}
}

func TestTheQueueShowsAFloodAsOneRowAndOnePressLinksIt(t *testing.T) {
	const text = "The exit of the concert hall in Mill Lane is chained up and two hundred people are inside, the guard laughs about it."
	l := newLine(t)
	lead := l.arrive(text)
	var last heed.ID
	for range 3 {
		last = l.arrive(text)
	}
	b := l.signIn("amira", heed.Specialist)
	queue := b.get("/queue/review")
	if strings.Contains(queue.body, last.Short()) || !strings.Contains(queue.text(), "3 more with this text") || !strings.Contains(queue.text(), "Same text 3") {
		t.Errorf("the queue: %s", queue.text())
	}
	if p := b.get("/queue/copies?of=" + string(lead)); !strings.Contains(p.body, last.Short()) {
		t.Errorf("the copies: %s", p.text())
	}
	if p := b.get("/reports/" + string(last)); !strings.Contains(p.text(), "The same text as "+lead.Short()) {
		t.Errorf("a copy: %s", p.text())
	}
	if p := b.get("/reports/" + string(lead) + "?list=review"); !strings.Contains(p.text(), "3 more reports have the same words") {
		t.Errorf("the lead: %s", p.text())
	}
	if p := b.post("/reports/" + string(lead) + "/copies?list=review"); p.status != http.StatusOK || l.report(last).State != heed.Duplicate {
		t.Errorf("linking answers %d and leaves a copy %s", p.status, l.report(last).State)
	}
}

func TestASpecialistReadsClaimsAndRefersAReportWithoutScripts(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	queue := b.get("/")
	if queue.status != http.StatusOK || !strings.Contains(queue.body, id.Short()) {
		t.Fatalf("the queue answers %d without the report: %s", queue.status, queue.text())
	}
	if strings.Contains(queue.body, "strong smell") {
		t.Error("a row shows the report's words")
	}
	report := b.get("/reports/" + string(id) + "?list=review")
	if !strings.Contains(report.text(), "There is a strong smell") {
		t.Errorf("the report's words aren't there: %s", report.text())
	}
	for _, want := range []string{"<mark", "Suggested", `lang="en"`} {
		if !strings.Contains(report.body, want) {
			t.Errorf("the report's page lacks %q", want)
		}
	}
	if p := b.post("/reports/" + string(id) + "/claim?list=review"); p.status != http.StatusOK || !strings.Contains(p.text(), "You hold this report") {
		t.Errorf("claiming answers %d: %s", p.status, p.text())
	}
	p := b.post("/reports/"+string(id)+"/dispose?list=review", "kind", "refer", "department", "fire-safety", "reason", "Gas in a dwelling",
		"source", "B", "certainty", "2")
	if p.status != http.StatusOK || !strings.Contains(p.text(), "is referred") || !strings.Contains(p.body, "/undo") {
		t.Errorf("referring answers %d: %s", p.status, p.text())
	}
	if s := l.report(id).State; s != heed.Referred {
		t.Errorf("the report is %s", s)
	}
	if p := b.post("/reports/" + string(id) + "/undo?list=review"); p.status != http.StatusOK || l.report(id).State != heed.InReview {
		t.Errorf("undoing answers %d and leaves the report %s", p.status, l.report(id).State)
	}
	l.wait(review.UndoLife)
	if p := b.post("/reports/" + string(id) + "/undo?list=review"); p.status != http.StatusConflict {
		t.Errorf("undoing twice answers %d", p.status)
	}
}

func TestEveryReadOfAReportIsALeafAndNoneIsLeftByAList(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	reads := func() (n int) {
		l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
			leaves, err := tx.Leaves(t.Context(), 0, id, 100)
			for _, leaf := range leaves {
				if leaf.Act == "report.read" {
					n++
				}
			}
			return err
		}))
		return n
	}
	b.get("/queue/review")
	b.get("/queue/review/rows/" + string(id))
	if reads() != 0 {
		t.Error("a list left a read")
	}
	b.get("/reports/" + string(id))
	b.part = true
	b.get("/reports/" + string(id))
	if n := reads(); n != 2 {
		t.Errorf("two reads left %d leaves", n)
	}
}

func TestADecisionNeedsAReasonAndKeepsTheReportWhereItWas(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	for _, kind := range []string{"close", "hold", "refuse", "refer", "duplicate", "sell"} {
		p := b.post("/reports/"+string(id)+"/dispose", "kind", kind, "department", "fire-safety", "lead-id", string(id))
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s without a reason answers %d", kind, p.status)
		}
	}
	if s := l.report(id).State; s != heed.Queued {
		t.Errorf("the report is %s", s)
	}
	b.part = true
	p := b.post("/reports/"+string(id)+"/dispose", "kind", "hold")
	if p.status != http.StatusUnprocessableEntity || p.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(p.body, "Write a reason") {
		t.Errorf("the script is answered %d %s: %s", p.status, p.header.Get("Content-Type"), p.body)
	}
}

func TestWhatAnotherHoldsSaysWhoHoldsIt(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	amira, bo := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.Specialist)
	amira.post("/reports/" + string(id) + "/claim")
	p := bo.post("/reports/"+string(id)+"/dispose", "kind", "hold", "reason", "Waiting for more")
	if p.status != http.StatusConflict || !strings.Contains(p.text(), "amira holds this report until") {
		t.Errorf("the answer is %d: %s", p.status, p.text())
	}
}

func TestALeadApprovesWhatAnotherDecidedAndNeverTheirOwn(t *testing.T) {
	l := newLine(t)
	id := l.arrive("A flat roof lost some tiles in the wind, they lie on the path behind the school now.")
	amira, bo := l.signIn("amira", heed.RoleLead), l.signIn("bo", heed.RoleLead)
	refer := []string{"kind", "refer", "department", "fire-safety", "reason", "They keep the building register"}
	if p := amira.post("/reports/"+string(id)+"/dispose", refer...); !strings.Contains(p.text(), "waits for a second person") {
		t.Fatalf("an ungraded anonymous report's referral answers %d: %s", p.status, p.text())
	}
	if p := amira.get("/reports/" + string(id)); strings.Contains(p.body, `value="approve"`) {
		t.Error("who decided is offered to approve")
	}
	if p := amira.post("/reports/"+string(id)+"/approve", "go", "approve"); p.status != http.StatusForbidden {
		t.Errorf("approving one's own answers %d", p.status)
	}
	if p := bo.get("/queue/approval"); !strings.Contains(p.body, id.Short()) {
		t.Error("the approval isn't in its list")
	}
	if p := bo.post("/reports/" + string(id) + "/approve"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("an answer that is neither yes nor no answers %d", p.status)
	}
	if p := bo.post("/reports/"+string(id)+"/approve", "go", "decline"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("declining without a reason answers %d", p.status)
	}
	if p := bo.post("/reports/"+string(id)+"/approve", "go", "approve"); p.status != http.StatusOK || l.report(id).State != heed.Referred {
		t.Errorf("approving answers %d and leaves the report %s", p.status, l.report(id).State)
	}
}

func TestALiaisonTakesThePackageAndAnswersAndSeesNothingElse(t *testing.T) {
	l := newLine(t)
	id := l.arrive("Fire doors at the school on Mill Lane are chained shut during lessons.")
	amira, omar := l.signIn("amira", heed.RoleLead), l.signIn("omar", heed.Liaison)
	amira.post("/reports/"+string(id)+"/dispose", "kind", "refer", "department", "fire-safety", "reason", "Fire doors", "source", "B", "certainty", "2")
	ref := l.referralOf(id)
	l.wait(review.UndoLife + time.Second)
	l.must(l.referral.Prepare(t.Context(), ref))
	if p := omar.get("/"); p.path != "/referrals" || !strings.Contains(p.body, ref.Short()) {
		t.Fatalf("a liaison's start is %s: %s", p.path, p.text())
	}
	path := "/referrals/" + string(ref)
	if p := omar.get(path); strings.Contains(p.body, "chained shut") {
		t.Error("the referral's page shows the report's words")
	}
	opened, err := age.Decrypt(strings.NewReader(omar.post(path+"/package").body), l.key)
	l.must(err)
	inside, err := io.ReadAll(opened)
	l.must(err)
	if !strings.Contains(string(inside), "chained shut") {
		t.Error("the package lacks the report's words")
	}
	if p := omar.post(path + "/return"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "Write a reason") {
		t.Errorf("returning without a reason answers %d", p.status)
	}
	omar.post(path + "/accept")
	if s := l.report(id).State; s != heed.Accepted {
		t.Errorf("after accepting the report is %s", s)
	}
	if p := omar.post(path+"/outcome", "outcome", "action-taken"); p.status != http.StatusOK || l.report(id).State != heed.OutcomeGiven {
		t.Errorf("the outcome answers %d and leaves the report %s", p.status, l.report(id).State)
	}
	if p := amira.get(path); p.status != http.StatusForbidden {
		t.Errorf("a lead at a referral's page is answered %d", p.status)
	}
}

func (l *line) referralOf(report heed.ID) (id heed.ID) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		all, err := tx.Referrals(l.t.Context(), "", report, "", 1)
		if len(all) == 1 {
			id = all[0].ID
		}
		return err
	}))
	return id
}

func TestASearchNeedsAPurposeAndItsWordsStandInNoAddress(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	if p := b.post("/search", "words", "harbour"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a search without a purpose answers %d", p.status)
	}
	p := b.post("/search", "words", "harbour", "purpose", "a second smell of gas")
	if p.status != http.StatusOK || !strings.Contains(p.body, id.Short()) || strings.Contains(p.path, "harbour") {
		t.Errorf("the search answers %d at %s: %s", p.status, p.path, p.text())
	}
	for _, href := range strings.Split(p.body, `href="`)[1:] {
		if address, _, _ := strings.Cut(href, `"`); strings.Contains(address, "harbour") {
			t.Errorf("an address holds the words: %s", address)
		}
	}
}

func TestPagesOfALongListFollowEachOtherWithoutGapOrRepeat(t *testing.T) {
	l := newLine(t)
	want := map[string]bool{}
	for i := range 60 { // each in words of its own: copies would wait under the first
		want[l.arrive(gas+strings.Repeat(" Please hurry.", i)).Short()] = true
	}
	b := l.signIn("amira", heed.Specialist)
	seen := map[string]int{}
	for path, pages := "/queue/review?urgency=immediate", 0; path != ""; pages++ {
		if pages > 5 {
			t.Fatal("the list never ends")
		}
		p := b.get(path)
		for _, part := range strings.Split(p.body, `<bdi class="id">`)[1:] {
			short, _, _ := strings.Cut(part, "<")
			seen[short]++
		}
		path = ""
		if at := strings.Index(p.body, `rel="next"`); at >= 0 {
			from := strings.LastIndex(p.body[:at], `href="`) + len(`href="`)
			address, _, _ := strings.Cut(p.body[from:], `"`)
			path = strings.ReplaceAll(address, "&amp;", "&")
		}
	}
	for short := range want {
		if seen[short] != 1 {
			t.Errorf("%s is shown %d times", short, seen[short])
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d rows shown, want %d", len(seen), len(want))
	}
}

func TestNothingOfAReportStandsInAnErrorsPageOrTheLog(t *testing.T) {
	l := newLine(t)
	id := l.arrive("zebrafinch-4471 " + gas)
	b := l.signIn("amira", heed.Specialist)
	for _, path := range []string{"/reports/" + string(id) + "x", "/reports/zebrafinch", "/queue/none", "/nowhere", "/referrals/" + string(id)} {
		if p := b.get(path); p.status < 400 || p.status >= 500 {
			t.Errorf("%s answers %d", path, p.status)
		}
	}
	b.get("/reports/" + string(id))
	b.post("/search", "words", "zebrafinch-4471", "purpose", "zebrafinch-4471")
	if strings.Contains(l.log.String(), "zebrafinch") {
		t.Errorf("the log holds it: %s", l.log)
	}
}

func TestAQueryThatMakesNoSenseIsNoFault(t *testing.T) {
	l := newLine(t)
	l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	for _, q := range []string{"after=x", "after=immediate.zz.notanid", "urgency=" + url.QueryEscape("<b>"), "undo=x&did=y&until=z", "lang=xx"} {
		if p := b.get("/queue/review?" + q); p.status != http.StatusOK {
			t.Errorf("%s answers %d", q, p.status)
		}
	}
}
