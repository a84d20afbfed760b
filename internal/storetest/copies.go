package storetest

import (
	"context"

	"github.com/heed-line/heed"
)

var copies = []requirement{
	{"a copy stands in the list of copies while it is queued, and under its lead alone", func(l *line) {
		lead, other := l.report(), l.report()
		under := func(of *heed.Report, change ...func(*heed.Report)) *heed.Report {
			return l.report(append(change, func(r *heed.Report) { r.CopyOf = of.ID })...)
		}
		first, second, third := under(lead), under(lead), under(other)
		claimed := under(lead, func(r *heed.Report) { r.State = heed.InReview })
		l.add(lead, other, first, second, third, claimed)
		l.page(heed.ReportQuery{List: heed.ListReview}, lead, other, claimed)
		l.page(heed.ReportQuery{List: heed.ListCopies}, first, second, third)
		l.page(heed.ReportQuery{CopyOf: lead.ID}, first, second)
		l.page(heed.ReportQuery{CopyOf: lead.ID, Limit: 1, After: first}, second)
		l.page(heed.ReportQuery{State: heed.Queued}, lead, other, first, second, third)
	}},
	{"the copies under each report are counted, of some categories alone where they are named", func(l *line) {
		lead, other, alone := l.report(), l.report(), l.report()
		under := func(of *heed.Report, category string) *heed.Report {
			return l.report(func(r *heed.Report) { r.CopyOf, r.Category = of.ID, category })
		}
		l.add(lead, other, alone, under(lead, "hazard"), under(lead, "hazard"), under(lead, "drugs"), under(other, "drugs"))
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.CountCopies(ctx, []heed.ID{lead.ID, other.ID, alone.ID}, nil, 100)
			l.same(got, map[heed.ID]int{lead.ID: 3, other.ID: 1})
			if err != nil {
				return err
			}
			if got, err = tx.CountCopies(ctx, []heed.ID{lead.ID, other.ID}, []string{"hazard", "fraud-scam"}, 100); err != nil {
				return err
			}
			l.same(got, map[heed.ID]int{lead.ID: 2})
			if got, err = tx.CountCopies(ctx, []heed.ID{lead.ID, other.ID}, nil, 2); err != nil {
				return err
			}
			l.same(got, map[heed.ID]int{lead.ID: 2, other.ID: 1})
			got, err = tx.CountCopies(ctx, nil, nil, 100)
			l.same(got, map[heed.ID]int{})
			return err
		})
	}},
	{"of how many alike a report is one is raised, never lowered, and goes with its traces", func(l *line) {
		a, b, other := l.report(), l.report(), l.report()
		l.add(a, b, other)
		noted := func(want map[heed.ID]int) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Campaigns(ctx, []heed.ID{a.ID, b.ID, other.ID})
				l.same(got, want)
				return err
			})
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, r := range []*heed.Report{a, b} {
				if err := tx.PutScreening(ctx, &heed.ScreeningRecord{Report: r.ID, At: r.ReceivedAt, Model: "m", Sealed: []byte("sealed")}); err != nil {
					return err
				}
			}
			return tx.RaiseCampaign(ctx, []heed.ID{a.ID, b.ID, other.ID}, 5) // the other has no screening
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.RaiseCampaign(ctx, []heed.ID{a.ID}, 8) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.RaiseCampaign(ctx, []heed.ID{a.ID, b.ID}, 6) })
		noted(map[heed.ID]int{a.ID: 8, b.ID: 6})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteTraces(ctx, a.ID) })
		noted(map[heed.ID]int{b.ID: 6})
	}},
	{"a copy is alone once its lead leaves the queue, is less urgent, of another category, or isn't there", func(l *line) {
		lead := func(change func(*heed.Report)) *heed.Report { return l.report(change) }
		waits, taken := lead(func(*heed.Report) {}), lead(func(r *heed.Report) { r.State = heed.InReview })
		closed, calm := lead(func(r *heed.Report) { r.State = heed.Closed }), lead(func(r *heed.Report) { r.Urgency = heed.Low })
		moved, pressing := lead(func(r *heed.Report) { r.Category = "hazard" }), lead(func(r *heed.Report) { r.Urgency = heed.High })
		l.add(waits, taken, closed, calm, moved, pressing)
		under := func(of heed.ID) *heed.Report { return l.report(func(r *heed.Report) { r.CopyOf = of }) }
		together := []*heed.Report{under(waits.ID), under(waits.ID), under(taken.ID), under(pressing.ID)}
		raised := l.report(func(r *heed.Report) { r.CopyOf, r.Urgency = waits.ID, heed.Immediate })
		alone := []*heed.Report{raised, under(closed.ID), under(calm.ID), under(moved.ID), under(l.id())}
		l.add(append(together, alone...)...)
		l.lists(alone, func(ctx context.Context, tx heed.Tx, limit int) ([]*heed.Report, error) {
			return tx.CopiesAlone(ctx, limit)
		})
	}},
}
