package review_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestAReportGoesItsWholeWayOnBothStores(t *testing.T) { onBothStores(t, wholeWay) }

// onBothStores tells a story on a line of either store.
func onBothStores(t *testing.T, story func(*line)) {
	t.Helper()
	stores := map[string]func(t *testing.T) (heed.Store, error){
		"SQLite": func(t *testing.T) (heed.Store, error) {
			return sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
		},
		"PostgreSQL": func(t *testing.T) (heed.Store, error) {
			return postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
		},
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			store, err := open(t)
			if err != nil {
				t.Fatal(err)
			}
			story(newLineOn(t, store))
		})
	}
}

// wholeWay is the story of one report, another that says the same, and the people between.
func wholeWay(l *line) {
	ctx := l.Context()
	first, err := l.in.Submit(ctx, intakeSubmission(blocked))
	l.must(err)
	l.now = l.now.Add(time.Minute)
	second, err := l.in.Submit(ctx, intakeSubmission(blocked+" Still so today."))
	l.must(err)
	l.must(l.Screen(ctx, first.Report))
	l.must(l.Screen(ctx, second.Report))
	if sc := l.screening(second.Report); sc.DuplicateOf == nil || *sc.DuplicateOf != first.Report {
		l.Errorf("the second is a copy of %v", sc.DuplicateOf)
	}
	found, err := l.Search(ctx, l.ann, "pallets", "a test of the whole way", heed.ReportQuery{})
	l.must(err)
	if len(found) != 2 {
		l.Errorf("%d found", len(found))
	}
	l.must(l.Claim(ctx, l.ann, second.Report))
	l.dispose(l.ann, second.Report, review.Decision{Kind: heed.LinkDuplicate, Lead: first.Report})
	l.must(l.SetUrgency(ctx, l.ben, first.Report, heed.High, ""))
	l.dispose(l.ben, first.Report, review.Decision{Kind: heed.Close})
	l.must(l.Decline(ctx, l.lead, first.Report, "people could die there"))
	l.now = l.now.Add(2 * time.Hour)
	l.must(l.Tick(ctx))
	l.dispose(l.ben, first.Report, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
	l.must(l.Undo(ctx, l.ben, first.Report))
	l.dispose(l.ben, first.Report, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
	l.wantState(first.Report, heed.Referred) // it has a copy, so one person is enough
	want := "[report.received report.screened report.linked report.urgency report.disposed report.declined report.disposed report.undone report.disposed]"
	var acts []string
	for _, a := range l.acts(first.Report) {
		if a != "report.read" {
			acts = append(acts, a)
		}
	}
	if got := fmt.Sprint(acts); got != want {
		l.Errorf("%s\nwant %s", got, want)
	}
	v, err := l.Read(ctx, l.lead, first.Report, "to see how it went")
	l.must(err)
	if len(v.Dispositions) != 3 || len(v.Referrals) != 2 || len(v.Duplicates) != 1 || v.Report.Copies != 1 {
		l.Errorf("%d dispositions, %d referrals, %d duplicates", len(v.Dispositions), len(v.Referrals), len(v.Duplicates))
	}
}
