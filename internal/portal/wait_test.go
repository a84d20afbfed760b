package portal_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// withLimits is a line whose flood limits hold.
func withLimits(l *line) { l.limits = true }

const (
	school = "198.51.100.7"
	home   = "203.0.113.9"
)

// shed is the answer to a program that is not let in.
type shed struct {
	Code      string
	Challenge web.Challenge
}

// crowd uses up what is free for a network, by submissions of programs, and answers the first that was shed.
func (l *line) crowd(from string) shed {
	l.t.Helper()
	return l.crowdBy(func() (*doc, shed) {
		var s shed
		return l.call("POST", "/api/v1/reports", `{"text":"`+told+`"}`, &s, "X-From", from), s
	}, 201)
}

// crowdLookups uses up what is free for a network, by Receipts that nobody has.
func (l *line) crowdLookups(from string) shed {
	l.t.Helper()
	return l.crowdBy(func() (*doc, shed) {
		var s shed
		return l.call("GET", "/api/v1/status", "", &s, "X-From", from, "Authorization", "Receipt 01234567890123456789"), s
	}, 404)
}

func (l *line) crowdBy(ask func() (*doc, shed), free int) shed {
	l.t.Helper()
	for range 200 {
		d, s := ask()
		switch d.status {
		case free:
		case 429:
			if s.Code != "work-or-wait" || d.header.Get("Retry-After") != strconv.Itoa(s.Challenge.Wait) {
				l.t.Fatalf("%v %s", d.header, d.body)
			}
			return s
		default:
			l.t.Fatalf("%d %s", d.status, d.body)
		}
	}
	l.t.Fatal("the crowd was never asked for anything")
	return shed{}
}

// toCheckFrom goes to the last page of the form before sending.
func (l *line) toCheckFrom(from string) *doc {
	l.t.Helper()
	d := l.get("/report", "X-From", from)
	for _, fields := range [][]string{{"text", told, "go", "next"}, {"go", "next"}, {"go", "next"}} {
		d = l.post("/report", d.with(fields...), "X-From", from)
	}
	return d
}

func TestAFloodIsShedBeforeAnythingIsDerivedAndOthersNoticeNothing(t *testing.T) {
	l := newLine(t, withLimits)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				l.call("POST", "/api/v1/reports", `{"text":"`+told+`"}`, nil, "X-From", school)
			}
		})
	}
	group.Wait()
	if n := l.submissions.Derived(); n != 30 {
		t.Errorf("400 submissions cost %d derivations", n)
	}
	if n := len(l.reports()); n != 30 {
		t.Errorf("%d reports are stored", n)
	}
	l.post("/report", l.toCheckFrom(home).with("go", "next"), "X-From", home).expect(200).receipt()
}

func TestAReporterWithoutScriptsWaitsAMomentAndLosesNothing(t *testing.T) {
	l := newLine(t, withLimits)
	check := l.toCheckFrom(school)
	l.crowd(school)
	wait := l.post("/report", check.with("go", "next"), "X-From", school, "Accept-Language", "es")
	wait.expect(429, "Espere un momento", "pulse el botón")
	if wait.header.Get("Set-Cookie") != "" || len(wait.body) != len(check.body) || strings.Contains(wait.body, told) {
		t.Errorf("%v, %d bytes", wait.header, len(wait.body))
	}
	l.wait(3 * time.Second)
	l.crowd(school) // the flood goes on
	early := l.post("/report", wait.with("go", "next"), "X-From", school).expect(429, "Wait for 6 seconds")
	if early.with().Get("pass") != wait.with().Get("pass") {
		t.Error("who comes too early begins anew")
	}
	other := l.post("/report", func() url.Values { v := early.with("lang", "fr"); v.Del("go"); return v }(), "X-From", school)
	other.expect(200, told)
	l.wait(6 * time.Second)
	l.crowd(school)
	done := l.post("/report", early.with("go", "next"), "X-From", school).expect(200)
	receipt := done.receipt()
	again := l.post("/report", early.with("go", "next"), "X-From", school).expect(429)
	l.wait(20 * time.Second)
	l.crowd(school)
	if twice := l.post("/report", again.with("go", "next"), "X-From", school).expect(200).receipt(); twice != receipt {
		t.Errorf("sent twice: %s and %s", receipt, twice)
	}
}

func TestAProgramWorksOrWaitsAndComesIn(t *testing.T) {
	l := newLine(t, withLimits)
	s := l.crowd(school)
	send := func(pass string) int {
		return l.call("POST", "/api/v1/reports", `{"text":"`+told+`"}`, nil, "X-From", school, "Heed-Pass", pass).status
	}
	pass, err := seal.Solve(s.Challenge.Ticket, s.Challenge.Work)
	if err != nil {
		t.Fatal(err)
	}
	if worked, again := send(pass), send(pass); worked != 201 || again != 429 {
		t.Errorf("work lets in: %d, then %d", worked, again)
	}
	s = l.crowd(school)
	if early := send(s.Challenge.Ticket); early != 429 {
		t.Errorf("without work or waiting: %d", early)
	}
	l.wait(time.Duration(s.Challenge.Wait) * time.Second)
	l.crowd(school)
	if waited := send(s.Challenge.Ticket); waited != 201 {
		t.Errorf("waiting lets in: %d", waited)
	}
	l.crowd(school)
	for _, pass := range []string{"", "x", strings.Repeat("A", 60), s.Challenge.Ticket + ".", strings.Repeat("9", 10_000)} {
		if got := send(pass); got != 429 {
			t.Errorf("%.70q: %d", pass, got)
		}
	}
}

func TestAFloodOfReceiptsIsShedAndReportsComeInAllTheSame(t *testing.T) {
	l := newLine(t, withLimits)
	receipt := l.post("/report", l.toCheckFrom(school).with("go", "next"), "X-From", school).receipt()
	l.crowdLookups(school)
	if n := l.lookups.Derived(); n != 30 {
		t.Errorf("%d lookups were derived", n)
	}
	l.post("/report", l.toCheckFrom(school).with("go", "next"), "X-From", school).expect(200)
	lookup := l.get("/status", "X-From", school).with("receipt", receipt, "go", "next")
	wait := l.post("/status", lookup, "X-From", school).expect(429, "Please wait a moment")
	unknown := l.post("/status", func() url.Values { lookup.Set("receipt", "01234567890123456789"); return lookup }(), "X-From", school).expect(429)
	if len(unknown.body) != len(wait.body) || l.lookups.Derived() != 30 {
		t.Error("a wrong Receipt is told from a right one without waiting")
	}
	l.wait(10 * time.Second)
	l.crowdLookups(school)
	status := l.post("/status", wait.with("go", "next"), "X-From", school).expect(200, "Your report")

	// What is said with the Receipt waits in the page too, files included.
	l.crowdLookups(school)
	wait = l.postFiles("/status", status.with("text", "They are red.", "go", "next"), []upload{{"note.txt", []byte("a note")}}, "X-From", school)
	wait.expect(429)
	if n := len(l.reports()[0].Content); n == 0 || strings.Contains(wait.body, "They are red") {
		t.Error("what waits stands in clear")
	}
	l.wait(10 * time.Second)
	l.crowdLookups(school)
	said := l.post("/status", wait.with("go", "next"), "X-From", school).expect(200, "They are red.", "Sent.")
	if l.staged() != 0 {
		t.Error("the file was not taken")
	}
	l.crowdLookups(school)
	asked := l.post("/status", said.with("go", "withdraw"), "X-From", school).expect(200)
	wait = l.post("/status", asked.with("go", "next"), "X-From", school).expect(429)
	l.wait(10 * time.Second)
	l.crowdLookups(school)
	l.post("/status", wait.with("go", "next"), "X-From", school).expect(200, "taken back")
}

func TestAFloodOfUploadsBegunIsShedAndAPassBeginsOne(t *testing.T) {
	l := newLine(t, withLimits)
	begin := func(pass string) (*doc, shed) {
		var s shed
		r := l.request("POST", "/api/v1/uploads", nil, "X-From", school, "Tus-Resumable", "1.0.0", "Upload-Length", "5",
			"Upload-Metadata", "filename bm90ZS50eHQ=", "Heed-Pass", pass)
		d := l.do(r)
		if d.status == 429 {
			if err := json.Unmarshal([]byte(d.body), &s); err != nil {
				t.Fatal(err)
			}
		}
		return d, s
	}
	s := l.crowdBy(func() (*doc, shed) { return begin("") }, 201)
	pass, err := seal.Solve(s.Challenge.Ticket, s.Challenge.Work)
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := begin(pass); d.status != 201 {
		t.Errorf("%d %s", d.status, d.body)
	}
}

func TestTheDescriptionOfTheAPITellsHowToComeIn(t *testing.T) {
	l := newLine(t, withLimits)
	d := l.get("/api/v1/openapi.json").expect(200)
	for _, want := range []string{"Heed-Pass", "challenge", "SHA-256", `"429"`} {
		if !strings.Contains(d.body, want) {
			t.Errorf("%q isn't in it", want)
		}
	}
}

func TestABrowserWithScriptsWorksAndGoesOnByItself(t *testing.T) {
	l := newLine(t, withLimits)
	b := newBrowser(t, l)
	b.view(320, "en", false)
	b.sendInACrowd()
	b.run(chromedp.WaitVisible(chromedp.CSS(".digits")))
	if n := len(l.reports()); n == 0 {
		t.Error("no report is stored")
	}
}

func TestABrowserWithoutScriptsWaitsAndPressesAButton(t *testing.T) {
	for _, lang := range []string{"en", "ar"} {
		l := newLine(t, withLimits)
		b := newBrowser(t, l)
		b.view(320, lang, false)
		b.noScripts()
		b.sendInACrowd()
		b.look("wait-" + lang)
		l.wait(9 * time.Second)
		l.crowdAlike()
		b.press("next")
		b.run(chromedp.WaitVisible(chromedp.CSS(".digits")))
	}
}

// crowdAlike uses up what is free for those whom nothing tells apart, the test's browser among them.
func (l *line) crowdAlike() {
	l.t.Helper()
	l.crowd("127.0.0.1")
}

// sendInACrowd sends a report from the form's last page while the line is crowded.
func (b *browser) sendInACrowd() {
	b.t.Helper()
	b.run(chromedp.Navigate(b.l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("textarea"), told))
	b.press("next")
	b.press("next")
	b.press("next")
	b.l.crowdAlike()
	b.press("next")
}

func TestTheWorkersSHA256FindsWhatTheLineAccepts(t *testing.T) {
	l := newLine(t, withLimits)
	b := newBrowser(t, l)
	b.run(chromedp.Navigate(b.l.server.URL + "/report"))
	key := seal.NewTicketKey(seal.NewDraftKey(seal.NewKey()))
	address := workerAddress(t, l)
	for _, work := range []int{0, 1, 8, 14} {
		ticket := key.Sign(seal.Ticket{Purpose: 1, Work: work, Issued: l.clock()})
		pass := ask(b, chromedp.Evaluate[string](fmt.Sprintf(`new Promise((done) => { const w = new Worker(%q); w.onmessage = (e) => done(e.data);
			w.postMessage({ticket: %q, work: %d}); })`, address, ticket, work), chromedp.EvalAwaitPromise))
		if _, solved, err := key.Read(pass); err != nil || !solved {
			t.Errorf("%d bits: %q is no solution: %v", work, pass, err)
		}
	}
}

// workerAddress is where the waiting page has its script from.
func workerAddress(t *testing.T, l *line) string {
	t.Helper()
	check := l.toCheckFrom(school)
	l.crowd(school)
	wait := l.post("/report", check.with("go", "next"), "X-From", school).expect(429)
	for n := range wait.root.Descendants() {
		if address := attr(n, "data-worker"); address != "" {
			return address
		}
	}
	t.Fatal("the waiting page names no worker")
	return ""
}

func TestACrowdIsToldToWaitOneAfterAnother(t *testing.T) {
	l := newLine(t, withLimits)
	l.crowdLookups(school)
	ask := func() *doc {
		return l.call("GET", "/api/v1/status", "", nil, "X-From", school, "Authorization", "Receipt 01234567890123456789")
	}
	begun := time.Now()
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if d := ask(); d.status != 429 {
				t.Errorf("one of a crowd is answered %d", d.status)
			}
		})
	}
	group.Wait()
	if took := time.Since(begun); took < 300*time.Millisecond { // 500 a second, after as many as are free
		t.Errorf("200 at once were told within %s", took)
	}
}
