package storetest

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/heed-line/heed"
)

var searches = []requirement{
	{"a search finds open reports that have every token", func(l *line) {
		both, one, closed := l.report(), l.report(), l.report(func(r *heed.Report) { r.State = heed.Closed })
		l.add(both, one, closed)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for r, ts := range map[*heed.Report][][]byte{
				both: tokens(1, 2, 3), one: tokens(1, 3, 3), closed: tokens(1, 2, 3),
			} {
				if err := worded(ctx, tx, r, ts); err != nil {
					return err
				}
			}
			return nil
		})
		l.page(heed.ReportQuery{Tokens: tokens(1, 2)}, both)
		l.page(heed.ReportQuery{Tokens: tokens(3)}, both, one)
		l.page(heed.ReportQuery{Tokens: tokens(3), After: both}, one)
		l.page(heed.ReportQuery{Tokens: tokens(9), OrTokens: tokens(1, 2)}, both)
		l.page(heed.ReportQuery{Tokens: tokens(1, 2), OrTokens: tokens(3)}, both, one)
		l.page(heed.ReportQuery{Tokens: tokens(2), OrTokens: tokens(9)}, both)
		l.page(heed.ReportQuery{Tokens: tokens(3), Urgency: heed.High})
		l.page(heed.ReportQuery{Tokens: tokens(1, 4)})
		l.update(func(ctx context.Context, tx heed.Tx) error { return worded(ctx, tx, both, tokens(4)) })
		l.page(heed.ReportQuery{Tokens: tokens(1, 4)})
		l.page(heed.ReportQuery{Tokens: tokens(4)}, both)
	}},
	{"a search by words that are everywhere finds them in order", func(l *line) {
		var all []*heed.Report
		for range 2100 {
			all = append(all, l.report())
		}
		l.add(all...)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			var traces []*heed.Trace
			for i, r := range all {
				traces = append(traces, &heed.Trace{Report: r.ID, Tokens: tokens(7, 8+i%3)})
			}
			return tx.PutTraces(ctx, traces)
		})
		l.page(heed.ReportQuery{Tokens: tokens(7), Limit: 3}, all[0], all[1], all[2])
		l.page(heed.ReportQuery{Tokens: tokens(7, 8), Limit: 2}, all[0], all[3])
		l.view(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.CountReports(ctx, heed.ReportQuery{Tokens: tokens(7, 9)}, 5000)
			l.same(n, 700)
			return err
		})
	}},
	{"what a report is found by goes out of what others share with it", func(l *line) {
		var all []*heed.Report
		for range 200 { // more than one block holds
			all = append(all, l.report())
		}
		l.add(all...)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			var traces []*heed.Trace
			for i, r := range all {
				traces = append(traces, &heed.Trace{Report: r.ID, At: noon, Marks: []int64{int64(-i % 10)}, Tokens: tokens(1, 2<<60+i%10)})
			}
			return tx.PutTraces(ctx, traces)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for i := 0; i < len(all); i += 10 {
				if err := tx.DeleteTraces(ctx, all[i].ID); err != nil {
					return err
				}
			}
			return tx.PutTraces(ctx, []*heed.Trace{{Report: all[1].ID, At: noon, Marks: []int64{77}, Tokens: tokens(3)}})
		})
		l.similar([]int64{0}, noon, 10)
		l.marked([]int64{0, -1, -2, 77}, noon, map[int64]int{-1: 19, -2: 20, 77: 1})
		l.page(heed.ReportQuery{Tokens: tokens(2 << 60)})
		l.page(heed.ReportQuery{Tokens: tokens(1, 2<<60+1), Limit: 2}, all[11], all[21])
		l.page(heed.ReportQuery{Tokens: tokens(3)}, all[1])
		l.page(heed.ReportQuery{Tokens: tokens(1, 2<<60+9), Limit: 1}, all[9])
	}},
	{"candidates share a mark, those whose shared marks few have come first", func(l *line) {
		a, b, c, old := l.report(), l.report(), l.report(), l.report()
		l.add(a, b, c, old)
		l.fingerprints(map[*heed.Report][]int64{a: {1, 2, -3}, b: {2, -3, 4}, c: {5, 5}}, noon)
		l.fingerprints(map[*heed.Report][]int64{old: {2}}, noon.Add(-24*time.Hour))
		l.similar([]int64{2, 4, -3, 9, 4}, noon, 10, b, a)
		l.similar([]int64{2, 4, -3, 9}, noon, 1, b)
		l.similar([]int64{1, 2, -3}, noon, 2, a, b)
		l.similar([]int64{2}, noon.Add(-24*time.Hour), 10, old, b, a)
		l.similar([]int64{9}, noon, 10)
		l.similar(nil, noon, 10)
		l.marked([]int64{1, 2, 9}, noon, map[int64]int{1: 1, 2: 2})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			near, err := tx.Candidates(ctx, []heed.Ask{{Marks: []int64{1, 2, 9}, Since: noon}, {Marks: []int64{4}, Since: noon}}, 10)
			day := noon.Truncate(24 * time.Hour)
			l.same(near, []heed.Near{
				{Found: []heed.Candidate{{Report: a.ID, Day: day, Shared: 2, Sketch: []byte{1}}, {Report: b.ID, Day: day, Shared: 1, Sketch: []byte{1}}}, Counts: map[int64]int{1: 1, 2: 2}},
				{Found: []heed.Candidate{{Report: b.ID, Day: day, Shared: 1, Sketch: []byte{1}}}, Counts: map[int64]int{4: 1}},
			})
			return err
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			promises := func(counts map[int64]int, sketch []byte, day time.Time) bool {
				return counts[2] == 3 && string(sketch) == "\x01" && day.Before(noon.Truncate(24*time.Hour))
			}
			marks := []int64{1, 2, -3}
			near, err := tx.Candidates(ctx, []heed.Ask{
				{Marks: marks, Since: noon.Add(-24 * time.Hour), Promises: promises, Close: 2, Lately: noon},
				{Marks: marks, Since: noon.Add(-24 * time.Hour), Promises: promises, Close: 1, Lately: noon.Add(-24 * time.Hour)},
				{Marks: marks, Since: noon, Promises: promises, Close: 3},
			}, 10)
			counts := map[int64]int{1: 1, 2: 3, -3: 2}
			found := []heed.Candidate{{Report: old.ID, Day: noon.Add(-24 * time.Hour).Truncate(24 * time.Hour), Shared: 1, Sketch: []byte{1}}}
			l.same(near, []heed.Near{{Found: found, Counts: counts, Close: 2}, {Found: found, Counts: counts, Close: 3}, {Counts: map[int64]int{1: 1, 2: 2, -3: 2}, Close: 1}})
			return err
		})
		l.fingerprints(map[*heed.Report][]int64{b: {9}}, noon)
		l.similar([]int64{2, 4}, noon, 10, a)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteTraces(ctx, a.ID) })
		l.similar([]int64{1, 2, -3}, noon, 10)
		l.marked([]int64{1, 2, -3}, noon, map[int64]int{})
	}},
	{"a mark that very many have brings in the newest", func(l *line) {
		var all []*heed.Report
		for range 300 {
			all = append(all, l.report())
		}
		l.add(all...)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			var traces []*heed.Trace
			for i, r := range all {
				traces = append(traces, &heed.Trace{Report: r.ID, Marks: []int64{1, int64(100 + i)}, At: noon.Add(time.Duration(i) * 24 * time.Hour)})
			}
			return tx.PutTraces(ctx, traces)
		})
		l.similar([]int64{1}, noon, 2, all[299], all[298])
		l.similar([]int64{1, 100}, noon, 2, all[0], all[299])
		l.similar([]int64{100}, noon, 2, all[0])
		l.marked([]int64{1}, noon, map[int64]int{1: 100})
		l.marked([]int64{1}, noon.Add(260*24*time.Hour), map[int64]int{1: 40})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteTraces(ctx, all[299].ID) })
		l.similar([]int64{1}, noon, 2, all[298], all[297]) // and not what was read before
		l.marked([]int64{1}, noon.Add(260*24*time.Hour), map[int64]int{1: 39})
	}},
	{"who reads marks as they were before a report's traces were deleted has nobody else count that report", func(l *line) {
		var all []*heed.Report
		for range 70 {
			all = append(all, l.report())
		}
		l.add(all...)
		marks := map[*heed.Report][]int64{}
		for _, r := range all {
			marks[r] = []int64{1, 2}
		}
		l.fingerprints(marks, noon)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			if _, err := tx.Candidates(ctx, []heed.Ask{{Marks: []int64{2}, Since: noon}}, 1); err != nil { // it sees this moment from here on
				return err
			}
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteTraces(ctx, all[3].ID) })
			_, err := tx.Candidates(ctx, []heed.Ask{{Marks: []int64{1}, Since: noon}}, 1)
			return err
		})
		l.marked([]int64{1, 2}, noon, map[int64]int{1: 69, 2: 69})
	}},
}

// worded gives a report search tokens.
func worded(ctx context.Context, tx heed.Tx, r *heed.Report, tokens [][]byte) error {
	return tx.PutTraces(ctx, []*heed.Trace{{Report: r.ID, Tokens: tokens}})
}

func tokens(ns ...int) [][]byte {
	var ts [][]byte
	for _, n := range ns {
		ts = append(ts, binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
	return ts
}

func (l *line) fingerprints(marks map[*heed.Report][]int64, at time.Time) {
	l.Helper()
	l.update(func(ctx context.Context, tx heed.Tx) error {
		var traces []*heed.Trace
		for r, m := range marks {
			traces = append(traces, &heed.Trace{Report: r.ID, Marks: m, At: at, Sketch: []byte{1}})
		}
		return tx.PutTraces(ctx, traces)
	})
}

func (l *line) similar(marks []int64, since time.Time, limit int, want ...*heed.Report) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		near, err := tx.Candidates(ctx, []heed.Ask{{Marks: marks, Since: since}}, limit)
		got := []heed.ID{}
		for _, c := range near[0].Found {
			got = append(got, c.Report)
		}
		l.same(got, ids(want))
		return err
	})
}

func (l *line) marked(marks []int64, since time.Time, want map[int64]int) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		near, err := tx.Candidates(ctx, []heed.Ask{{Marks: marks, Since: since}}, 1)
		l.same(near[0].Counts, want)
		return err
	})
}
