package referral_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

func TestALiaisonSeesOnlyTheirOwnDepartmentsReferrals(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	f := l.refer(report, "fire")
	items, err := l.List(t.Context(), l.fire, "", 50)
	l.must(err)
	if len(items) != 1 || items[0].ID != f.ID || items[0].State != heed.ReferralReady {
		t.Fatalf("%+v", items)
	}
	items, err = l.List(t.Context(), l.water, "", 50)
	l.must(err)
	if len(items) != 0 {
		t.Errorf("another department sees %d", len(items))
	}
	_, err = l.Get(t.Context(), l.water, f.ID)
	l.wantErr(err, heed.ErrForbidden)
	_, _, err = l.OpenPackage(t.Context(), l.water, f.ID)
	l.wantErr(err, heed.ErrForbidden)
	l.wantErr(l.Accept(t.Context(), l.water, f.ID), heed.ErrForbidden)
	l.wantErr(l.Return(t.Context(), l.water, f.ID, "not ours"), heed.ErrForbidden)
	l.wantErr(l.Outcome(t.Context(), l.water, f.ID, "no-action"), heed.ErrForbidden)
	_, err = l.List(t.Context(), l.ann, "", 50)
	l.wantErr(err, heed.ErrForbidden)
	_, _, err = l.OpenPackage(t.Context(), nil, f.ID)
	l.wantErr(err, heed.ErrForbidden)
}

func TestTheOutcomeReachesTheReporterInTheirLanguageAndThoseWhoSaidTheSame(t *testing.T) {
	l := newLine(t)
	report, receipt := l.report("es")
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), report)
		l.must(err)
		r.Language = "es"
		return tx.UpdateReport(t.Context(), r)
	}))
	same, err := l.in.Submit(t.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "fr", Content: heed.Content{Text: "Des flammes derrière la boulangerie, personne ne vient."}})
	l.must(err)
	l.must(l.review.Screen(t.Context(), same.Report))
	_, err = l.review.Dispose(t.Context(), l.ann, same.Report, review.Decision{Kind: heed.LinkDuplicate, Lead: report, Reason: "the same fire"})
	l.must(err)

	f := l.refer(report, "fire")
	l.wantErr(l.Outcome(t.Context(), l.fire, f.ID, "action-taken"), heed.ErrConflict) // not accepted yet
	l.must(l.Accept(t.Context(), l.fire, f.ID))
	if got := l.state(report).State; got != heed.Accepted {
		t.Fatalf("%s", got)
	}
	l.wantErr(l.Outcome(t.Context(), l.fire, f.ID, "invented"), heed.ErrInvalid)
	l.must(l.Outcome(t.Context(), l.fire, f.ID, "action-taken"))
	if got := l.state(report).State; got != heed.OutcomeGiven {
		t.Fatalf("%s", got)
	}
	args, err := json.Marshal(review.ReferralArgs{Referral: f.ID})
	l.must(err)
	l.must(l.HandleTell(t.Context(), args))
	l.must(l.HandleTell(t.Context(), args)) // at least once
	for _, id := range []heed.ID{report, same.Report} {
		if r := l.state(id); r.State != heed.Closed || r.ClosedAt.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	outcome, _ := l.profile.Outcome("action-taken")
	language := l.state(same.Report).Language
	for receipt, want := range map[string]string{string(receipt): outcome.Wording["es"], string(same.Receipt): outcome.Wording.In(language)} {
		box, err := l.in.Open(t.Context(), receipt)
		l.must(err)
		st, err := box.Status(t.Context())
		l.must(err)
		if st.Outcome != want || len(st.Messages) != 1 || st.Stage != heed.StageConcluded {
			t.Errorf("the reporter reads %q in %d messages, want %q", st.Outcome, len(st.Messages), want)
		}
	}
}

func TestAReturnedReportIsBackInTheQueueWithItsReasonAndOurCopyGoes(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	f := l.refer(report, "fire")
	l.fetch(l.fire, f.ID)
	l.wantErr(l.Return(t.Context(), l.fire, f.ID, " "), heed.ErrInvalid)
	l.must(l.Return(t.Context(), l.fire, f.ID, "this is the river's, not ours"))
	r := l.state(report)
	if r.State != heed.Returned || r.ConcludeBy.IsZero() {
		t.Errorf("%+v", r)
	}
	v, err := l.review.Read(t.Context(), l.ann, report, "queue")
	l.must(err)
	if len(v.Referrals) != 1 || v.Referrals[0].Reason.Text != "this is the river's, not ours" {
		t.Errorf("%+v", v.Referrals)
	}
	item, err := l.Get(t.Context(), l.fire, f.ID)
	l.must(err)
	if item.Blob != "" || item.Reason == "" {
		t.Errorf("%+v", item)
	}
	_, _, err = l.OpenPackage(t.Context(), l.fire, f.ID)
	l.wantErr(err, heed.ErrConflict)
	second := l.refer(report, "water")
	l.must(l.Accept(t.Context(), l.water, second.ID))
	l.must(l.Return(t.Context(), l.water, second.ID, "after all it is not ours"))
}

func TestEveryStepOfAReferralIsALeaf(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	f := l.refer(report, "fire")
	l.fetch(l.fire, f.ID)
	l.must(l.Accept(t.Context(), l.fire, f.ID))
	l.must(l.Outcome(t.Context(), l.fire, f.ID, "no-action"))
	want := []string{"referral.prepared", "referral.downloaded", "referral.accepted", "referral.outcome"}
	var got []string
	l.view(func(ctx context.Context, tx heed.Tx) error {
		leaves, err := tx.Leaves(ctx, 0, report, 100)
		for _, leaf := range leaves {
			if leaf.Act[:9] == "referral." {
				got = append(got, leaf.Act)
			}
		}
		return err
	})
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
