package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/heed-line/heed"
)

var lists = []requirement{
	{"reports are listed by urgency, then deadline with none last, then id", func(l *line) {
		due := func(u heed.Urgency, d time.Duration) *heed.Report {
			return l.report(func(r *heed.Report) {
				r.Urgency = u
				if d != 0 {
					r.NextDue = noon.Add(d)
				}
			})
		}
		never, later, soon, same := due(heed.High, 0), due(heed.High, 2), due(heed.High, time.Second), due(heed.High, time.Second)
		later.NextDue = noon.Add(time.Hour)
		low, immediate := due(heed.Low, time.Second), due(heed.Immediate, 0)
		l.add(never, later, same, soon, low, immediate)
		l.page(heed.ReportQuery{}, immediate, soon, same, later, never, low)
	}},
	{"what is urgent and set aside has its place in the queue", func(l *line) {
		urgent := l.report(func(r *heed.Report) { r.State, r.Urgency = heed.SetAside, heed.High })
		calm := l.report(func(r *heed.Report) { r.State = heed.SetAside })
		l.add(urgent, calm)
		l.page(heed.ReportQuery{List: heed.ListReview}, urgent)
		l.page(heed.ReportQuery{List: heed.ListAside}, calm)
	}},
	{"an urgent refusal proposed keeps its place in the queue", func(l *line) {
		urgent := l.report(func(r *heed.Report) { r.State, r.Urgency = heed.RefusalProposed, heed.High })
		calm := l.report(func(r *heed.Report) { r.State = heed.RefusalProposed })
		l.add(urgent, calm)
		l.page(heed.ReportQuery{List: heed.ListReview}, urgent)
		l.page(heed.ReportQuery{List: heed.ListRefusal}, calm)
		l.page(heed.ReportQuery{State: heed.RefusalProposed}, urgent, calm)
		urgent.Urgency = heed.Low
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReport(ctx, urgent) })
		l.page(heed.ReportQuery{List: heed.ListRefusal}, calm, urgent)
	}},
	{"a listed report has every field that the report by itself has", func(l *line) {
		asked := l.report(func(r *heed.Report) {
			r.State, r.Handed, r.ReviewSince, r.ClosedAt = heed.Closed, true, noon.Add(time.Hour), noon
			r.UrgencyBy, r.Lead, r.Named, r.Files, r.Copies, r.ClaimFrom = "ann", "lead", true, 2, 3, heed.SetAside
			r.CopyOf = "first"
		})
		l.add(asked)
		for _, categories := range [][]string{nil, {asked.Category}, {asked.Category, "hazard"}} {
			l.page(heed.ReportQuery{Categories: categories}, asked)
		}
	}},
	{"a page has 50 reports, or as many as asked for up to 200", func(l *line) {
		var all []*heed.Report
		for range 230 {
			all = append(all, l.report())
		}
		l.add(all...)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			for limit, want := range map[int]int{0: 50, 1: 1, 120: 120, 200: 200, 9999: 200} {
				got, err := tx.Reports(ctx, heed.ReportQuery{Limit: limit})
				if err != nil {
					return err
				}
				l.same(len(got), want)
			}
			for limit, want := range map[int]int{1000: 230, 100: 100} {
				got, err := tx.CountReports(ctx, heed.ReportQuery{List: heed.ListReview}, limit)
				if err != nil {
					return err
				}
				l.same(got, want)
			}
			return nil
		})
	}},
	{"any selection lists and counts as the model says, page by page", func(l *line) {
		var all []*heed.Report
		rapid.Check(l.T, func(t *rapid.T) {
			more := rapid.SliceOfN(anyReport(l), 0, 12).Draw(t, "reports")
			l.add(more...)
			all = append(all, more...)
			if len(all) > 0 && rapid.Bool().Draw(t, "change one") {
				r := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
				changed := anyReport(l).Draw(t, "into")
				r.State, r.Urgency, r.Category, r.NextDue = changed.State, changed.Urgency, changed.Category, changed.NextDue
				r.ClaimedBy = changed.ClaimedBy
				l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReport(ctx, r) })
			}
			q := anyQuery().Draw(t, "query")
			want := model(all, q)
			got := l.pages(q)
			if !slices.Equal(ids(got), ids(want)) {
				t.Fatalf("%+v: got %v, want %v", q, ids(got), ids(want))
			}
			l.view(func(ctx context.Context, tx heed.Tx) error {
				n, err := tx.CountReports(ctx, q, 1000)
				if n != len(want) {
					t.Fatalf("%+v: counted %d of %d", q, n, len(want))
				}
				return err
			})
		})
	}},
}

// page fails the test where the query's reports aren't these.
func (l *line) page(q heed.ReportQuery, want ...*heed.Report) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.Reports(ctx, q)
		l.same(ids(got), ids(want))
		for i := range min(len(got), len(want)) {
			l.same(got[i], want[i])
		}
		return err
	})
}

// pages is all that the query selects, read page by page.
func (l *line) pages(q heed.ReportQuery) []*heed.Report {
	l.Helper()
	var all []*heed.Report
	for {
		var page []*heed.Report
		l.view(func(ctx context.Context, tx heed.Tx) (err error) {
			page, err = tx.Reports(ctx, q)
			return err
		})
		all = append(all, page...)
		if len(page) < q.Limit {
			return all
		}
		q.After = page[len(page)-1]
	}
}

// model is what the query selects, in order.
func model(all []*heed.Report, q heed.ReportQuery) []*heed.Report {
	var found []*heed.Report
	for _, r := range all {
		if (q.List == "" || r.List() == q.List) && (q.State == "" || r.State == q.State) &&
			(q.Category == "" || r.Category == q.Category) && (q.Urgency == "" || r.Urgency == q.Urgency) &&
			(q.Claimed == "" || r.ClaimedBy == q.Claimed) && (len(q.Categories) == 0 || slices.Contains(q.Categories, r.Category)) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *heed.Report) int {
		if c := cmp.Compare(a.Urgency.Rank(), b.Urgency.Rank()); c != 0 {
			return c
		}
		if a.NextDue.IsZero() != b.NextDue.IsZero() {
			if a.NextDue.IsZero() {
				return 1
			}
			return -1
		}
		if c := a.NextDue.Compare(b.NextDue); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return found
}

func anyReport(l *line) *rapid.Generator[*heed.Report] {
	return rapid.Custom(func(t *rapid.T) *heed.Report {
		return l.report(func(r *heed.Report) {
			r.State = rapid.SampledFrom([]heed.State{
				heed.Received, heed.Queued, heed.RefusalProposed, heed.InReview, heed.Held, heed.Closed,
			}).Draw(t, "state")
			r.Urgency = rapid.SampledFrom(heed.Urgencies[:]).Draw(t, "urgency")
			r.Category = rapid.SampledFrom([]string{"", "fraud-scam", "hazard", "cyber"}).Draw(t, "category")
			r.ClaimedBy = rapid.SampledFrom([]heed.ID{"", "ann", "bob"}).Draw(t, "claimed")
			if hours := rapid.IntRange(0, 3).Draw(t, "due"); hours > 0 {
				r.NextDue = noon.Add(time.Duration(hours) * time.Hour)
			}
		})
	})
}

func anyQuery() *rapid.Generator[heed.ReportQuery] {
	return rapid.Custom(func(t *rapid.T) heed.ReportQuery {
		return heed.ReportQuery{
			List:       rapid.SampledFrom([]heed.List{"", "", heed.ListReview, heed.ListRefusal, heed.ListDone}).Draw(t, "list"),
			State:      rapid.SampledFrom([]heed.State{"", "", heed.Queued, heed.RefusalProposed}).Draw(t, "state"),
			Category:   rapid.SampledFrom([]string{"", "fraud-scam"}).Draw(t, "category"),
			Urgency:    rapid.SampledFrom([]heed.Urgency{"", heed.Immediate, heed.Normal}).Draw(t, "urgency"),
			Claimed:    rapid.SampledFrom([]heed.ID{"", "", "ann"}).Draw(t, "claimed"),
			Categories: rapid.SampledFrom([][]string{nil, {"hazard"}, {"cyber", "fraud-scam"}, {"hazard", "cyber", "drugs"}}).Draw(t, "categories"),
			Limit:      rapid.IntRange(1, 20).Draw(t, "limit"),
		}
	})
}
