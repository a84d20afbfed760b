package rows

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

const (
	// markScan is how many of the newest reports one mark brings in. Marks that have become common aren't kept, but several
	// nodes may have kept one at a time, and a look-up mustn't cost more for it.
	markScan = 100
	// numbersAtOnce keeps a statement's list of reports short.
	numbersAtOnce = 128
)

// dayOf is the day of a time, counted from 1970: enough to leave out what is old, and small in an index.
func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// PutFingerprint implements heed.ScreeningTx. It replaces the report's earlier one.
func (t *Tx) PutFingerprint(ctx context.Context, f *heed.Fingerprint) error {
	num, err := t.engine.ReportNumber(ctx, string(f.Report))
	if err != nil {
		return failed(err, "put the fingerprint of report %s", f.Report)
	}
	if err := t.deleteFingerprint(ctx, num); err != nil {
		return failed(err, "replace the fingerprint of report %s", f.Report)
	}
	day := dayOf(f.At)
	err = t.engine.InsertFingerprint(ctx, lite.InsertFingerprintParams{Report: num, Day: day, Marks: packMarks(f.Marks)})
	if err != nil {
		return failed(err, "put the fingerprint of report %s", f.Report)
	}
	err = insertMany(ctx, t.engine, "INSERT INTO marks (mark, day, report) VALUES ", len(f.Marks), func(i int) []any {
		return []any{f.Marks[i], day, num}
	})
	return failed(err, "put the marks of report %s", f.Report)
}

func (t *Tx) deleteFingerprint(ctx context.Context, num int64) error {
	f, err := t.engine.GetFingerprint(ctx, num)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(f.Marks) > 0 {
		s := &selection{}
		s.and("day = $", f.Day)
		s.and("report = $", num)
		among(s, "mark", unpackMarks(f.Marks))
		if _, err := t.engine.Run(ctx, "DELETE FROM marks"+s.conditions(), s.args); err != nil {
			return err
		}
	}
	return t.engine.DeleteFingerprint(ctx, num)
}

// Candidates implements heed.ScreeningTx.
func (t *Tx) Candidates(ctx context.Context, marks []int64, since time.Time, limit int) ([]heed.Candidate, map[int64]int, error) {
	counts := make(map[int64]int, len(marks))
	having := map[int64][]int64{} // marks by report
	err := t.engine.Marked(ctx, distinct(marks), dayOf(since), markScan, func(mark, report int64) {
		counts[mark]++
		having[report] = append(having[report], mark)
	})
	if err != nil {
		return nil, nil, failed(err, "candidates")
	}
	worth := make(map[int64]float64, len(having))
	best := make([]int64, 0, len(having))
	for report, marks := range having {
		slices.Sort(marks) // so that equal sums are equal
		for _, m := range marks {
			worth[report] += 1 / float64(counts[m])
		}
		best = append(best, report)
	}
	slices.SortFunc(best, func(a, b int64) int { return cmp.Or(cmp.Compare(worth[b], worth[a]), cmp.Compare(b, a)) })
	best = best[:min(len(best), int(capped(limit)))]
	ids, err := t.reportIDs(ctx, best)
	if err != nil {
		return nil, nil, failed(err, "name candidates")
	}
	found := make([]heed.Candidate, 0, len(best))
	for _, num := range best {
		if id, ok := ids[num]; ok {
			found = append(found, heed.Candidate{Report: id, Shared: len(having[num])})
		}
	}
	return found, counts, nil
}

// reportIDs gives the ids of reports by their numbers.
func (t *Tx) reportIDs(ctx context.Context, nums []int64) (map[int64]heed.ID, error) {
	byNum := make(map[int64]heed.ID, len(nums))
	for some := range slices.Chunk(nums, numbersAtOnce) {
		s := &selection{}
		among(s, "num", some)
		err := t.engine.Each(ctx, "SELECT num, id FROM reports"+s.conditions(), s.args, func(into func(...any) error) error {
			var num int64
			var id string
			err := into(&num, &id)
			byNum[num] = heed.ID(id)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return byNum, nil
}

func packMarks(marks []int64) []byte {
	packed := make([]byte, 0, 8*len(marks))
	for _, m := range marks {
		packed = binary.BigEndian.AppendUint64(packed, uint64(m))
	}
	return packed
}

func unpackMarks(packed []byte) []int64 {
	marks := make([]int64, 0, len(packed)/8)
	for ; len(packed) >= 8; packed = packed[8:] {
		marks = append(marks, int64(binary.BigEndian.Uint64(packed)))
	}
	return marks
}

func distinct(vs []int64) []int64 {
	return slices.Compact(slices.Sorted(slices.Values(vs)))
}
