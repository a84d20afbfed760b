package review_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
)

func (l *line) dispose(by *heed.Staff, id heed.ID, d review.Decision) *heed.Disposition {
	l.Helper()
	if d.Reason == "" {
		d.Reason = why
	}
	made, err := l.Dispose(l.Context(), by, id, d)
	l.must(err)
	return made
}

func graded() *review.Grading { return &review.Grading{Scheme: "admiralty", Value: "B2"} }

func TestAClaimKeepsOthersOutForTenMinutes(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	l.must(l.Claim(t.Context(), l.ann, id))
	var claimed *review.ClaimedError
	if err := l.Claim(t.Context(), l.ben, id); !errors.As(err, &claimed) || claimed.By != l.ann.ID {
		t.Fatalf("%v, want it to be Ann's", err)
	}
	if _, err := l.Dispose(t.Context(), l.ben, id, review.Decision{Kind: heed.Close, Reason: why}); !errors.As(err, &claimed) {
		t.Fatalf("deciding about another's report: %v", err)
	}
	l.now = l.now.Add(9 * time.Minute)
	l.must(l.Claim(t.Context(), l.ann, id)) // renews
	l.now = l.now.Add(9 * time.Minute)
	l.wantErr(l.Claim(t.Context(), l.ben, id), heed.ErrConflict)
	l.now = l.now.Add(2 * time.Minute)
	l.must(l.Claim(t.Context(), l.ben, id))
	if r := l.get(id); r.ClaimedBy != l.ben.ID {
		t.Errorf("claimed by %s", r.ClaimedBy)
	}
	l.wantErr(l.Release(t.Context(), l.ann, id), heed.ErrConflict)
	l.must(l.Release(t.Context(), l.ben, id))
	l.wantState(id, heed.Queued)
}

func TestAReleasedReportGoesBackToWhereItWasTakenFrom(t *testing.T) {
	for from, want := range map[heed.State]heed.State{
		heed.Queued: heed.Queued, heed.SetAside: heed.SetAside, heed.RefusalProposed: heed.RefusalProposed, heed.Quarantine: heed.Quarantine,
		heed.NeedsInfo: heed.NeedsInfo, heed.Held: heed.Held, heed.Returned: heed.Queued, heed.Reopened: heed.Queued,
	} {
		t.Run(string(from), func(t *testing.T) {
			l := newLine(t)
			id := l.put("text", func(r *heed.Report) { r.State = from }).ID
			l.must(l.Claim(t.Context(), l.ann, id))
			l.must(l.Release(t.Context(), l.ann, id))
			l.wantState(id, want)
		})
	}
}

func TestClosingAnUrgentReportNeedsAnotherPersonWhoIsALead(t *testing.T) {
	for _, urgency := range []heed.Urgency{heed.Immediate, heed.High} {
		l := newLine(t)
		id := l.queued(urgency)
		d := l.dispose(l.lead, id, review.Decision{Kind: heed.Close})
		if d.State != heed.Pending {
			t.Fatalf("%s: %s, want it to wait", urgency, d.State)
		}
		l.wantState(id, heed.PendingApproval)
		l.wantErr(l.Approve(t.Context(), l.lead, id), heed.ErrForbidden) // her own
		l.wantErr(l.Approve(t.Context(), l.ben, id), heed.ErrForbidden)  // no lead
		l.wantErr(l.Decline(t.Context(), l.lead, id, why), heed.ErrForbidden)
		other := l.staff("leo", heed.RoleLead)
		l.must(l.Approve(t.Context(), other, id))
		r := l.wantState(id, heed.Closed)
		if r.ClosedAt.IsZero() || !r.NextDue.IsZero() {
			t.Errorf("closed at %v, due %v", r.ClosedAt, r.NextDue)
		}
		l.wantErr(l.Approve(t.Context(), other, id), heed.ErrConflict)
	}
}

func TestLoweringTheUrgencyFirstDoesNotLetOnePersonCloseAlone(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.High)
	l.wantProblem(l.SetUrgency(t.Context(), l.ann, id, heed.Low, ""), "reason-missing")
	l.must(l.SetUrgency(t.Context(), l.ann, id, heed.Low, why))
	if d := l.dispose(l.ann, id, review.Decision{Kind: heed.Close}); d.State != heed.Pending {
		t.Errorf("%s, want it to wait", d.State)
	}
	id = l.queued(heed.High)
	l.must(l.SetUrgency(t.Context(), l.ann, id, heed.Normal, why))
	if d := l.dispose(l.ben, id, review.Decision{Kind: heed.Close}); d.State != heed.Final {
		t.Errorf("a second person closed it, and it is %s", d.State)
	}
}

func TestWhoMustSeeADecision(t *testing.T) {
	cases := []struct {
		name   string
		change func(*heed.Report)
		d      review.Decision
		rules  func(*profile.Profile)
		want   heed.DispositionState
		later  bool
	}{
		{"a normal report is closed by one", nil, review.Decision{Kind: heed.Close}, nil, heed.Final, false},
		{"an ungraded anonymous report is referred by two", nil, review.Decision{Kind: heed.Refer}, nil, heed.Pending, false},
		{"F6 judges nothing", nil, review.Decision{Kind: heed.Refer, Grading: &review.Grading{Scheme: "admiralty", Value: "F6"}}, nil, heed.Pending, false},
		{"a graded one by one", nil, review.Decision{Kind: heed.Refer, Grading: graded()}, nil, heed.Final, false},
		{"a named one by one", func(r *heed.Report) { r.Named = true }, review.Decision{Kind: heed.Refer}, nil, heed.Final, false},
		{"imminent danger leaves at once", func(r *heed.Report) { r.Urgency = heed.Immediate }, review.Decision{Kind: heed.Refer}, nil, heed.Pending, true},
		{"what the machine would refuse is referred by two", func(r *heed.Report) { r.State, r.Named = heed.RefusalProposed, true }, review.Decision{Kind: heed.Refer}, nil, heed.Pending, false},
		{"a refusal is one person's", func(r *heed.Report) { r.State = heed.RefusalProposed }, review.Decision{Kind: heed.Refuse}, nil, heed.Final, false},
		{"an urgent one's is two people's", func(r *heed.Report) { r.State, r.Urgency = heed.RefusalProposed, heed.High }, review.Decision{Kind: heed.Refuse}, nil, heed.Pending, false},
		{"a line may ask for two at every closing", nil, review.Decision{Kind: heed.Close}, func(p *profile.Profile) { p.FourEyes.EveryClosing = true }, heed.Pending, false},
		{"and at every referral", func(r *heed.Report) { r.Named = true }, review.Decision{Kind: heed.Refer}, func(p *profile.Profile) { p.FourEyes.EveryReferral = true }, heed.Pending, false},
		{"and at every refusal", nil, review.Decision{Kind: heed.Refuse}, func(p *profile.Profile) { p.FourEyes.EveryRefusal = true }, heed.Pending, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var changes []func(*profile.Profile)
			if c.rules != nil {
				changes = append(changes, c.rules)
			}
			l := newLine(t, changes...)
			id := l.put("text", c.change).ID
			if c.d.Kind == heed.Refer {
				c.d.Department = l.profile.Departments[0].ID
			}
			d := l.dispose(l.ann, id, c.d)
			if d.State != c.want || d.ApproveBy.IsZero() == c.later {
				t.Errorf("%s, to be approved by %v", d.State, d.ApproveBy)
			}
			if c.later {
				l.wantState(id, heed.Referred)
			}
		})
	}
}

func TestAReferralOfImminentDangerThatNobodyApprovesEscalatesOnce(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Immediate)
	l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
	later, err := l.LaterApprovals(t.Context(), l.lead)
	l.must(err)
	if len(later) != 1 || later[0].Report != id {
		t.Fatalf("%d wait for approval", len(later))
	}
	escalated := func() int {
		n := 0
		for _, a := range l.acts(id) {
			if a == "report.escalated" {
				n++
			}
		}
		return n
	}
	l.now = l.now.Add(59 * time.Minute)
	l.must(l.Tick(t.Context()))
	if escalated() != 0 || len(l.jobs(review.JobLate)) != 1 {
		t.Error("escalated before the hour was over")
	}
	l.now = l.now.Add(2 * time.Minute)
	l.late()
	if n := escalated(); n != 1 {
		t.Errorf("escalated %d times", n)
	}
	l.must(l.Approve(t.Context(), l.lead, id))
	l.wantState(id, heed.Referred)
}

func TestADeclinedReferralThatHasLeftIsCalledBackUnlessItWasFetched(t *testing.T) {
	for _, fetched := range []bool{false, true} {
		l := newLine(t)
		id := l.queued(heed.Immediate)
		d := l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
		f := l.referral(id)
		if f.Disposition != d.ID || f.State != heed.ReferralPreparing {
			t.Fatalf("%+v", f)
		}
		if fetched {
			f.State = heed.ReferralDownloaded
			l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.UpdateReferral(t.Context(), f) }))
		}
		l.must(l.Decline(t.Context(), l.lead, id, why))
		if fetched {
			l.wantState(id, heed.Referred)
			continue
		}
		r := l.wantState(id, heed.Returned)
		if got := l.referral(id).State; got != heed.ReferralCancelled || r.ConcludeBy.IsZero() {
			t.Errorf("the referral is %s, the report due %v", got, r.ConcludeBy)
		}
	}
}

func (l *line) referral(report heed.ID) (f *heed.Referral) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		all, err := tx.Referrals(ctx, "", report, "", 10)
		if err == nil && len(all) > 0 {
			f = all[0]
		}
		return err
	})
	return f
}

func TestUndoGivesBackWhatWasDecidedForTenSeconds(t *testing.T) {
	decisions := map[string]struct {
		d       review.Decision
		urgency heed.Urgency
	}{
		"close":   {review.Decision{Kind: heed.Close}, heed.Normal},
		"pending": {review.Decision{Kind: heed.Close}, heed.High},
		"hold":    {review.Decision{Kind: heed.Hold}, heed.Normal},
		"refer":   {review.Decision{Kind: heed.Refer, Grading: graded()}, heed.Normal},
		"link":    {review.Decision{Kind: heed.LinkDuplicate}, heed.Normal},
	}
	for name, c := range decisions {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			id, lead := l.queued(c.urgency), l.queued(heed.Normal)
			before := l.get(id)
			c.d.Department, c.d.Lead = l.profile.Departments[0].ID, lead
			l.dispose(l.ann, id, c.d)
			l.wantErr(l.Undo(t.Context(), l.ben, id), heed.ErrForbidden)
			l.now = l.now.Add(10 * time.Second)
			l.must(l.Undo(t.Context(), l.ann, id))
			r := l.wantState(id, heed.InReview)
			if r.ClaimedBy != l.ann.ID || !r.DecideBy.Equal(before.DecideBy) || !r.ConcludeBy.Equal(before.ConcludeBy) || !r.ClosedAt.IsZero() || r.Lead != "" {
				t.Errorf("%+v", r)
			}
			if got := l.get(lead).Copies; got != 0 {
				t.Errorf("the lead still has %d copies", got)
			}
			l.wantErr(l.Undo(t.Context(), l.ann, id), heed.ErrConflict)
			l.dispose(l.ann, id, review.Decision{Kind: heed.Hold})
			l.now = l.now.Add(10*time.Second + time.Millisecond)
			l.wantErr(l.Undo(t.Context(), l.ann, id), heed.ErrConflict)
		})
	}
}

func TestAQuestionReachesTheReporterAndTheAnswerTheQueue(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission("Smoke comes from the cellar of the school."))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	l.must(l.Ask(t.Context(), l.ann, a.Report, "  Which school? "))
	r := l.wantState(a.Report, heed.NeedsInfo)
	if !r.DecideBy.IsZero() || r.ConcludeBy.IsZero() {
		t.Errorf("after a question: decide by %v, conclude by %v", r.DecideBy, r.ConcludeBy)
	}
	box, err := l.in.Open(t.Context(), a.Receipt.Grouped())
	l.must(err)
	st, err := box.Status(t.Context())
	l.must(err)
	if st.Stage != heed.StageQuestion || len(st.Messages) != 1 || st.Messages[0].Text != "Which school?" {
		t.Fatalf("%+v", st)
	}
	l.now = l.now.Add(time.Second)
	l.must(box.Say(t.Context(), "The one in Mill Lane.", nil))
	l.wantState(a.Report, heed.Queued)
	v, err := l.Read(t.Context(), l.ann, a.Report, "queue")
	l.must(err)
	if len(v.Messages) != 2 || v.Messages[1].Text != "The one in Mill Lane." || v.Messages[1].Kind != heed.Answer {
		t.Errorf("%+v", v.Messages)
	}
	l.wantProblem(l.Ask(t.Context(), l.ann, a.Report, " "), "text-empty")
}

func TestAnAnswerDuringAClaimIsNotLostWhenTheClaimLapses(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission("Smoke comes from the cellar of the school."))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	l.must(l.Ask(t.Context(), l.ann, a.Report, "Which school?"))
	l.must(l.Claim(t.Context(), l.ben, a.Report))
	box, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(box.Say(t.Context(), "The one in Mill Lane.", nil))
	l.wantState(a.Report, heed.InReview)
	l.now = l.now.Add(review.ClaimLife + time.Second)
	l.must(l.Tick(t.Context()))
	l.wantState(a.Report, heed.Queued)
}
