package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

func intakeSubmission(text string) intake.Submission {
	return intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: text}}
}

func TestADuplicateHangsOnItsLeadAndComesBackWithItsOwnClocks(t *testing.T) {
	l := newLine(t)
	lead, member := l.queued(heed.Low), l.queued(heed.High)
	l.dispose(l.ann, member, review.Decision{Kind: heed.LinkDuplicate, Lead: lead})
	r := l.wantState(member, heed.Duplicate)
	if !r.NextDue.IsZero() || r.Lead != lead {
		t.Errorf("%+v", r)
	}
	if got := l.get(lead); got.Copies != 1 || got.Urgency != heed.High {
		t.Errorf("the lead has %d copies and is %s: it must be as urgent as what hangs on it", got.Copies, got.Urgency)
	}
	third := l.queued(heed.Normal)
	d := l.dispose(l.ben, third, review.Decision{Kind: heed.LinkDuplicate, Lead: member})
	if d.Lead != lead {
		t.Error("a copy of a copy must hang on the lead itself")
	}
	v, err := l.Read(t.Context(), l.ann, lead, "queue")
	l.must(err)
	if len(v.Duplicates) != 2 {
		t.Errorf("%d duplicates are shown", len(v.Duplicates))
	}
	l.must(l.Unlink(t.Context(), l.ben, member))
	r = l.wantState(member, heed.Queued)
	if want := r.ReceivedAt.Add(l.profile.Deadlines.Conclusion); !r.ConcludeBy.Equal(want) || r.Lead != "" || l.get(lead).Copies != 1 {
		t.Errorf("due %v, want %v; lead %q", r.ConcludeBy, want, r.Lead)
	}
	l.wantErr(l.Unlink(t.Context(), l.ben, member), heed.ErrConflict)
}

func TestWhatCannotBeALead(t *testing.T) {
	l := newLine(t)
	in := func(s heed.State) heed.ID { return l.put("text", func(r *heed.Report) { r.State = s }).ID }
	withCopies := l.put("text", func(r *heed.Report) { r.Copies = 1 }).ID
	self := l.queued(heed.Normal)
	for _, c := range []struct {
		id, lead heed.ID
		code     string
	}{
		{l.queued(heed.Normal), "", "lead-missing"},
		{self, self, "lead-self"},
		{l.queued(heed.Normal), heed.NewID(l.now), "lead-unknown"},
		{l.queued(heed.Normal), in(heed.Withdrawn), "lead-closed"},
		{l.queued(heed.Normal), in(heed.Received), "lead-closed"},
		{l.queued(heed.Normal), in(heed.RefusalProposed), "lead-closed"},
		{l.queued(heed.High), in(heed.Closed), "lead-closed"},
		{l.queued(heed.Normal), in(heed.OutcomeGiven), "lead-closed"},
		{withCopies, l.queued(heed.Normal), "has-copies"},
	} {
		_, err := l.Dispose(t.Context(), l.ann, c.id, review.Decision{Kind: heed.LinkDuplicate, Lead: c.lead, Reason: why})
		l.wantProblem(err, c.code)
	}
}

func TestWhatHungOnAWithdrawnReportReturnsToTheQueue(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission("The exit of the hall is blocked by boxes."))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	member := l.queued(heed.Normal)
	l.dispose(l.ann, member, review.Decision{Kind: heed.LinkDuplicate, Lead: a.Report})
	box, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(box.Withdraw(t.Context()))
	args, err := json.Marshal(review.EraseArgs{Report: a.Report})
	l.must(err)
	l.must(l.HandleErase(t.Context(), args))
	l.must(l.HandleErase(t.Context(), args)) // at least once
	l.wantState(a.Report, heed.Erased)
	l.must(l.HandleFreeCopies(t.Context(), args))
	if r := l.wantState(member, heed.Queued); r.Lead != "" || r.ConcludeBy.IsZero() {
		t.Errorf("%+v", r)
	}
}

func TestARefusalErasesAtOnceAndKeepsTheReceiptAndTheCodes(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission(refusable))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	d := l.dispose(l.ann, a.Report, review.Decision{Kind: heed.Refuse})
	if d.State != heed.Final {
		t.Fatalf("%s", d.State)
	}
	r := l.wantState(a.Report, heed.Erased)
	if r.Content != nil || r.ClosedAt.IsZero() {
		t.Errorf("%+v", r)
	}
	if got := l.lastDetails(a.Report, audit.ReportDisposed); !strings.Contains(got, `"rules":["`) || strings.Contains(got, why) {
		t.Errorf("what stays of the decision is %s", got)
	}
	v, err := l.Read(t.Context(), l.ann, a.Report, "queue")
	l.must(err)
	if !v.Gone || v.Content.Text != "" || v.Dispositions[0].Reason.Text != "" {
		t.Errorf("%+v", v)
	}
	box, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	st, err := box.Status(t.Context())
	l.must(err)
	if st.Stage != heed.StageConcluded || st.CanReply || st.CanWithdraw {
		t.Errorf("%+v", st)
	}
	l.wantErr(l.Undo(t.Context(), l.ann, a.Report), heed.ErrConflict)
	l.wantErr(l.Claim(t.Context(), l.ann, a.Report), heed.ErrConflict)
}
