package portal_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/portal"
)

// faulty is a line's intake with something in its way.
type faulty struct {
	portal.Intake
	beforeOpen   func() error // nil: nothing
	beforeSubmit func(context.Context)
	afterSubmit  func() error
	beforeCreate func(context.Context) // of a sealed file
}

// faultyBlobs are where its files lie.
type faultyBlobs struct {
	blob.Store
	faulty *faulty
}

func (b faultyBlobs) Create(ctx context.Context) (blob.Writer, error) {
	if b.faulty.beforeCreate != nil {
		b.faulty.beforeCreate(ctx)
	}
	return b.Store.Create(ctx)
}

func (f *faulty) Open(ctx context.Context, receipt string) (*intake.Mailbox, error) {
	if f.beforeOpen != nil {
		if err := f.beforeOpen(); err != nil {
			return nil, err
		}
	}
	return f.Intake.Open(ctx, receipt)
}

func (f *faulty) Submit(ctx context.Context, sub intake.Submission) (*intake.Acceptance, error) {
	if f.beforeSubmit != nil {
		f.beforeSubmit(ctx)
	}
	a, err := f.Intake.Submit(ctx, sub)
	if err == nil && f.afterSubmit != nil {
		if err := f.afterSubmit(); err != nil {
			return nil, err
		}
	}
	return a, err
}

// newFaultyLine is a line whose intake can be held up.
func newFaultyLine(t *testing.T) (*line, *faulty) {
	f := &faulty{}
	return newLine(t, func(l *line) {
		l.between = func(in portal.Intake) portal.Intake { f.Intake = in; return f }
		l.before = func(s blob.Store) blob.Store { return faultyBlobs{s, f} }
	}), f
}

// firstOnly makes act happen to the first caller alone.
func firstOnly(act func() error) func() error {
	var mu sync.Mutex
	done := false
	return func() error {
		mu.Lock()
		first := !done
		done = true
		mu.Unlock()
		if first {
			return act()
		}
		return nil
	}
}

// clickAndLeave sends a form and goes away once reached is closed.
func (l *line) clickAndLeave(path string, form url.Values, reached <-chan struct{}) {
	l.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := l.request(http.MethodPost, path, strings.NewReader(form.Encode())).WithContext(ctx)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	left := make(chan error, 1)
	go func() {
		answer, err := l.server.Client().Do(r)
		if err == nil {
			err = errors.Join(errors.New("answered"), answer.Body.Close())
		}
		left <- err
	}()
	<-reached
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		l.t.Fatalf("the first click: %v", err)
	}
}

func TestTheSecondOfADoubleClickSaysWhatBecameOfTheFirst(t *testing.T) {
	l, f := newFaultyLine(t)
	_, d := l.sent()
	l.move(heed.NeedsInfo)
	form := d.with("text", "The red ones.", "go", "next")
	reached, goOn := make(chan struct{}), make(chan struct{})
	f.beforeOpen = firstOnly(func() error { close(reached); <-goOn; return nil })
	l.clickAndLeave("/status", form, reached)
	time.AfterFunc(300*time.Millisecond, func() { close(goOn) })
	second := l.post("/status", form).expect(200, "Sent.", "The red ones.")
	if n := strings.Count(second.body, "The red ones."); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestTheSecondOfADoubleClickIsNotToldThatARefusedFirstWasSent(t *testing.T) {
	l, f := newFaultyLine(t)
	_, d := l.sent()
	l.move(heed.NeedsInfo)
	form := d.with("text", "The red ones.", "go", "next")
	reached, goOn := make(chan struct{}), make(chan struct{})
	f.beforeOpen = firstOnly(func() error { close(reached); <-goOn; return heed.ErrBusy })
	l.clickAndLeave("/status", form, reached)
	time.AfterFunc(300*time.Millisecond, func() { close(goOn) })
	if second := l.post("/status", form).expect(503); strings.Contains(second.text(), "Sent.") {
		t.Error("it says that the words were sent")
	}
	l.post("/status", form).expect(200, "Sent.", "The red ones.") // and they can be sent again
}

func TestAnAnswerThatIsChangedAfterSendingIsAnotherAnswer(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	l.post("/status", d.with("text", "The red ones.", "go", "next")).expect(200, "Sent.", "The red ones.")
	l.post("/status", d.with("text", "No, the green ones.", "go", "next")).expect(200, "Sent.", "The red ones.", "No, the green ones.")
}

func TestAReportWhoseAnswerWasLostIsSentAgainAsTheSameReport(t *testing.T) {
	l, f := newFaultyLine(t)
	check := l.toCheck()
	f.afterSubmit = firstOnly(func() error { return errors.New("the answer was lost") })
	again := l.post("/report", check.with("go", "next")).expect(500)
	l.post("/report", again.with("go", "next")).expect(200, "Your report has arrived")
	if n := len(l.reports()); n != 1 {
		t.Errorf("%d reports", n)
	}
	other := l.post("/report", again.with("lang", "es"))
	l.post("/report", other.with("go", "next")).expect(200)
	if n := len(l.reports()); n != 1 {
		t.Errorf("%d reports after a change of the language", n)
	}
}

func TestAFormWhoseLineBreaksWhileFilesArePutTogetherIsDoneAndSentAgainGetsTheSameReceipt(t *testing.T) {
	l, f := newFaultyLine(t)
	upload := l.begin("cellar.txt", 5)
	l.send(upload, 0, []byte("words"))
	d := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	d = l.post("/report", d.with("uploads", upload, "go", "next")).expect(200)
	form := l.post("/report", d.with("go", "next")).expect(200, "Check your report").with("go", "next")
	reached, goOn := make(chan struct{}), make(chan struct{})
	var made, early atomic.Int32
	f.beforeCreate = func(ctx context.Context) {
		select {
		case <-goOn:
		default:
			early.Add(1)
		}
		if made.Add(1) == 1 {
			if ctx.Done() != nil {
				t.Error("it ends with the line to its sender")
			}
			close(reached)
			<-goOn
		}
	}
	l.clickAndLeave("/report", form, reached)
	time.AfterFunc(300*time.Millisecond, func() { close(goOn) })
	receipt := l.post("/report", form).expect(200, "Your report has arrived").receipt()
	if again := l.post("/report", form).expect(200, "Your report has arrived").receipt(); again != receipt {
		t.Errorf("the Receipt is %s, and then %s", receipt, again)
	}
	if early.Load() != 1 || made.Load() != 1 {
		t.Errorf("its files are put together %d times", made.Load())
	}
	if r := l.reports(); len(r) != 1 || r[0].Files != 1 || l.staged() != 0 || l.blobs() != 1 {
		t.Errorf("%+v, %d staged, %d blobs", r, l.staged(), l.blobs())
	}
	f.beforeCreate = nil
	l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200, "Your report")
}

func TestWhoLeavesBeforeTheirFilesArePutTogetherLeavesTheLineAndTheFormSentAgainTakesTheirPlace(t *testing.T) {
	l, f := newFaultyLine(t)
	upload := l.begin("cellar.txt", 5)
	l.send(upload, 0, []byte("words"))
	d := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	d = l.post("/report", d.with("uploads", upload, "go", "next")).expect(200)
	form := l.post("/report", d.with("go", "next")).expect(200, "Check your report").with("go", "next")
	reached := make(chan struct{})
	var submits atomic.Int32
	f.beforeSubmit = func(ctx context.Context) {
		if submits.Add(1) == 1 { // it stands in the line for a Receipt
			close(reached)
			select {
			case <-ctx.Done():
			case <-time.After(time.Minute):
				t.Error("it doesn't hear that its sender left")
			}
		}
	}
	l.clickAndLeave("/report", form, reached)
	l.post("/report", form).expect(200, "Your report has arrived")
	if r := l.reports(); len(r) != 1 || r[0].Files != 1 || l.staged() != 0 || l.blobs() != 1 {
		t.Errorf("%+v, %d staged, %d blobs", r, l.staged(), l.blobs())
	}
	if derived := l.submissions.Derived(); derived != 1 {
		t.Errorf("%d Receipts are derived", derived)
	}
}

func TestTwoReportsThatSkipTheLastPageDoNotWaitForEachOther(t *testing.T) {
	l, f := newFaultyLine(t)
	skipping := func(name string) url.Values {
		upload := l.begin(name, 5)
		l.send(upload, 0, []byte("words"))
		d := l.post("/report", l.get("/report").with("text", told, "go", "next"))
		d = l.post("/report", d.with("uploads", upload, "go", "next")).expect(200)
		form := d.with("go", "next")
		form.Set("page", "check") // which its draft has not seen
		return form
	}
	one, other := skipping("cellar.txt"), skipping("roof.txt")
	reached, goOn := make(chan struct{}), make(chan struct{})
	held := firstOnly(func() error {
		close(reached)
		select {
		case <-goOn:
		case <-time.After(time.Minute):
			t.Error("another's report waits for this one")
		}
		return nil
	})
	f.beforeSubmit = func(context.Context) { _ = held() }
	l.clickAndLeave("/report", one, reached)
	l.post("/report", other).expect(200, "Your report has arrived")
	close(goOn)
}

func TestACancellationThatIsNotTheSendersIsAnsweredAndKeepsTheDraft(t *testing.T) {
	l, f := newFaultyLine(t)
	form := l.toCheck().with("go", "next")
	f.afterSubmit = firstOnly(func() error { return context.Canceled })
	again := l.post("/report", form).expect(500, "Check your report", told)
	l.post("/report", again.with("go", "next")).expect(200, "Your report has arrived")
	_, status := l.sent()
	f.beforeOpen = firstOnly(func() error { return context.Canceled })
	l.post("/status", status.with("text", "The red ones.", "go", "next")).expect(500)
}
