package review_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// events lists what was published about the report, of one kind.
func (l *line) events(report heed.ID, kind string) (found []*heed.DeskEvent) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		all, err := tx.EventsAfter(ctx, 0, 1000)
		for _, e := range all {
			if e.Kind == kind && e.Report == report {
				found = append(found, e)
			}
		}
		return err
	})
	return found
}

func TestADeadlineIsSaidAtHalfAtFourFifthsWhenPassedAndOnceMore(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	want := []struct {
		after time.Duration
		said  string
	}{
		{89 * time.Minute, ""},
		{90 * time.Minute, "[50→specialist]"},
		{144 * time.Minute, "[50→specialist 80→specialist]"},
		{180 * time.Minute, "[50→specialist 80→specialist 100→lead]"},
		{270 * time.Minute, "[50→specialist 80→specialist 100→lead 150→lead]"},
		{300 * time.Minute, "[50→specialist 80→specialist 100→lead 150→lead]"},
	}
	start := l.now
	for _, w := range want {
		l.now = start.Add(w.after)
		l.must(l.Tick(t.Context()))
		l.must(l.Tick(t.Context()))
		var said []string
		for _, e := range l.events(id, "report.alert") {
			said = append(said, fmt.Sprintf("%d→%s", e.Level, e.To))
		}
		if got := fmt.Sprint(said); got != w.said && !(w.said == "" && len(said) == 0) {
			t.Errorf("after %v: %s, want %s", w.after, got, w.said)
		}
	}
}

func TestAProposedRefusalCallsALeadAndNoTimeErasesIt(t *testing.T) {
	l := newLine(t)
	id := l.submit(refusable)[0]
	l.must(l.Screen(t.Context(), id))
	l.now = l.now.Add(24 * time.Hour)
	l.must(l.Tick(t.Context()))
	if said := l.events(id, "report.alert"); len(said) == 0 || said[len(said)-1].To != string(heed.RoleLead) {
		t.Errorf("after a day %v is said", said)
	}
	l.now = l.now.Add(20 * 365 * 24 * time.Hour)
	l.must(l.Tick(t.Context()))
	l.wantEnded(l.end(), review.Ended{})
	l.wantState(id, heed.RefusalProposed)
}

func TestATickThatComesLateSaysOnlyTheHighestLevel(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	l.now = l.now.Add(8 * time.Hour)
	l.must(l.Tick(t.Context()))
	said := l.events(id, "report.alert")
	if len(said) != 1 || said[0].Level != 150 {
		t.Errorf("%d alerts", len(said))
	}
	if r := l.get(id); r.AlertLevel != 150 || !r.NextAlert.Equal(r.ReceivedAt.Add(12*time.Hour)) { // half of the conclusion's
		t.Errorf("level %d, next %v", r.AlertLevel, r.NextAlert)
	}
}

func TestManyAlertsAreSaidInOneRunAndNoneTwice(t *testing.T) {
	l := newLine(t)
	const n = 350
	for range n {
		l.queued(heed.Normal)
	}
	l.now = l.now.Add(2 * time.Hour)
	l.must(l.Tick(t.Context()))
	l.must(l.Tick(t.Context()))
	alerts := 0
	l.view(func(ctx context.Context, tx heed.Tx) error {
		all, err := tx.EventsAfter(ctx, 0, 10_000)
		for _, e := range all {
			if e.Kind == "report.alert" {
				alerts++
			}
		}
		return err
	})
	if alerts != n {
		t.Errorf("%d alerts of %d", alerts, n)
	}
}

func TestAWithdrawnReportAlertsNobody(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission("The exit of the hall is blocked by boxes."))
	l.must(err)
	box, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(box.Withdraw(t.Context()))
	l.now = l.now.Add(48 * time.Hour)
	l.must(l.Tick(t.Context()))
	if n := len(l.events(a.Report, "report.alert")); n != 0 {
		t.Errorf("%d alerts", n)
	}
	l.wantState(a.Report, heed.Withdrawn)
}

func TestALapsedClaimReturnsToTheQueueWithALeaf(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	l.must(l.Claim(t.Context(), l.ann, id))
	l.now = l.now.Add(10*time.Minute + time.Second)
	l.must(l.Tick(t.Context()))
	if r := l.wantState(id, heed.Queued); r.ClaimedBy != "" || !r.ClaimedUntil.IsZero() {
		t.Errorf("%+v", r)
	}
	if acts := l.acts(id); fmt.Sprint(acts) != "[report.claimed report.released]" {
		t.Errorf("%v", acts)
	}
}
