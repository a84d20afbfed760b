package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// sent sends a report and opens its status page.
func (l *line) sent() (receipt string, status *doc) {
	l.t.Helper()
	receipt = l.post("/report", l.toCheck().with("go", "next")).expect(200).receipt()
	return receipt, l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200)
}

// move sets the only report's state, as the desk would.
func (l *line) move(s heed.State) {
	l.t.Helper()
	ctx := context.Background()
	r := l.reports()[0]
	r.State, r.StateSince = s, l.clock()
	if err := l.store.Update(ctx, func(tx heed.Tx) error { return tx.UpdateReport(ctx, r) }); err != nil {
		l.t.Fatal(err)
	}
}

func TestTheReceiptShowsWhereTheReportStands(t *testing.T) {
	l := newLine(t)
	receipt, d := l.sent()
	d.expect(200, "Received today at", "Still to come")
	for state, words := range map[heed.State]string{
		heed.Queued: "waits for a person", heed.InReview: "A person is looking at it.", heed.NeedsInfo: "We need your answer",
		heed.Referred: "with those who can act", heed.Closed: "Finished",
	} {
		l.move(state)
		d = l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200, words)
		if n := strings.Count(d.body, `aria-current="step"`); n != 1 {
			t.Errorf("%s: %d current steps", state, n)
		}
	}
}

func TestAReporterAnswersAQuestionOnceHoweverOftenTheyPress(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	l.move(heed.NeedsInfo)
	form := d.with("text", "The red ones.", "go", "next")
	l.postFiles("/status", form, []upload{{"label.txt", []byte("a label")}}).expect(200, "Your answer", "The red ones.", "Sent.")
	again := l.postFiles("/status", form, []upload{{"label.txt", []byte("a label")}}).expect(200, "Sent.")
	if n := strings.Count(again.body, "The red ones."); n != 1 {
		t.Errorf("said %d times", n)
	}
	if r := l.reports()[0]; r.Files != 1 || r.State == heed.NeedsInfo {
		t.Errorf("report %+v", r)
	}
	if n := l.staged(); n != 0 {
		t.Errorf("%d files left over", n)
	}
}

func TestAnAnswerThatCantBeSentIsKept(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	d = l.post("/status", d.with("text", "", "go", "next")).expect(422, "Write something or add a file.")
	long := strings.Repeat("a", l.profile.Limits.Text+1)
	d = l.post("/status", d.with("text", long, "go", "next")).expect(422, "too long")
	if d.form().Get("text") != long {
		t.Error("the text is gone")
	}
	d = l.post("/status", d.with("text", "half a sent", "go", "look")).expect(200)
	if d.form().Get("text") != "half a sent" {
		t.Error("looking again loses the text")
	}
	d = l.post("/status", d.with("lang", "ru")).expect(200, "Ваше сообщение")
	if d.form().Get("text") != "half a sent" {
		t.Error("changing the language loses the text")
	}
}

func TestTheFilesOfAnAnswerThatCantBeSentAreKeptAndCanBeTakenOut(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	whole := func(name string) string {
		address := l.begin(name, 5)
		l.send(address, 0, []byte("words"))
		return address
	}
	cellar, roof := whole("cellar.txt"), whole("roof.txt")
	long := strings.Repeat("a", l.profile.Limits.Text+1)
	d = l.postFiles("/status", d.with("text", long, "uploads", cellar, "go", "next"), []upload{{"yard.txt", []byte("green")}})
	d.expect(422, "too long", "2 files added", "cellar.txt", "yard.txt")
	d = l.post("/status", d.with("text", "half", "uploads", roof+"\n"+cellar, "go", "look")).expect(200, "3 files added", "roof.txt")
	d = l.post("/status", d.with("lang", "ru")).expect(200, "yard.txt", "roof.txt")
	ask := l.post("/status", d.with("lang", "en", "go", "withdraw")).expect(200)
	d = l.post("/status", ask.with("go", "look")).expect(200, "3 files added")
	broken := l.request(http.MethodPost, "/status", strings.NewReader(d.with("text", "The green ones.", "go", "next").Encode()+"&x=%zz"))
	broken.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	d = l.do(broken).expect(400, "came broken or cut off", "3 files added")
	d = l.post("/status", d.with("remove", "u0")).expect(200, "2 files added", "yard.txt", "roof.txt")
	if status, _ := l.uploadOffset(cellar); status != 404 {
		t.Errorf("after it was removed: %d", status)
	}
	for range 2 { // a double click
		l.post("/status", d.with("text", "The green ones.", "go", "next")).expect(200, "Sent.", "The green ones.")
	}
	if r := l.reports(); len(r) != 1 || r[0].Files != 2 || l.staged() != 0 {
		t.Errorf("%+v, %d staged", r, l.staged())
	}
}

func TestAReportCanBeTakenBackUntilItIsPassedOn(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	ask := l.post("/status", d.with("go", "withdraw")).expect(200, "Take your report back?")
	l.post("/status", ask.with("go", "back")).expect(200, "Your report")
	if r := l.reports()[0]; r.State == heed.Withdrawn {
		t.Fatal("withdrawn by going back")
	}
	l.move(heed.Referred)
	l.post("/status", ask.with("go", "next")).expect(422, "already passed on")
	l.move(heed.Queued)
	l.post("/status", ask.with("go", "next")).expect(200, "Your report is taken back")
	if r := l.reports()[0]; r.State != heed.Withdrawn {
		t.Errorf("state %s", r.State)
	}
	l.post("/status", d.with("text", "And one more thing.", "go", "next")).expect(422, "taken back or erased")
}

func TestAReceiptMayBeTypedInAnyShape(t *testing.T) {
	l := newLine(t)
	receipt, _ := l.sent()
	digits := strings.ReplaceAll(receipt, " ", "")
	arabic := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '٠'
		}
		return r
	}, digits)
	for _, typed := range []string{digits, " " + strings.ReplaceAll(receipt, " ", "-") + " ", arabic} {
		l.post("/status", l.get("/status").with("receipt", typed, "go", "next")).expect(200, "Your report is with us.")
	}
}

func TestWrongReceiptsAreRefusedClearly(t *testing.T) {
	l := newLine(t)
	l.sent()
	for typed, want := range map[string]struct {
		status int
		words  string
	}{
		"":                            {422, "Type your Receipt."},
		"1234":                        {422, "A Receipt has 20 digits; this has 4."},
		"0123456789 0123456789 1":     {422, "this has 21"},
		"my receipt":                  {422, "digits only"},
		"00000 00000 00000 00000":     {404, "We know no report with this Receipt."},
		strings.Repeat("1 ", 100_000): {422, "20 digits"},
		"\x00\xff":                    {422, "Type your Receipt."},
		"<script>alert(1)</script>":   {422, "digits only"},
		"'; DROP TABLE reports; --":   {422, "digits only"},
		"٠١٢٣٤ ٥٦٧٨٩ ٠١٢٣٤ ٥٦٧٨٩ ٠١٢٣٤": {422, "this has 25"},
	} {
		d := l.post("/status", url.Values{"page": {"lookup"}, "receipt": {typed}, "go": {"next"}})
		if d.status != want.status || !strings.Contains(d.text(), want.words) {
			t.Errorf("%.30q: status %d: %.300s", typed, d.status, d.text())
		}
		if strings.Contains(d.body, "<script>alert") {
			t.Error("markup got through")
		}
	}
}

func TestAStatusPageThatWasOpenTooLongAsksForTheReceiptAgain(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	l.wait(31 * time.Minute)
	l.post("/status", d.with("text", "Late.", "go", "next")).expect(400, "type your Receipt again")
	l.post("/status", url.Values{"page": {"reply"}, "mailbox": {l.toCheck().form().Get("draft")}, "go": {"next"}}).expect(400)
}

func TestWhatTheLineHoldsIsPublic(t *testing.T) {
	l := newLine(t)
	l.get("/transparency").expect(200, "Held longer than 7 days")
	if err := l.days.PublishFigures(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.get("/transparency", "Accept-Language", "zh").expect(200, "保存超过 7 天的")
}
