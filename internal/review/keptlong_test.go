package review_test

import (
	"context"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// keptLong is a report that a Department had, whose span is over, and of which the leads were told.
func (l *line) keptLong() heed.ID {
	l.Helper()
	id := l.referred()
	_, err := l.ProposeErasure(l.Context(), l.ann, id, why)
	l.wantErr(err, heed.ErrConflict) // too early
	l.now = l.now.Add(fiveYear)
	l.wantEnded(l.end(), review.Ended{Asked: 1})
	return id
}

func TestWhatIsKeptLongEnoughIsErasedByTwoPeopleOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ctx := l.Context()
		id := l.keptLong()
		l.must(l.store.Update(ctx, func(tx heed.Tx) error { // as when the Department never fetched its package
			all, err := tx.Referrals(ctx, "", id, "", 10)
			if err != nil {
				return err
			}
			all[0].State, all[0].Blob = heed.ReferralReady, "package"
			return tx.UpdateReferral(ctx, all[0])
		}))
		_, err := l.ProposeErasure(ctx, l.lead, id, " ")
		l.wantProblem(err, "reason-missing")
		d, err := l.ProposeErasure(ctx, l.lead, id, why)
		l.must(err)
		_, err = l.ProposeErasure(ctx, l.ann, id, why)
		l.wantErr(err, heed.ErrConflict)
		l.wantErr(l.Approve(ctx, l.lead, id), heed.ErrForbidden)
		l.wantErr(l.Approve(ctx, l.ann, id), heed.ErrForbidden)
		l.wantState(id, heed.Referred)

		other := l.staff("leo", heed.RoleLead)
		l.must(l.Approve(ctx, other, id))
		l.wantState(id, heed.Erased)
		want := `{"act":{"class":"referred","span_hours":43800,"disposition":"` + string(d.ID) + `"}}`
		if got := l.lastDetails(id, "report.erased"); got != want {
			l.Errorf("%s, want %s", got, want)
		}
		if got := l.lastDetails(id, "report.approved"); !strings.Contains(got, string(d.ID)) || !strings.Contains(got, `"kind":"erase"`) {
			l.Errorf("the approval is %s", got)
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.WrappedKey(ctx, id)
			l.wantErr(err, heed.ErrGone)
			all, err := tx.Referrals(ctx, "", id, "", 10)
			l.must(err)
			if all[0].Blob != "" || all[0].State != heed.ReferralCancelled {
				l.Errorf("the referral is %+v", all[0])
			}
			made, err := tx.Disposition(ctx, d.ID)
			l.must(err)
			if made.State != heed.Approved || made.By != l.lead.ID || made.SecondBy != other.ID {
				l.Errorf("the decision is %+v", made)
			}
			leaves, err := tx.Leaves(ctx, 0, id, 500)
			for _, leaf := range leaves {
				if leaf.Note != nil {
					l.Errorf("a note stays beside %s", leaf.Act)
				}
				if leaf.Act == "report.erased" && leaf.Actor != other.ID {
					l.Errorf("%s erased it", leaf.Actor)
				}
			}
			return err
		})
		l.wantErr(l.Approve(ctx, other, id), heed.ErrGone)
	})
}

func TestAnErasureThatIsDeclinedOrUndoneLeavesTheReportAndCanBeProposedAgain(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	id := l.keptLong()
	_, err := l.ProposeErasure(ctx, l.ann, id, why)
	l.must(err)
	l.must(l.Undo(ctx, l.ann, id))
	l.wantErr(l.Approve(ctx, l.lead, id), heed.ErrConflict)
	_, err = l.ProposeErasure(ctx, l.ann, id, why)
	l.must(err)
	l.must(l.Decline(ctx, l.lead, id, "the court still asks for it"))
	l.wantErr(l.Approve(ctx, l.lead, id), heed.ErrConflict)
	v, err := l.Read(ctx, l.lead, id, "its time is over")
	l.must(err)
	if v.Gone || v.Content.Text == "" || v.Report.State != heed.Referred || v.Report.Kept() != heed.KeptReview {
		t.Errorf("the report is %+v", v.Report)
	}
	_, err = l.ProposeErasure(ctx, l.ben, id, why)
	l.must(err)
	l.must(l.Approve(ctx, l.lead, id))
	l.wantState(id, heed.Erased)
}

func TestAProposedErasureLapsesWhereTheReportIsTakenUpAgain(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	id := l.keptLong()
	_, err := l.ProposeErasure(ctx, l.ann, id, why)
	l.must(err)
	accept := func() {
		l.must(l.store.Update(ctx, func(tx heed.Tx) error { // as a Department does
			r, err := tx.Report(ctx, id)
			if err != nil {
				return err
			}
			r.State, r.StateSince = heed.Accepted, l.now
			return tx.UpdateReport(ctx, r)
		}))
	}
	l.now = l.now.Add(month)
	accept()
	l.wantErr(l.Approve(ctx, l.lead, id), heed.ErrConflict)
	v, err := l.Read(ctx, l.lead, id, "queue")
	l.must(err)
	if last := v.Dispositions[len(v.Dispositions)-1]; last.State != heed.Undone {
		t.Errorf("the proposal is shown as %s", last.State)
	}
	l.now = l.now.Add(fiveYear) // over again: the old proposal isn't one for this
	l.wantEnded(l.end(), review.Ended{Asked: 1})
	l.wantErr(l.Approve(ctx, l.lead, id), heed.ErrConflict)
	_, err = l.ProposeErasure(ctx, l.ann, id, why)
	l.must(err)
	l.must(l.Approve(ctx, l.lead, id))
}

// A backup may be older than the Department's answer, and bring the package back with the report.
func TestAReportThatIsErasedOnceMoreLeavesNoPackageOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ctx := l.Context()
		id := l.referred()
		l.must(l.store.Update(ctx, func(tx heed.Tx) error {
			all, err := tx.Referrals(ctx, "", id, "", 10)
			if err != nil {
				return err
			}
			all[0].State, all[0].Blob = heed.ReferralDownloaded, "package"
			return tx.UpdateReferral(ctx, all[0])
		}))
		was, err := l.EraseKnown(ctx, id)
		l.must(err)
		if !was {
			l.Fatal("there was nothing to erase")
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Referrals(ctx, "", id, "", 10)
			if err == nil && all[0].Blob != "" {
				l.Errorf("the package %q is there still", all[0].Blob)
			}
			return err
		})
	})
}
