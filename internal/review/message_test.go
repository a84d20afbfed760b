package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// say adds the reporter's words and lets the machine read them, as the worker does.
func (l *line) say(receipt, text string) {
	l.Helper()
	before := len(l.jobs(review.JobScreenMessage))
	box, err := l.in.Open(l.Context(), receipt)
	l.must(err)
	l.must(box.Say(l.Context(), text, nil))
	all := l.jobs(review.JobScreenMessage)
	if len(all) != before+1 {
		l.Fatalf("%d jobs for one message", len(all)-before)
	}
	for range 2 { // at least once
		l.must(l.HandleScreenMessage(l.Context(), all[before]))
	}
}

const gun = "He has a gun now and says he will kill her tonight."

func TestWhatAReporterAddsRaisesTheUrgencyInAnyState(t *testing.T) {
	states := map[string]func(l *line, id heed.ID) (toldAway bool){
		"queued": func(*line, heed.ID) bool { return false },
		"held": func(l *line, id heed.ID) bool {
			l.dispose(l.ann, id, review.Decision{Kind: heed.Hold})
			return false
		},
		"closed": func(l *line, id heed.ID) bool {
			l.dispose(l.ann, id, review.Decision{Kind: heed.Close})
			return true
		},
		"referred": func(l *line, id heed.ID) bool {
			l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Grading: graded()})
			return true
		},
		"duplicate": func(l *line, id heed.ID) bool {
			l.dispose(l.ann, id, review.Decision{Kind: heed.LinkDuplicate, Lead: l.queued(heed.Normal)})
			return false
		},
	}
	for name, bring := range states {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			a, err := l.in.Submit(t.Context(), intakeSubmission("My neighbour's dog barks the whole night."))
			l.must(err)
			l.must(l.Screen(t.Context(), a.Report))
			away := bring(l, a.Report)
			before := l.get(a.Report)
			if before.Urgency.Rank() <= heed.High.Rank() {
				t.Fatalf("it is %s already", before.Urgency)
			}
			l.say(string(a.Receipt), "Thank you for reading this.")
			if got := l.get(a.Report).Urgency; got != before.Urgency {
				t.Fatalf("thanks made it %s", got)
			}
			l.say(string(a.Receipt), gun)
			r := l.get(a.Report)
			if r.Urgency != heed.Immediate || name != "held" && r.State != before.State {
				t.Errorf("%s and %s, before %s", r.State, r.Urgency, before.State)
			}
			if n := l.count(a.Report, "report.urgency"); n != 1 {
				t.Errorf("%v", l.acts(a.Report))
			}
			if r.Lead != "" && l.get(r.Lead).Urgency != heed.Immediate {
				t.Error("the lead is less urgent than what hangs on it")
			}
			if told := len(l.events(a.Report, "report.alert")) > 0; told != away {
				t.Errorf("somebody is told: %v", told)
			}
			v, err := l.Read(t.Context(), l.ann, a.Report, "queue")
			l.must(err)
			shown := ""
			for _, e := range v.History {
				if strings.Contains(string(e.Details), "gun") {
					t.Errorf("the leaf holds words: %s", e.Details)
				}
				if e.Act == "report.urgency" {
					shown = e.Note
				}
			}
			if shown == "" {
				t.Error("the desk shows no phrase")
			}
			l.say(string(a.Receipt), "All is calm again, it was long ago.")
			if got := l.get(a.Report).Urgency; got != heed.Immediate {
				t.Errorf("a message made it %s", got)
			}
		})
	}
}

func TestWhatIsPressingNowStandsInTheQueueThoughItWasSetAside(t *testing.T) {
	for name, before := range map[string]bool{"said before its screening": true, "said after it": false} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			l.setsAside(0.2)
			a, err := l.in.Submit(t.Context(), intakeSubmission(advert))
			l.must(err)
			if before {
				l.say(string(a.Receipt), gun)
			}
			l.must(l.Screen(t.Context(), a.Report))
			if !before {
				if got := l.get(a.Report).List(); got != heed.ListAside {
					t.Fatalf("it stands in %s", got)
				}
				l.say(string(a.Receipt), gun)
			}
			r := l.wantState(a.Report, heed.SetAside)
			queue, err := l.Queue(t.Context(), l.ann, heed.ReportQuery{List: heed.ListReview})
			l.must(err)
			if r.Urgency != heed.Immediate || len(queue) != 1 {
				t.Errorf("%s, and %d reports in the queue", r.Urgency, len(queue))
			}
			l.must(l.Claim(t.Context(), l.ann, a.Report))
			l.must(l.Release(t.Context(), l.ann, a.Report))
			if got := l.get(a.Report).List(); got != heed.ListReview {
				t.Errorf("given back it stands in %s", got)
			}
		})
	}
}

func TestAMessageDuringTheScreeningIsNotUndoneByIt(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission("My neighbour's dog barks the whole night."))
	l.must(err)
	l.say(string(a.Receipt), gun)
	l.must(l.Screen(t.Context(), a.Report))
	if got := l.get(a.Report).Urgency; got != heed.Immediate {
		t.Errorf("it is %s", got)
	}
}

func TestAMessageOfAnErasedReportIsLeftAlone(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission(blocked))
	l.must(err)
	l.say(string(a.Receipt), "Thank you for reading this.")
	box, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(box.Say(t.Context(), gun, nil))
	l.must(box.Withdraw(t.Context()))
	l.must(l.HandleErase(t.Context(), erasing(a.Report)))
	before := len(l.acts(a.Report))
	all := l.jobs(review.JobScreenMessage)
	l.must(l.HandleScreenMessage(t.Context(), all[len(all)-1]))
	l.must(l.GiveUpMessage(t.Context(), all[len(all)-1], heed.ErrBusy))
	unknown, err := json.Marshal(review.MessageArgs{Report: heed.NewID(l.now), Message: heed.NewID(l.now)})
	l.must(err)
	l.must(l.HandleScreenMessage(t.Context(), unknown))
	if len(l.acts(a.Report)) != before || len(l.events(a.Report, "report.alert")) != 0 {
		t.Errorf("%v", l.acts(a.Report))
	}
}
