package referral_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
)

// decide refers the report and gives the args of the job that is to prepare it.
func (l *line) decide(report heed.ID) (*heed.Disposition, []byte) {
	l.Helper()
	d, err := l.review.Dispose(l.Context(), l.ann, report, review.Decision{
		Kind: heed.Refer, Department: "fire", Reason: "it burns near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
	})
	l.must(err)
	args, err := json.Marshal(review.ReferralArgs{Referral: l.of(d).ID})
	l.must(err)
	return d, args
}

// wantGivenBack makes sure that the report is back and that a lead knows, once.
func (l *line) wantGivenBack(report heed.ID, d *heed.Disposition) {
	l.Helper()
	r := l.state(report)
	if r.Handed {
		l.Error("a department is said to have had what never left")
	}
	if r.State != heed.Returned || r.ConcludeBy.IsZero() || r.NextAlert.IsZero() {
		l.Errorf("the report is %s, to be concluded by %v", r.State, r.ConcludeBy)
	}
	if f := l.of(d); f.State != heed.ReferralCancelled || f.Blob != "" {
		l.Errorf("the referral is %s", f.State)
	}
	l.view(func(ctx context.Context, tx heed.Tx) error {
		leaves, err := tx.Leaves(ctx, 0, report, 100)
		n := 0
		for _, leaf := range leaves {
			if leaf.Act == "referral.cancelled" {
				n++
			}
		}
		events, eventsErr := tx.EventsAfter(ctx, 0, 1000)
		told := slices.ContainsFunc(events, func(e *heed.DeskEvent) bool {
			return e.Kind == review.EventReportAlert && e.Report == report && e.To == string(heed.RoleLead)
		})
		_, pending := tx.Setting(ctx, "review.notices")
		if n != 1 || !told || pending != nil {
			l.Errorf("%d leaves, a lead is told: %v, people away: %v", n, told, pending)
		}
		return errors.Join(err, eventsErr)
	})
}

func TestAReferralThatCanReachNobodyComesBackAtOnceAndSaysSo(t *testing.T) {
	for name, lose := range map[string]func(*profile.Department){
		"no recipient":     func(d *profile.Department) { d.Recipients = nil },
		"no department":    func(d *profile.Department) { d.ID = "elsewhere" },
		"no key that fits": func(d *profile.Department) { d.Recipients = []string{"age1nothing"} },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			report, _ := l.report("en")
			d, args := l.decide(report)
			lose(&l.profile.Departments[0])
			l.now = l.now.Add(review.UndoLife)
			l.must(l.HandlePrepare(t.Context(), args))
			l.must(l.HandlePrepare(t.Context(), args))
			l.wantGivenBack(report, d)
			if again := l.refer(report, "water"); again.State != heed.ReferralReady {
				t.Errorf("referred again it is %s", again.State)
			}
		})
	}
}

func TestAReferralThatCouldNotBePreparedForAnHourComesBack(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	l.must(l.review.SetUrgency(t.Context(), l.ann, report, heed.Immediate, ""))
	d, args := l.decide(report)
	if d.ApproveBy.IsZero() {
		t.Fatal("it is not to be approved afterwards")
	}
	l.now = l.now.Add(review.UndoLife)
	blobs := filepath.Join(l.folder, "blobs")
	l.must(os.Rename(blobs, blobs+" unplugged"))
	err := l.HandlePrepare(t.Context(), args)
	l.must(os.Rename(blobs+" unplugged", blobs))
	if err == nil || l.of(d).State != heed.ReferralPreparing {
		t.Fatalf("%v, %s", err, l.of(d).State)
	}
	l.must(l.GiveUpPreparing(t.Context(), args, err))
	l.must(l.GiveUpPreparing(t.Context(), args, err)) // at least once
	l.wantGivenBack(report, d)
	l.wantErr(l.review.Approve(t.Context(), l.lead, report), heed.ErrConflict)
	l.must(l.HandlePrepare(t.Context(), args)) // whatever still lay in the queue
	l.wantGivenBack(report, d)
}

func TestAPackageThatWasMadeIsNotGivenBack(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	f := l.refer(report, "fire")
	args, err := json.Marshal(review.ReferralArgs{Referral: f.ID})
	l.must(err)
	l.must(l.GiveUpPreparing(t.Context(), args, heed.ErrBusy))
	if got := l.state(report).State; got != heed.Referred {
		t.Errorf("%s", got)
	}
}
