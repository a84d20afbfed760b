package referral_test

import (
	"encoding/json"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

// member submits a report and links it to the lead.
func (l *line) member(lead heed.ID) (heed.ID, seal.Receipt) {
	l.Helper()
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "I also saw boxes in front of that exit."}})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	_, err = l.review.Dispose(l.Context(), l.ann, a.Report, review.Decision{Kind: heed.LinkDuplicate, Lead: lead, Reason: "the same exit"})
	l.must(err)
	return a.Report, a.Receipt
}

// conclude does what the job that concludes the lead's duplicates does, twice, as may happen.
func (l *line) conclude(lead heed.ID) {
	l.Helper()
	args, err := json.Marshal(review.ConcludeArgs{Lead: lead})
	l.must(err)
	for range 2 {
		l.must(l.HandleConclude(l.Context(), args))
	}
}

func (l *line) wantStage(receipt seal.Receipt, stage heed.Stage, outcome string) {
	l.Helper()
	box, err := l.in.Open(l.Context(), string(receipt))
	l.must(err)
	st, err := box.Status(l.Context())
	l.must(err)
	if st.Stage != stage || st.Outcome != outcome {
		l.Errorf("the reporter reads %s, %q; want %s, %q", st.Stage, st.Outcome, stage, outcome)
	}
}

func TestADuplicateConcludesWithALeadThatIsClosed(t *testing.T) {
	l := newLine(t)
	lead := l.plain()
	member, receipt := l.member(lead)
	l.now = l.now.Add(review.UndoLife * 2)
	closing := review.Decision{Kind: heed.Close, Reason: "it was cleared"}
	_, err := l.review.Dispose(t.Context(), l.ann, lead, closing)
	l.must(err)
	l.must(l.review.Undo(t.Context(), l.ann, lead))
	l.conclude(lead) // too early: the closing was undone
	if got := l.state(member).State; got != heed.Duplicate {
		t.Fatalf("the duplicate of an open report is %s", got)
	}
	l.now = l.now.Add(review.UndoLife)
	_, err = l.review.Dispose(t.Context(), l.ann, lead, closing)
	l.must(err)
	l.wantJobs(review.JobConclude, 2)
	l.conclude(lead)
	if r := l.state(member); r.State != heed.Closed || !r.ClosedAt.Equal(l.now) || r.Lead != lead {
		t.Errorf("%+v", r)
	}
	l.wantStage(receipt, heed.StageConcluded, "")
	l.wantErr(l.review.Undo(t.Context(), l.ann, member), heed.ErrConflict)
	l.must(l.review.Reopen(t.Context(), l.ann, member, "another exit after all"))
	if r := l.state(member); r.State != heed.Reopened || r.Lead != "" || !r.ClosedAt.IsZero() || l.state(lead).Copies != 0 {
		t.Errorf("%+v", r)
	}
	l.conclude(lead)
	if got := l.state(member).State; got != heed.Reopened {
		t.Errorf("what was reopened is %s", got)
	}
}

func TestADuplicateThatIsLinkedAfterTheOutcomeReadsItToo(t *testing.T) {
	l := newLine(t)
	lead := l.plain()
	f := l.refer(lead, "fire")
	l.must(l.Accept(t.Context(), l.fire, f.ID))
	l.must(l.Outcome(t.Context(), l.fire, f.ID, "action-taken"))
	args, err := json.Marshal(review.ReferralArgs{Referral: f.ID})
	l.must(err)
	l.must(l.HandleTell(t.Context(), args))
	member, receipt := l.member(lead)
	l.wantJobs(review.JobConclude, 1)
	l.must(l.review.Undo(t.Context(), l.ann, member))
	l.conclude(lead)
	l.wantStage(receipt, heed.StageInReview, "")
	l.now = l.now.Add(review.UndoLife)
	_, err = l.review.Dispose(t.Context(), l.ann, member, review.Decision{Kind: heed.LinkDuplicate, Lead: lead, Reason: "the same exit"})
	l.must(err)
	l.conclude(lead)
	outcome, _ := l.profile.Outcome("action-taken")
	l.wantStage(receipt, heed.StageConcluded, outcome.Wording.In(l.state(member).Language))
	if r := l.state(member); r.State != heed.Closed || r.ClosedAt.IsZero() {
		t.Errorf("%+v", r)
	}
}

// plain submits a report that presses nobody.
func (l *line) plain() heed.ID {
	l.Helper()
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "Boxes stand in front of an exit of the market hall."}})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	return a.Report
}

func (l *line) wantJobs(kind string, want int) {
	l.Helper()
	got := 0
	l.must(l.store.(*sqlite.Store).WriteDB().QueryRowContext(l.Context(), "SELECT count(*) FROM river_job WHERE kind = ?", kind).Scan(&got))
	if got != want {
		l.Errorf("%d jobs %s, want %d", got, kind, want)
	}
}
