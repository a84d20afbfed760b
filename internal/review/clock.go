package review

import (
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
)

// Levels are how far a clock has run, in percent of its time, when somebody is told: specialists at 50 and 80, leads at
// 100, the duty officer at 150.
var levels = [...]int{50, 80, 100, 150}

// StartClocks sets a new report's deadlines, which count from its receipt. A deadline that was over before the line had
// the report (an old import) is not started: nobody could have kept it.
func StartClocks(r *heed.Report, d profile.Deadlines, now time.Time) {
	r.ScreenBy = ahead(r.ReceivedAt.Add(d.Screening), now)
	r.DecideBy = ahead(r.ReceivedAt.Add(d.Preliminary), now)
	r.ConcludeBy = ahead(r.ReceivedAt.Add(d.Conclusion), now)
	RunClocks(r, now)
}

func ahead(t, now time.Time) time.Time {
	if t.Before(now) {
		return time.Time{}
	}
	return t
}

// RunClocks sets NextDue, NextAlert and AlertLevel after any change of the deadlines. A level that was said for a clock
// which is now met may be said again for those that still run; none is said twice for the same ones.
func RunClocks(r *heed.Report, now time.Time) {
	r.NextDue, r.NextAlert = time.Time{}, time.Time{}
	r.AlertLevel = min(r.AlertLevel, Level(r, now))
	for _, due := range running(r) {
		if r.NextDue.IsZero() || due.Before(r.NextDue) {
			r.NextDue = due
		}
		for _, level := range levels {
			at := crossing(r, due, level)
			if level > r.AlertLevel && (r.NextAlert.IsZero() || at.Before(r.NextAlert)) {
				r.NextAlert = at
			}
		}
	}
}

// Level is the highest level that any running clock has crossed: 0, 50, 80, 100 or 150.
func Level(r *heed.Report, now time.Time) int {
	highest := 0
	for _, due := range running(r) {
		for _, level := range levels {
			if !crossing(r, due, level).After(now) {
				highest = max(highest, level)
			}
		}
	}
	return highest
}

func running(r *heed.Report) []time.Time {
	var due []time.Time
	for _, t := range [...]time.Time{r.ScreenBy, r.DecideBy, r.ConcludeBy} {
		if !t.IsZero() {
			due = append(due, t)
		}
	}
	return due
}

// crossing is when level percent of the time from receipt to due has passed, in whole milliseconds as stores keep them.
func crossing(r *heed.Report, due time.Time, level int) time.Time {
	return r.ReceivedAt.Add(due.Sub(r.ReceivedAt) / 100 * time.Duration(level)).Truncate(time.Millisecond)
}

// decided meets the clock of a person's first decision.
func decided(r *heed.Report) { r.DecideBy = time.Time{} }

// concluded meets every clock.
func concluded(r *heed.Report) {
	r.ScreenBy, r.DecideBy, r.ConcludeBy = time.Time{}, time.Time{}, time.Time{}
}

// resume sets the clocks of a report that comes back: still from its receipt, however long ago that is. An old import's,
// which were never started, stay unset.
func resume(r *heed.Report, d profile.Deadlines, decidedBefore bool, now time.Time) {
	again := func(after time.Duration) time.Time {
		due := r.ReceivedAt.Add(after)
		if r.Channel == heed.ChannelImport {
			return ahead(due, now)
		}
		return due
	}
	r.ConcludeBy = again(d.Conclusion)
	if !decidedBefore {
		r.DecideBy = again(d.Preliminary)
	}
}

// Resume starts the conclusion clock of a report that a Department returned; it counts from the report's receipt.
func Resume(r *heed.Report, d profile.Deadlines, now time.Time) {
	resume(r, d, true, now)
	RunClocks(r, now)
}

// Deadline is one running clock as the desk shows it.
type Deadline struct {
	Name string // screening, preliminary, conclusion
	At   time.Time
}

// Deadlines lists the report's running clocks, nearest first.
func Deadlines(r *heed.Report) []Deadline {
	var list []Deadline
	for _, d := range [...]Deadline{{"screening", r.ScreenBy}, {"preliminary", r.DecideBy}, {"conclusion", r.ConcludeBy}} {
		if !d.At.IsZero() {
			list = append(list, d)
		}
	}
	return list
}
