package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

// submit takes a report in without a receipt, as an import does.
func (l *line) submit(texts ...string) []heed.ID {
	l.Helper()
	subs := make([]intake.Submission, len(texts))
	for i, text := range texts {
		subs[i] = intake.Submission{Channel: heed.ChannelImport, Language: "en", Content: heed.Content{Text: text}}
	}
	batch, err := l.in.PrepareImport(l.Context(), subs, false)
	l.must(err)
	ids, err := l.in.Import(l.Context(), batch, func(heed.Tx) error { return nil })
	l.must(err)
	return ids
}

func (l *line) screening(id heed.ID) *heed.Screening {
	l.Helper()
	v, err := l.Read(l.Context(), l.ann, id, "queue")
	l.must(err)
	return v.Screening
}

const blocked = "The emergency exit of the Corner Market on Mill Lane has been blocked with pallets and beer crates since Monday morning."

func TestAReportIsScreenedQueuedAndFound(t *testing.T) {
	l := newLine(t)
	id := l.submit(blocked)[0]
	args, err := json.Marshal(review.ScreenArgs{Reports: []heed.ID{id}})
	l.must(err)
	l.must(l.HandleScreen(t.Context(), args))
	l.must(l.HandleScreen(t.Context(), args)) // at least once
	r := l.wantState(id, heed.Queued)
	if !r.ScreenBy.IsZero() || r.Category == "" || r.DecideBy.IsZero() {
		t.Errorf("%+v", r)
	}
	if acts := l.acts(id); fmt.Sprint(acts) != "[report.received report.screened]" {
		t.Errorf("%v", acts)
	}
	sc := l.screening(id)
	if sc == nil || sc.Language != "en" || sc.Similar == nil || sc.Details == nil {
		t.Fatalf("%+v", sc)
	}
	found, err := l.Search(t.Context(), l.ann, "PALLETS market", "a caller asks about it", heed.ReportQuery{})
	l.must(err)
	if len(found) != 1 || found[0].ID != id {
		t.Errorf("%d found", len(found))
	}
	none, err := l.Search(t.Context(), l.ann, "pallets elephant", "a caller asks about it", heed.ReportQuery{})
	l.must(err)
	if len(none) != 0 {
		t.Errorf("%d found with a word that is not there", len(none))
	}
}

func TestASearchNeedsAPurposeAndLeavesNeitherWordsNorPurposeInTheAudit(t *testing.T) {
	l := newLine(t)
	_, err := l.Search(t.Context(), l.ann, "pallets", "", heed.ReportQuery{})
	l.wantProblem(err, "reason-missing")
	_, err = l.Search(t.Context(), l.ann, "  ", "a caller asks", heed.ReportQuery{})
	l.wantProblem(err, "words-missing")
	_, err = l.Search(t.Context(), l.ann, strings.Repeat("word more ", 900), "a caller asks", heed.ReportQuery{})
	l.wantProblem(err, "words-too-many")
	admin := l.staff("adam", heed.Admin)
	_, err = l.Search(t.Context(), admin, "pallets", "curious", heed.ReportQuery{})
	l.wantErr(err, heed.ErrForbidden)
	_, err = l.Search(t.Context(), l.ann, "zebrafinch", "the quokka called again", heed.ReportQuery{})
	l.must(err)
	l.view(func(ctx context.Context, tx heed.Tx) error {
		leaves, err := tx.Leaves(ctx, 0, "", 100)
		last := leaves[len(leaves)-1]
		if last.Act != "report.searched" || len(last.Note) == 0 || len(last.Salt) == 0 {
			t.Errorf("%+v", last)
		}
		for _, word := range []string{"zebrafinch", "quokka"} {
			if strings.Contains(string(last.Details)+string(last.Note), word) {
				t.Errorf("the leaf holds %q", word)
			}
		}
		return err
	})
}

func TestWhySomebodySearchedIsKeptNoLongerThanAClosedReport(t *testing.T) {
	l := newLine(t)
	_, err := l.Search(t.Context(), l.ann, "zebrafinch", "the quokka called again", heed.ReportQuery{})
	l.must(err)
	searched := l.now
	keep := l.profile.Retention.Closed
	for _, c := range []struct {
		asOf  time.Time
		notes int
	}{{searched.Add(keep), 1}, {searched.Add(keep + time.Second), 0}} {
		if _, _, err := l.EndSpans(t.Context(), c.asOf, 20); err != nil {
			t.Fatal(err)
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			leaves, err := tx.Leaves(ctx, 0, "", 100)
			n, notes := 0, 0
			for _, leaf := range leaves {
				if leaf.Act == "report.searched" {
					n, notes = n+1, notes+min(len(leaf.Note), 1)
				}
			}
			if n != 1 || notes != c.notes {
				t.Errorf("after %s there are %d leaves of a search and %d purposes, want %d", c.asOf.Sub(searched), n, notes, c.notes)
			}
			return err
		})
	}
}

func TestCopiesAreFoundInTheSameBatchAndLater(t *testing.T) {
	l := newLine(t)
	ids := l.submit(blocked, "Something quite different happened: two lorries dumped barrels with green liquid at the river bank near the old mill.", blocked)
	l.must(l.Screen(t.Context(), ids...))
	if sc := l.screening(ids[2]); sc.DuplicateOf == nil || *sc.DuplicateOf != ids[0] {
		t.Errorf("in the same batch: %+v", sc.Similar)
	}
	if sc := l.screening(ids[1]); sc.DuplicateOf != nil {
		t.Errorf("a different report is called a copy: %+v", sc.Similar)
	}
	if sc := l.screening(ids[0]); sc.DuplicateOf != nil || len(sc.Similar) != 0 {
		t.Errorf("the first is called a copy of %+v", sc.Similar)
	}
	l.now = l.now.Add(time.Hour)
	later := l.submit("Please help! " + blocked)
	l.must(l.Screen(t.Context(), later...))
	sc := l.screening(later[0])
	if len(sc.Similar) == 0 || slices.ContainsFunc(sc.Similar, func(m heed.Match) bool { return m.ID == later[0] }) {
		t.Errorf("an hour later: %+v", sc.Similar)
	}
	l.wantState(later[0], heed.Queued) // a person links; the machine only proposes
}

func TestAReportThatCannotBeScreenedReachesPeopleAsUnscreened(t *testing.T) {
	l := newLine(t)
	id := l.submit(blocked)[0]
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), id)
		r.Content[len(r.Content)-1] ^= 1
		return errors.Join(err, tx.UpdateReport(t.Context(), r))
	}))
	l.must(l.Screen(t.Context(), id))
	r := l.wantState(id, heed.Queued)
	if !r.ScreenBy.IsZero() {
		t.Errorf("its screening is still due %v", r.ScreenBy)
	}
	l.view(func(ctx context.Context, tx heed.Tx) error {
		rec, err := tx.Screening(ctx, id)
		if err == nil && !rec.Failed {
			t.Error("it is not marked as unscreened")
		}
		return err
	})
}

func TestAReportWhoseScreeningWasLostIsShownAndScreenedLate(t *testing.T) {
	l := newLine(t)
	id := l.submit(blocked)[0]
	l.now = l.now.Add(4 * time.Minute)
	l.must(l.Tick(t.Context()))
	l.wantState(id, heed.Received)
	l.now = l.now.Add(2 * time.Minute)
	l.must(l.Tick(t.Context()))
	l.wantState(id, heed.Queued)
	v, err := l.Read(t.Context(), l.ann, id, "queue")
	l.must(err)
	if !v.Unscreened || v.Screening != nil {
		t.Errorf("%+v", v.Screening)
	}
	l.must(l.SetUrgency(t.Context(), l.ann, id, heed.Immediate, ""))
	l.must(l.Screen(t.Context(), id))
	if r := l.wantState(id, heed.Queued); r.Urgency != heed.Immediate {
		t.Errorf("the machine lowered to %s what a person had set", r.Urgency)
	}
	if sc := l.screening(id); sc == nil {
		t.Error("it has no screening even after the late one")
	}
	if got := l.lastDetails(id, "report.screened"); !strings.Contains(got, `"late":true`) {
		t.Errorf("the leaf of the late screening holds %s", got)
	}
	args, err := json.Marshal(review.ScreenArgs{Reports: []heed.ID{id}})
	l.must(err)
	l.must(l.GiveUpScreening(t.Context(), args, errors.New("for the last time")))
	if sc := l.screening(id); sc == nil {
		t.Error("giving up took the screening away")
	}
}

func TestWhatIsWithdrawnDuringItsScreeningStaysWithdrawn(t *testing.T) {
	l := newLine(t)
	id := l.submit(blocked)[0]
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), id)
		r.State = heed.Withdrawn
		return errors.Join(err, tx.UpdateReport(t.Context(), r))
	}))
	l.must(l.Screen(t.Context(), id, heed.NewID(l.now)))
	l.wantState(id, heed.Withdrawn)
}

func TestNobodyIsSearchedForByWhoTheyAre(t *testing.T) {
	l := newLine(t)
	ids := l.submit("A man was stabbed outside the mosque in Harbour Street because he is a Muslim refugee, he is bleeding.")
	l.must(l.Screen(t.Context(), ids...))
	_, err := l.Search(t.Context(), l.ann, "muslim refugees", "to see how many there are", heed.ReportQuery{})
	l.wantProblem(err, "words-trait")
	for _, words := range []string{"harbour street", "harbour muslim", "harbour hindu"} { // the trait selects nothing
		found, err := l.Search(t.Context(), l.ann, words, "a second report of the stabbing", heed.ReportQuery{})
		l.must(err)
		if len(found) != 1 {
			t.Errorf("%q finds %d reports", words, len(found))
		}
	}
}
