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
	var found []marked
	err := t.engine.Marked(ctx, distinct(marks), dayOf(since), markScan, func(mark, report int64) {
		counts[mark]++
		found = append(found, marked{mark, report})
	})
	if err != nil {
		return nil, nil, failed(err, "candidates")
	}
	best := worthiest(found, counts, int(capped(limit)))
	nums := make([]int64, len(best))
	for i, b := range best {
		nums[i] = b.report
	}
	ids, err := t.reportIDs(ctx, nums)
	if err != nil {
		return nil, nil, failed(err, "name candidates")
	}
	candidates := make([]heed.Candidate, 0, len(best))
	for _, b := range best {
		if id, ok := ids[b.report]; ok {
			candidates = append(candidates, heed.Candidate{Report: id, Shared: b.shared})
		}
	}
	return candidates, counts, nil
}

type marked struct{ mark, report int64 }

// worthy is a report that has some of the marks asked for.
type worthy struct {
	report int64
	worth  int64 // the sum of a whole mark's worth by how many reports each has; in whole numbers, so that the order of adding is none
	shared int
}

const wholeMark = 1 << 40

// worthiest gives the reports with the rarest marks, the best first, the later of equals. At a million reports a look-up finds thousands, of
// which a dozen are wanted: so they are counted in one table and not sorted.
func worthiest(found []marked, counts map[int64]int, limit int) []worthy {
	at := make(map[int64]int32, len(found))
	all := make([]worthy, 0, len(found))
	for _, f := range found {
		i, ok := at[f.report]
		if !ok {
			i = int32(len(all))
			at[f.report] = i
			all = append(all, worthy{report: f.report})
		}
		all[i].worth += wholeMark / int64(counts[f.mark])
		all[i].shared++
	}
	before := func(a, b worthy) int { return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(b.report, a.report)) }
	best := make([]worthy, 0, limit+1)
	for _, w := range all {
		if len(best) == limit && before(w, best[limit-1]) > 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, w, before)
		best = slices.Insert(best, i, w)
		best = best[:min(len(best), limit)]
	}
	return best
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
