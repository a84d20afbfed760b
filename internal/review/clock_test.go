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
		if r.AlertLevel = Level(r, now); r.AlertLevel != s.level {
			t.Fatalf("step %d: level %d, want %d", i, r.AlertLevel, s.level)
		}
		RunClocks(r, now)
	}
	if !r.NextAlert.IsZero() {
		t.Errorf("after the last level there is another alert at %v", r.NextAlert)
	}
	decided(r)
	RunClocks(r, nine.Add(5*time.Hour))
	if got := r.NextAlert.Sub(nine); got != 12*time.Hour || r.AlertLevel != 0 {
		t.Errorf("the conclusion's clock alerts after %v from level %d, want 12h from 0", got, r.AlertLevel)
	}
	concluded(r)
	RunClocks(r, nine)
	if !r.NextDue.IsZero() || !r.NextAlert.IsZero() {
		t.Errorf("a concluded report is due at %v and alerts at %v", r.NextDue, r.NextAlert)
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
