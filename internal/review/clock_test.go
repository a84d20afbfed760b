package review

import (
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
)

var nine = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func started() *heed.Report {
	r := &heed.Report{ReceivedAt: nine}
	StartClocks(r, profile.Default().Deadlines, nine)
	return r
}

func TestTheNearestClockComesFirstAndEachLevelIsDueOnce(t *testing.T) {
	r := started()
	steps := []struct {
		met   func(*heed.Report)
		alert time.Duration // after receipt
		level int
	}{
		{nil, 150 * time.Second, 50},
		{nil, 4 * time.Minute, 80},
		{func(r *heed.Report) { r.ScreenBy = time.Time{} }, 90 * time.Minute, 50},
		{nil, 144 * time.Minute, 80},
		{nil, 3 * time.Hour, 100},
		{nil, 270 * time.Minute, 150},
		// Nobody decided: the conclusion's clock is said for all that the preliminary one is past its last level.
		{nil, 12 * time.Hour, 50},
		{nil, 19*time.Hour + 12*time.Minute, 80},
		{nil, 24 * time.Hour, 100},
		{nil, 36 * time.Hour, 150},
	}
	for i, s := range steps {
		if s.met != nil {
			s.met(r)
			RunClocks(r, r.NextAlert)
		}
		if got := r.NextAlert.Sub(nine); got != s.alert {
			t.Fatalf("step %d: the next alert comes after %v, want %v", i, got, s.alert)
		}
		now := r.NextAlert
		RunClocks(r, now.Add(time.Second)) // somebody touches the report before it is said
		if got := Say(r, now.Add(time.Second)); got != s.level {
			t.Fatalf("step %d: %d is said, want %d", i, got, s.level)
		}
		if got := Say(r, now.Add(time.Second)); got != 0 {
			t.Fatalf("step %d: %d is said again", i, got)
		}
	}
	if !r.NextAlert.IsZero() {
		t.Errorf("after the last level there is another alert at %v", r.NextAlert)
	}
	concluded(r)
	RunClocks(r, nine)
	if !r.NextDue.IsZero() || !r.NextAlert.IsZero() {
		t.Errorf("a concluded report is due at %v and alerts at %v", r.NextDue, r.NextAlert)
	}
}

func TestAClockThatIsMetGivesTheNextOneItsOwnLevels(t *testing.T) {
	r := started()
	r.ScreenBy = time.Time{}
	RunClocks(r, nine)
	if got := Say(r, nine.Add(4*time.Hour+30*time.Minute)); got != 150 || r.AlertLevel != 150 {
		t.Fatalf("%d is said, the level is %d", got, r.AlertLevel)
	}
	decided(r)
	RunClocks(r, nine.Add(5*time.Hour))
	if got := r.NextAlert.Sub(nine); got != 12*time.Hour || r.AlertLevel != 0 {
		t.Errorf("the conclusion's clock alerts after %v from level %d, want 12h from 0", got, r.AlertLevel)
	}
}

func TestAReportThatComesBackStillCountsFromItsReceipt(t *testing.T) {
	r := started()
	concluded(r)
	RunClocks(r, nine.Add(time.Hour))
	back := nine.Add(72 * time.Hour)
	Resume(r, profile.Default().Deadlines, back)
	if want := nine.Add(24 * time.Hour); !r.NextDue.Equal(want) {
		t.Errorf("due %v, want %v", r.NextDue, want)
	}
	if r.NextAlert.After(back) || Level(r, back) != 150 {
		t.Errorf("nobody is told: alert at %v, level %d", r.NextAlert, Level(r, back))
	}
}

func TestAReturnedReportIsSaidAgainThoughItsFirstClockHadAllItsLevels(t *testing.T) {
	r := started()
	RunClocks(r, nine)
	if got := Say(r, nine.Add(5*time.Hour)); got != 150 {
		t.Fatalf("%d is said", got)
	}
	concluded(r)
	RunClocks(r, nine.Add(5*time.Hour))
	back := nine.Add(72 * time.Hour)
	Resume(r, profile.Default().Deadlines, back)
	if got := Say(r, back); got != 150 || !r.NextAlert.IsZero() {
		t.Errorf("%d is said, the next at %v", got, r.NextAlert)
	}
}

func TestUndoRepeatsNothingAndLosesNothing(t *testing.T) {
	d := profile.Default().Deadlines
	for name, decide := range map[string]func(*heed.Report){"closed": concluded, "held": decided} {
		for _, after := range []time.Duration{2 * time.Hour, 5 * time.Hour, 13 * time.Hour} {
			r := started()
			r.ScreenBy = time.Time{}
			RunClocks(r, nine)
			at := nine.Add(after)
			Say(r, at)
			want := *r
			decide(r)
			RunClocks(r, at)
			undone := at.Add(9 * time.Second)
			restore(r, d, false, at, undone)
			RunClocks(r, undone)
			if r.AlertLevel != want.AlertLevel || !r.NextAlert.Equal(want.NextAlert) || Say(r, undone) != 0 {
				t.Errorf("%s after %v: level %d, next %v; before it %d and %v", name, after, r.AlertLevel, r.NextAlert, want.AlertLevel, want.NextAlert)
			}
		}
		r := started()
		r.ScreenBy = time.Time{}
		RunClocks(r, nine)
		at := nine.Add(3*time.Hour - 2*time.Second)
		Say(r, at)
		decide(r)
		RunClocks(r, at)
		restore(r, d, false, at, at.Add(9*time.Second))
		RunClocks(r, at.Add(9*time.Second))
		if got := Say(r, at.Add(9*time.Second)); got != 100 {
			t.Errorf("%s: what was crossed before the undoing is said as %d", name, got)
		}
	}
}

func TestAnImportOlderThanItsDeadlinesHasNone(t *testing.T) {
	r := &heed.Report{ReceivedAt: nine.Add(-2 * time.Hour), Channel: heed.ChannelImport}
	StartClocks(r, profile.Default().Deadlines, nine)
	if !r.ScreenBy.IsZero() || r.DecideBy.IsZero() {
		t.Errorf("after two hours: screening %v, decision %v", r.ScreenBy, r.DecideBy)
	}
	r = &heed.Report{ReceivedAt: nine.AddDate(-1, 0, 0), Channel: heed.ChannelImport}
	StartClocks(r, profile.Default().Deadlines, nine)
	Resume(r, profile.Default().Deadlines, nine)
	if !r.NextDue.IsZero() || !r.NextAlert.IsZero() {
		t.Errorf("a year-old import is due at %v", r.NextDue)
	}
}
