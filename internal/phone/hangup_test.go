package phone_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

// wholeCall is a report with everything in it.
func wholeCall() []turn {
	return []turn{english, leave, speakNow(30), {press: "#"}, {hear: "send", press: "2"}, {hear: "send", press: "4"}, speakNow(31), {press: "#"},
		{hear: "send", press: "5"}, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "1"}, {hear: "send", press: "1"}}
}

// By default a hang-up every six seconds; the soak has one at each step, and one a second once all is sent.
func TestHangingUpAtAnyMomentLosesNothingThatWasSaid(t *testing.T) {
	l := newLine(t)
	whole := l.call("en", wholeCall()...)
	stride := 307
	if os.Getenv("HEED_SOAK") != "" {
		stride = 1
	}
	sent := 1
	for at, next := 1, stride; at < whole.steps; at += next {
		l.wait(time.Second) // the newest report has the highest id
		c := &caller{t: t, known: whole.known, turns: wholeCall(), leaves: at}
		l.answer(c)
		if slices.Contains(c.heard, "sent") {
			next = max(stride, 50)
		}
		reports := l.reports()
		got := len(reports) - sent
		sent = len(reports)
		takes, unclear := 0, false
		for _, n := range c.said {
			if n >= 10 {
				takes++
			}
			unclear = unclear || n > 0 && n < 10 // too short to be sure that it is speech
		}
		switch {
		case unclear:
		case got != min(1, takes):
			t.Errorf("hung up at step %d, after %v frames of speech: %d reports", at, c.said, got)
		case got == 1:
			newest := slices.MaxFunc(reports, func(a, b *heed.Report) int { return strings.Compare(string(a.ID), string(b.ID)) })
			if newest.Files != takes {
				t.Errorf("hung up at step %d, after %v frames of speech: %d recordings", at, c.said, newest.Files)
			}
		}
		if sent > 150 { // the list of reports is bounded
			l = newLine(t)
			l.sounds["en"] = whole.known
			sent = 0
		}
	}
	if log := l.log.String(); strings.Contains(log, "ERROR") {
		t.Error(log)
	}
}

// faulty is the real keeper of recordings on a bad day.
type faulty struct {
	phone.Recorder
	begin, write, submit, leave, close func() error // nil: all is well
}

func (f *faulty) Begin(ctx context.Context, language string) (phone.Recording, error) {
	if f.begin != nil {
		if err := f.begin(); err != nil {
			return nil, err
		}
	}
	r, err := f.Recorder.Begin(ctx, language)
	return &faultyRecording{r, f}, err
}

type faultyRecording struct {
	phone.Recording
	f *faulty
}

func (r *faultyRecording) Write(frame *sound.Frame) error {
	if r.f.write != nil {
		if err := r.f.write(); err != nil {
			return err
		}
	}
	return r.Recording.Write(frame)
}

func (r *faultyRecording) LeaveNumber(ctx context.Context, number string) error {
	if r.f.leave != nil {
		if err := r.f.leave(); err != nil {
			return err
		}
	}
	return r.Recording.LeaveNumber(ctx, number)
}

func (r *faultyRecording) Close(ctx context.Context) error {
	if r.f.close != nil {
		if err := r.f.close(); err != nil {
			return err
		}
	}
	return r.Recording.Close(ctx)
}

func (r *faultyRecording) Submit(ctx context.Context) (seal.Receipt, error) {
	if r.f.submit != nil {
		if err := r.f.submit(); err != nil {
			return "", err
		}
	}
	return r.Recording.Submit(ctx)
}

// times gives err the first n times.
func times(n int, err error) func() error {
	return func() error {
		if n--; n >= 0 {
			return err
		}
		return nil
	}
}

func TestWhatFailsOnOurSideIsToldAndWhatWasSaidIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		faults  faulty
		turns   []turn
		heard   []string
		reports int
	}{
		{"the store is busy for a while", faulty{submit: times(4, heed.ErrBusy)}, []turn{speakNow(32), {press: "#"}, dispatch}, []string{"send", "sent", "receipt-is"}, 1},
		{"the store is away", faulty{submit: times(8, errors.New("away"))}, []turn{speakNow(33), {press: "#"}, dispatch}, []string{"send", "not-sent", "bye"}, 1},
		{"no recording can begin", faulty{begin: times(1, errors.New("away"))}, nil, []string{"cannot-record", "bye"}, 0},
		{"a recording breaks off", faulty{write: breaksAt(90)}, []turn{speakNow(34), {hear: "send", press: "1"}}, []string{"tone", "stopped", "send", "sent", "receipt-is"}, 1},
		{"a recording breaks off before anything was said", faulty{write: times(1, heed.ErrBusy)}, nil, []string{"tone", "cannot-record", "bye"}, 0},
		{"the line takes no more", faulty{write: breaksWith(90, heed.Problems{{Field: "files", Code: "files-too-large"}})}, []turn{speakNow(35), {hear: "send", press: "1"}},
			[]string{"tone", "too-long", "send", "sent"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(t, func(l *line) {
				l.between = func(r phone.Recorder) phone.Recorder { c.faults.Recorder = r; return &c.faults }
			})
			heard := l.call("en", append([]turn{english, leave}, c.turns...)...)
			heard.expectWords(c.heard...)
			if n := len(l.reports()); n != c.reports {
				t.Errorf("%d reports, want %d", n, c.reports)
			}
		})
	}
}

func breaksAt(n int) func() error { return breaksWith(n, heed.ErrBusy) }

// breaksWith is well n times, and then never again.
func breaksWith(n int, err error) func() error {
	return func() error {
		if n--; n >= 0 {
			return nil
		}
		return err
	}
}

func TestALineThatStopsKeepsWhatWasSaid(t *testing.T) {
	l := newLine(t)
	ctx, stop := context.WithCancel(t.Context())
	leg := &stopping{caller{t: t, known: l.known("en"), turns: []turn{english, leave, speakNow(36)}}, ctx, stop}
	l.menu.Serve(ctx, leg)
	if r := l.only(); r.Files != 1 {
		t.Errorf("%d recordings", r.Files)
	}
}

// breaking is a call in which the program breaks once the caller has said everything.
type breaking struct{ caller }

func (b *breaking) Step(out *sound.Frame) (*sound.Frame, string, error) {
	if b.spent {
		panic("a canary that no log shows")
	}
	return b.caller.Step(out)
}

func TestWhatWasSaidIsSentAlsoWhereTheProgramBreaks(t *testing.T) {
	l := manned(t, nil)
	l.answer(&breaking{caller{t: t, known: l.known("en"), turns: []turn{english, leave, speakNow(37)}}})
	if r := l.only(); r.Files != 1 {
		t.Errorf("%d recordings", r.Files)
	}
	l.answer(&breaking{caller{t: t, known: l.known("en"), turns: []turn{english, {hear: "start", press: "9"}, {hear: "queue-next", wait: 50}}}})
	if n := len(l.queued()); n > 0 {
		t.Errorf("%d calls are in the queue", n)
	}
	if log := l.log.String(); strings.Count(log, "a fault was met") != 2 || strings.Contains(log, "canary") {
		t.Error(log)
	}
}

// stopping is a call in which the line stops once the caller has said everything.
type stopping struct {
	caller
	ctx  context.Context
	stop func()
}

func (s *stopping) Step(out *sound.Frame) (*sound.Frame, string, error) {
	if s.spent {
		s.stop()
		return nil, "", s.ctx.Err()
	}
	return s.caller.Step(out)
}
