package review_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// drivers do, for each event of the table, the act that causes it, on a report that stands where the event starts. What
// a Department does (accept, return, outcome, conclude) is driven by referral's own test of the same name.
func drivers() map[heed.Event]func(l *line, r *heed.Report) error {
	return map[heed.Event]func(l *line, r *heed.Report) error{
		heed.EventClaim:      func(l *line, r *heed.Report) error { return l.Claim(l.Context(), l.ann, r.ID) },
		heed.EventRelease:    func(l *line, r *heed.Report) error { return l.Release(l.Context(), l.ann, r.ID) },
		heed.EventScreen:     func(l *line, r *heed.Report) error { return l.Screen(l.Context(), r.ID) },
		heed.EventAsk:        func(l *line, r *heed.Report) error { return l.Ask(l.Context(), l.ann, r.ID, "Where is it?") },
		heed.EventHold:       decides(review.Decision{Kind: heed.Hold}),
		heed.EventClose:      decides(review.Decision{Kind: heed.Close}),
		heed.EventRefuse:     decides(review.Decision{Kind: heed.Refuse}),
		heed.EventLink:       decides(review.Decision{Kind: heed.LinkDuplicate}),
		heed.EventRefer:      decides(review.Decision{Kind: heed.Refer, Grading: graded()}),
		heed.EventRequest:    decides(review.Decision{Kind: heed.Refer}),
		heed.EventUnlink:     func(l *line, r *heed.Report) error { return l.Unlink(l.Context(), l.ann, r.ID) },
		heed.EventReopen:     func(l *line, r *heed.Report) error { return l.Reopen(l.Context(), l.ann, r.ID, why) },
		heed.EventDecline:    func(l *line, r *heed.Report) error { return l.Decline(l.Context(), l.lead, r.ID, why) },
		heed.EventUndo:       func(l *line, r *heed.Report) error { return l.Undo(l.Context(), l.ann, r.ID) },
		heed.EventErase:      func(l *line, r *heed.Report) error { return l.HandleErase(l.Context(), erasing(r.ID)) },
		heed.EventSetAside:   func(l *line, r *heed.Report) error { return l.Release(l.Context(), l.ann, r.ID) },
		heed.EventPropose:    func(l *line, r *heed.Report) error { return l.Release(l.Context(), l.ann, r.ID) },
		heed.EventQuarantine: quarantines,
	}
}

// quarantines has a file of the report fail; one that somebody has is given back to where it was.
func quarantines(l *line, r *heed.Report) error {
	switch r.State {
	case heed.InReview:
		return l.Release(l.Context(), l.ann, r.ID)
	case heed.InScreening:
		l.fails(l.attach(r.ID), heed.CopyUnreadable)
		return l.Screen(l.Context(), r.ID)
	}
	l.fails(l.attach(r.ID), heed.CopyTooLong)
	return nil
}

func erasing(id heed.ID) []byte {
	b, err := json.Marshal(review.EraseArgs{Report: id})
	if err != nil {
		panic(err)
	}
	return b
}

// decides makes the decision, or approves it where the report already waits for the second person.
func decides(d review.Decision) func(*line, *heed.Report) error {
	return func(l *line, r *heed.Report) error {
		if r.State == heed.PendingApproval {
			return l.Approve(l.Context(), l.lead, r.ID)
		}
		d.Department, d.Reason, d.Lead = l.profile.Departments[0].ID, why, l.queued(heed.Normal)
		_, err := l.Dispose(l.Context(), l.ann, r.ID, d)
		return err
	}
}

// at brings a new report to where the transition starts, by real acts where what they leave behind matters.
func (l *line) at(x heed.Transition) *heed.Report {
	l.Helper()
	direct := func(change func(*heed.Report)) *heed.Report {
		return l.put(blocked, func(r *heed.Report) {
			r.State = x.From
			if change != nil {
				change(r)
			}
		})
	}
	decide := func(kind heed.DispositionKind, urgency heed.Urgency, grading *review.Grading) *heed.Report {
		id := l.queued(urgency)
		d := review.Decision{Kind: kind, Grading: grading, Department: l.profile.Departments[0].ID, Lead: l.queued(heed.Normal)}
		l.dispose(l.ann, id, d)
		return l.wantState(id, x.From)
	}
	switch x.From {
	case heed.InReview:
		from := map[heed.Event]heed.State{heed.EventSetAside: heed.SetAside, heed.EventPropose: heed.RefusalProposed,
			heed.EventQuarantine: heed.Quarantine, heed.EventRefuse: heed.RefusalProposed}[x.Event]
		if from == "" {
			from = heed.Queued
		}
		r := l.put(blocked, func(r *heed.Report) { r.State = from })
		l.must(l.Claim(l.Context(), l.ann, r.ID))
		return l.get(r.ID)
	case heed.NeedsInfo:
		id := l.queued(heed.Normal)
		l.must(l.Ask(l.Context(), l.ann, id, "Where is it?"))
		return l.get(id)
	case heed.Held:
		return decide(heed.Hold, heed.Normal, nil)
	case heed.Duplicate:
		return decide(heed.LinkDuplicate, heed.Normal, nil)
	case heed.Closed:
		return decide(heed.Close, heed.Normal, nil)
	case heed.Referred:
		return decide(heed.Refer, heed.Normal, graded())
	case heed.PendingApproval:
		switch x.Event {
		case heed.EventClose:
			return decide(heed.Close, heed.High, nil)
		case heed.EventRefuse:
			return decide(heed.Refuse, heed.High, nil)
		case heed.EventLink:
			id, lead := l.queued(heed.High), l.put(blocked, func(r *heed.Report) { r.State = heed.Referred }).ID
			l.dispose(l.ann, id, review.Decision{Kind: heed.LinkDuplicate, Lead: lead})
			return l.wantState(id, x.From)
		}
		return decide(heed.Refer, heed.Normal, nil)
	}
	return direct(nil)
}

func TestEveryTransitionOfTheTableIsDrivenByAnAct(t *testing.T) {
	elsewhere := map[heed.Event]string{
		heed.EventAccept: "referral", heed.EventReturn: "referral", heed.EventOutcome: "referral", heed.EventConclude: "referral",
		heed.EventAnswer: "intake", heed.EventWithdraw: "intake",
	}
	l := newLine(t)
	acts := drivers()
	for _, x := range heed.Transitions {
		if elsewhere[x.Event] != "" {
			continue
		}
		t.Run(string(x.From)+" "+string(x.Event), func(t *testing.T) {
			switch {
			case x.From == heed.Received && x.Event == heed.EventQueue, x.From == heed.InScreening && x.Event == heed.EventQueue:
				r := l.at(x)
				args, err := json.Marshal(review.ScreenArgs{Reports: []heed.ID{r.ID}})
				l.must(err)
				l.must(l.GiveUpScreening(t.Context(), args, errors.New("never came")))
				l.wantState(r.ID, x.To)
				return
			case x.From == heed.Received && x.Event == heed.EventScreen:
				r := l.at(x)
				l.must(acts[x.Event](l, r))
				l.wantState(r.ID, heed.Queued) // through screening
				return
			case x.From == heed.InScreening && x.Event != heed.EventErase && x.Event != heed.EventQuarantine:
				t.Skip("driven by what the machine proposes: see TestWhatTheMachineProposesDecidesTheList")
			}
			r := l.at(x)
			l.must(acts[x.Event](l, r))
			got := l.wantState(r.ID, x.To)
			if got.Version == r.Version {
				t.Error("the report was not written")
			}
			if got.State != heed.InReview && got.ClaimedBy != "" {
				t.Errorf("still claimed by %s", got.ClaimedBy)
			}
		})
	}
}

func TestWhatTheTableDoesNotKnowIsAConflict(t *testing.T) {
	l := newLine(t)
	for _, s := range heed.States {
		for event, do := range drivers() {
			if _, err := s.State.Next(event); err == nil {
				continue
			}
			switch event {
			case heed.EventSetAside, heed.EventPropose, heed.EventQuarantine, heed.EventScreen, heed.EventRelease:
				continue // what is not open is left as it is
			case heed.EventClaim:
				if s.State == heed.InReview {
					continue // it renews
				}
			}
			if _, err := s.State.Next(heed.EventClaim); err == nil {
				continue // decisions take a free report first
			}
			r := l.put("text", func(r *heed.Report) {
				r.State, r.ClaimedBy, r.ClaimedUntil = s.State, l.ann.ID, l.now.Add(review.ClaimLife)
			})
			err := do(l, r)
			var p *heed.Problem
			if err == nil && s.State != heed.Erased || err != nil && !errors.Is(err, heed.ErrConflict) && !errors.As(err, &p) {
				t.Errorf("%s from %s: %v", event, s.State, err)
			}
			l.wantState(r.ID, s.State)
		}
	}
}
