package rows

import (
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// numbersAtOnce keeps a statement's list short.
const numbersAtOnce = 1000

// dayOf is the day of a time, counted from 1970: enough to leave out what is old, and small in an index. Two bytes are enough
// until 2149.
func dayOf(t time.Time) int64 { return min(max(t.Unix()/(24*60*60), 0), 1<<16-1) }

// filed is a report as an index knows it.
type filed struct {
	*heed.Trace
	num, day int64
}

// PutTraces implements heed.ScreeningTx.
func (t *Tx) PutTraces(ctx context.Context, traces []*heed.Trace) error {
	var all []filed
	names := make([]heed.ID, len(traces))
	for i, f := range traces {
		names[i] = f.Report
	}
	numbers, err := t.reportNumbers(ctx, names)
	if err != nil {
		return failed(err, "number reports")
	}
	nums := make([]int64, 0, len(traces))
	for _, f := range traces {
		num, ok := numbers[f.Report]
		if !ok {
			return failed(heed.ErrNotFound, "put the traces of report %s", f.Report)
		}
		all, nums = append(all, filed{f, num, dayOf(f.At)}), append(nums, num)
	}
	if err := t.deleteFingerprints(ctx, nums); err != nil {
		return failed(err, "replace traces")
	}
	if err := t.addMarks(ctx, all); err != nil {
		return failed(err, "put marks")
	}
	blocks, err := t.addTokens(ctx, all)
	if err != nil {
		return failed(err, "put search tokens")
	}
	err = insertMany(ctx, t.engine, "INSERT INTO fingerprints (report, day, block, marks, sketch) VALUES ", "", len(all), func(i int) []any {
		f := all[i]
		return []any{f.num, f.day, blocks[f.num], packMarks(f.Marks), present(f.Sketch)}
	})
	return failed(err, "put fingerprints")
}

// deleteFingerprints deletes what the reports are found by.
func (t *Tx) deleteFingerprints(ctx context.Context, nums []int64) error {
	var found []lite.Fingerprint
	err := t.eachOf(ctx, "report, day, block, marks", "fingerprints", "report", nums, "", func(into func(...any) error) error {
		var f lite.Fingerprint
		err := into(&f.Report, &f.Day, &f.Block, &f.Marks)
		found = append(found, f)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range found {
		if err := t.deleteMarks(ctx, f.Report, unpackMarks(f.Marks)); err != nil {
			return err
		}
		if err := t.deleteTokens(ctx, f.Report, f.Block); err != nil {
			return err
		}
		if err := t.engine.DeleteFingerprint(ctx, f.Report); err != nil {
			return err
		}
	}
	return nil
}

// A mark's list is of these: the day of a report in two bytes, and its number in four.
const postingSize = 6

func appendPosting(list []byte, day, num int64) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(list, uint16(day)), uint32(num))
}

func posting(list []byte) (day, num int64) {
	return int64(binary.BigEndian.Uint16(list)), int64(binary.BigEndian.Uint32(list[2:]))
}

func (t *Tx) addMarks(ctx context.Context, all []filed) error {
	having := map[int64][]byte{}
	for _, f := range all {
		for _, m := range distinct(f.Marks) {
			having[m] = appendPosting(having[m], f.day, f.num)
		}
	}
	return t.append(ctx, "marks", "mark", "reports", having)
}

// append is Engine.Append.
func (t *Tx) append(ctx context.Context, table, key, column string, rows map[int64][]byte) error {
	keys := slices.Sorted(maps.Keys(rows))
	values := make([][]byte, len(keys))
	for i, k := range keys {
		values[i] = rows[k]
	}
	return t.engine.Append(ctx, table, key, column, keys, values)
}

func (t *Tx) deleteMarks(ctx context.Context, num int64, marks []int64) error {
	left := map[int64][]byte{}
	err := t.eachOf(ctx, "mark, reports", "marks", "mark", marks, " ORDER BY mark"+t.engine.Lock(false),
		func(into func(...any) error) error {
			var mark int64
			var list []byte
			err := into(&mark, &list)
			left[mark] = without(list, postingSize, func(entry []byte) bool { _, n := posting(entry); return n == num })
			return err
		})
	if err != nil {
		return err
	}
	for mark, list := range left {
		if len(list) == 0 {
			err = t.engine.DeleteMark(ctx, mark)
		} else {
			err = t.engine.UpdateMark(ctx, lite.UpdateMarkParams{Mark: mark, Reports: list})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// without is a list of entries of one size without those that are gone.
func without(list []byte, size int, gone func([]byte) bool) []byte {
	left := make([]byte, 0, len(list))
	for entry := range slices.Chunk(list, size) {
		if !gone(entry) {
			left = append(left, entry...)
		}
	}
	return left
}

// eachOf asks for the rows whose key is one of the numbers, some of them after others. tail ends the query.
func (t *Tx) eachOf(ctx context.Context, columns, from, key string, nums []int64, tail string, scan func(into func(...any) error) error) error {
	for some := range slices.Chunk(nums, numbersAtOnce) {
		s := &selection{}
		query, arg := t.engine.Of(columns, from, key, some)
		if err := t.engine.Each(ctx, strings.Replace(query, "$", s.arg(arg), 1)+tail, s.args, scan); err != nil {
			return err
		}
	}
	return nil
}

// in spells that a column is one of the numbers.
func (t *Tx) in(s *selection, column string, nums []int64) string {
	condition, arg := t.engine.In(column, nums)
	return strings.Replace(condition, "$", s.arg(arg), 1)
}

// reportNumbers gives the numbers of those of the reports that there are.
func (t *Tx) reportNumbers(ctx context.Context, names []heed.ID) (map[heed.ID]int64, error) {
	numbers := make(map[heed.ID]int64, len(names))
	return numbers, t.eachNamed(ctx, "SELECT num, id FROM reports WHERE id IN (", names, func(into func(...any) error) error {
		var num int64
		var id string
		err := into(&num, &id)
		numbers[heed.ID(id)] = num
		return err
	})
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
