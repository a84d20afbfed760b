package review

import (
	"slices"
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

// RunClocks sets NextDue, NextAlert and AlertLevel after any change of the deadlines. Every level of every running clock
// is due once: what was crossed and not said yet stays due, and else the next one that any of the clocks crosses.
//
// AlertLevel is the highest level that the running clocks have crossed and that was said. A level that was said for a
// clock which is now met may be said again for those that still run. While none runs it stays as it is, so that a
// decision which is undone at once repeats nothing.
func RunClocks(r *heed.Report, now time.Time) {
	from := now.Add(time.Nanosecond) // strictly after now
	if !r.NextAlert.IsZero() && r.NextAlert.Before(from) {
		from = r.NextAlert // not said yet
	}
	r.NextDue, r.NextAlert = time.Time{}, time.Time{}
	due := running(r)
	if len(due) == 0 {
		return
	}
	r.NextDue = due[0]
	r.AlertLevel = min(r.AlertLevel, Level(r, now))
	for _, x := range crossings(r) {
		if !x.at.Before(from) || !x.at.After(now) && x.level > r.AlertLevel {
			r.NextAlert = x.at
			return
		}
	}
}

// Say takes every level that was crossed up to now as said, and is the highest of those that were not said before: 0
// where there is none.
func Say(r *heed.Report, now time.Time) int {
	if r.NextAlert.IsZero() || r.NextAlert.After(now) {
		return 0
	}
	highest := 0
	for _, x := range crossings(r) {
		if !x.at.Before(r.NextAlert) && !x.at.After(now) {
			highest = max(highest, x.level)
		}
	}
	r.AlertLevel, r.NextAlert = Level(r, now), time.Time{}
	RunClocks(r, now)
	return highest
}

// Level is the highest level that any running clock has crossed: 0, 50, 80, 100 or 150.
func Level(r *heed.Report, now time.Time) int {
	highest := 0
	for _, x := range crossings(r) {
		if !x.at.After(now) {
			highest = max(highest, x.level)
		}
	}
	return highest
}

// passing is the moment at which a clock crosses a level.
type passing struct {
	at    time.Time
	level int
}

// crossings lists when the running clocks cross each level, earliest first.
func crossings(r *heed.Report) []passing {
	var all []passing
	for _, due := range running(r) {
		for _, level := range levels {
			all = append(all, passing{crossing(r, due, level), level})
		}
	}
	slices.SortFunc(all, func(a, b passing) int { return a.at.Compare(b.at) })
	return all
}

// running lists the deadlines that are not met, nearest first.
func running(r *heed.Report) []time.Time {
	var due []time.Time
	for _, t := range [...]time.Time{r.ScreenBy, r.DecideBy, r.ConcludeBy} {
		if !t.IsZero() {
			due = append(due, t)
		}
	}
	slices.SortFunc(due, time.Time.Compare)
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

// restore sets the clocks after a decision of that moment was undone: what was said before it isn't said once more, and
// what was crossed meanwhile is said now.
func restore(r *heed.Report, d profile.Deadlines, decidedBefore bool, decision, now time.Time) {
	level, ran := r.AlertLevel, len(running(r)) > 0
	resume(r, d, decidedBefore, now)
	if ran { // then AlertLevel forgot the clock that the decision had met
		r.AlertLevel = max(level, Level(r, decision))
		return
	}
	r.AlertLevel = level
	for _, x := range crossings(r) {
		if x.at.After(decision) {
			r.NextAlert = x.at
			return
		}
	}
}

// resume sets the clocks of a report that comes back: still from its receipt, however long ago that is. An old import's,
// which were never started, stay unset. What they have passed is said at once.
func resume(r *heed.Report, d profile.Deadlines, decidedBefore bool, now time.Time) {
	again := func(after time.Duration) time.Time {
		due := r.ReceivedAt.Add(after)
		if r.Channel == heed.ChannelImport {
			return ahead(due, now)
		}
		return due
	}
	r.AlertLevel = 0
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
