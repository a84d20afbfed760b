package review_test

import (
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
)

// refusable is what the machine proposes to refuse.
const refusable = "The woman upstairs wears a headscarf and goes to the mosque every Friday. Thought you should know."

// proposed is a report that arrived and that the machine proposes to refuse.
func (l *line) proposed() heed.ID {
	l.Helper()
	a, err := l.in.Submit(l.Context(), intakeSubmission(refusable))
	l.must(err)
	l.must(l.Screen(l.Context(), a.Report))
	l.wantState(a.Report, heed.RefusalProposed)
	return a.Report
}

func TestAProposedRefusalKeepsItsSecondPersonWhereverTheReportHasBeen(t *testing.T) {
	for name, detour := range map[string]func(*line, heed.ID){
		"straight on": func(*line, heed.ID) {},
		"held":        func(l *line, id heed.ID) { l.dispose(l.ann, id, review.Decision{Kind: heed.Hold}) },
		"asked about": func(l *line, id heed.ID) { l.must(l.Ask(l.Context(), l.ann, id, "Which house is it?")) },
		"declined": func(l *line, id heed.ID) {
			l.dispose(l.ben, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
			l.must(l.Decline(l.Context(), l.lead, id, why))
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			id := l.proposed()
			detour(l, id)
			d := l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Grading: graded()})
			if d.State != heed.Pending {
				t.Errorf("referred by one person: %s", d.State)
			}
		})
	}
}

func TestARefusalThatTheMachineDidNotProposeErasesNothingBeforeASecondPerson(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission(blocked))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	if d := l.dispose(l.ann, a.Report, review.Decision{Kind: heed.Refuse}); d.State != heed.Pending {
		t.Fatalf("%s, want it to wait", d.State)
	}
	if r := l.wantState(a.Report, heed.PendingApproval); r.Content == nil {
		t.Error("its words are gone already")
	}
	l.must(l.Approve(t.Context(), l.lead, a.Report))
	l.wantState(a.Report, heed.Erased)

	held := l.proposed()
	l.dispose(l.ann, held, review.Decision{Kind: heed.Hold})
	if d := l.dispose(l.ann, held, review.Decision{Kind: heed.Refuse}); d.State != heed.Final {
		t.Errorf("what the machine proposed is %s after a hold", d.State)
	}
}

func TestAnUrgentReportGoesBehindOneThatNobodyDecidesAboutOnlyWithASecondPerson(t *testing.T) {
	for _, c := range []struct {
		lead    heed.State
		urgency heed.Urgency
		lowered bool
		want    heed.DispositionState
	}{
		{heed.Queued, heed.Immediate, false, heed.Final},
		{heed.Held, heed.High, false, heed.Final},
		{heed.Referred, heed.Immediate, false, heed.Pending},
		{heed.Accepted, heed.High, false, heed.Pending},
		{heed.Referred, heed.High, true, heed.Pending}, // by the same person, first
		{heed.Closed, heed.High, true, heed.Pending},
		{heed.Referred, heed.Normal, false, heed.Final},
		{heed.Closed, heed.Normal, false, heed.Final},
	} {
		t.Run(string(c.lead)+" "+string(c.urgency), func(t *testing.T) {
			l := newLine(t)
			lead := l.put("text", func(r *heed.Report) { r.State = c.lead }).ID
			id := l.queued(c.urgency)
			if c.lowered {
				l.must(l.SetUrgency(t.Context(), l.ann, id, heed.Normal, why))
			}
			if d := l.dispose(l.ann, id, review.Decision{Kind: heed.LinkDuplicate, Lead: lead}); d.State != c.want {
				t.Fatalf("%s, want %s", d.State, c.want)
			}
			if c.want == heed.Pending {
				if r := l.wantState(id, heed.PendingApproval); r.Lead != "" || r.ConcludeBy.IsZero() {
					t.Errorf("before the second person: %+v", r)
				}
				l.must(l.Approve(t.Context(), l.lead, id))
			}
			if r := l.wantState(id, heed.Duplicate); r.Lead != lead {
				t.Errorf("it hangs on %q", r.Lead)
			}
		})
	}
}

func TestWhatAnotherAccountOfTheSameHandDidSparesNoSecondPerson(t *testing.T) {
	l := newLine(t)
	lets := func(in *heed.Staff) {
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
			return tx.AddCredential(t.Context(), &heed.Credential{
				Hash: []byte(in.ID), Kind: heed.Newcomer, Staff: in.ID, CreatedAt: l.now, SeenAt: l.now, ExpiresAt: l.now.Add(auth.NewFor), By: "root",
			})
		}))
	}
	lowered := func() heed.ID {
		id := l.queued(heed.High)
		l.must(l.SetUrgency(t.Context(), l.ben, id, heed.Normal, why))
		return id
	}
	linked := func() heed.ID {
		id := l.queued(heed.Normal)
		l.dispose(l.ben, l.queued(heed.Normal), review.Decision{Kind: heed.LinkDuplicate, Lead: id, Reason: why})
		return id
	}
	refer := review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Reason: why}
	for _, want := range []heed.DispositionState{heed.Final, heed.Pending} {
		if d := l.dispose(l.ann, lowered(), review.Decision{Kind: heed.Close, Reason: why}); d.State != want {
			t.Errorf("closing what another lowered is %s, want %s", d.State, want)
		}
		if d := l.dispose(l.ann, linked(), refer); d.State != want {
			t.Errorf("referring what another linked to is %s, want %s", d.State, want)
		}
		if want == heed.Final {
			lets(l.ann)
			lets(l.ben)
		}
	}
}

func TestWhatOnePersonMadeOfAnAnonymousReportDoesNotSpareTheSecond(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	refer := review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Reason: why}
	link := func(by *heed.Staff, lead heed.ID) {
		l.dispose(by, l.queued(heed.Normal), review.Decision{Kind: heed.LinkDuplicate, Lead: lead, Reason: why})
	}

	own := l.queued(heed.Normal)
	link(l.ann, own)
	if d := l.dispose(l.ann, own, refer); d.State != heed.Pending {
		t.Errorf("after a duplicate of their own making it is %s", d.State)
	}
	others := l.queued(heed.Normal)
	link(l.ben, others)
	if d := l.dispose(l.ann, others, refer); d.State != heed.Final {
		t.Errorf("with a duplicate that another found it is %s", d.State)
	}

	named := l.put("The exit is blocked.", func(r *heed.Report) { r.Named = true }).ID
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		_, err := tx.DeleteReportIdentities(ctx, named, heed.DisclosureLapsed)
		return err
	}))
	if d := l.dispose(l.ann, named, refer); d.State != heed.Pending {
		t.Errorf("after its Identity was taken back it is %s", d.State)
	}
	over := l.put("The exit is blocked.", func(r *heed.Report) { r.Named = true }).ID
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		if _, err := tx.DeleteIdentities(ctx, "2026-11-23"); err != nil {
			return err
		}
		return tx.MarkDayKeyDestroyed(ctx, "2026-11-23", l.now)
	}))
	if d := l.dispose(l.ann, over, refer); d.State != heed.Final {
		t.Errorf("after its day is over it is %s", d.State)
	}
}
