package rows

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

const (
	// bandScan is how many of the newest reports one band brings in. A band that thousands share (a form letter, a flood)
	// tells nothing apart, and must not cost more than a rare one.
	bandScan = 200
	// bandsAtOnce keeps one statement below SQLite's limit of 500 parts.
	bandsAtOnce = 128
)

// PutFingerprint implements heed.ScreeningTx. It replaces the report's earlier one.
func (t *Tx) PutFingerprint(ctx context.Context, f *heed.Fingerprint) error {
	num, err := t.engine.ReportNumber(ctx, string(f.Report))
	if err != nil {
		return failed(err, "put the fingerprint of report %s", f.Report)
	}
	if err := t.deleteFingerprint(ctx, num); err != nil {
		return failed(err, "replace the fingerprint of report %s", f.Report)
	}
	at := millis(f.At)
	err = t.engine.InsertFingerprint(ctx, lite.InsertFingerprintParams{
		Report: num, At: at, Bands: packBands(f.Bands), Signature: present(f.Signature),
	})
	if err != nil {
		return failed(err, "put the fingerprint of report %s", f.Report)
	}
	err = insertMany(ctx, t.engine, "INSERT INTO bands (band, at, report) VALUES ", len(f.Bands), func(i int) []any {
		return []any{f.Bands[i], at, num}
	})
	return failed(err, "put the bands of report %s", f.Report)
}

func (t *Tx) deleteFingerprint(ctx context.Context, num int64) error {
	f, err := t.engine.GetFingerprint(ctx, num)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	for bands := range slices.Chunk(unpackBands(f.Bands), bandsAtOnce) {
		s := &selection{}
		s.and("at = $", f.At)
		s.and("report = $", num)
		s.and("band IN (" + s.list(bands) + ")")
		if _, err := t.engine.Run(ctx, "DELETE FROM bands"+s.conditions(), s.args); err != nil {
			return err
		}
	}
	return t.engine.DeleteFingerprint(ctx, num)
}

// list is the placeholders of vs, with commas between.
func (s *selection) list(vs []int64) string {
	places := make([]string, len(vs))
	for i, v := range vs {
		places[i] = s.arg(v)
	}
	return strings.Join(places, ", ")
}

// shared is how many bands a report has in common with those asked for.
type shared struct{ report, bands, at int64 }

// Candidates implements heed.ScreeningTx. Of a band that many reports share it looks at the newest bandScan.
func (t *Tx) Candidates(ctx context.Context, bands []int64, since time.Time, limit int) ([]*heed.Fingerprint, error) {
	found := map[int64]*shared{}
	for some := range slices.Chunk(distinct(bands), bandsAtOnce) {
		if err := t.countShared(ctx, some, since, found); err != nil {
			return nil, failed(err, "candidates")
		}
	}
	best := make([]*shared, 0, len(found))
	for _, s := range found {
		best = append(best, s)
	}
	slices.SortFunc(best, func(a, b *shared) int {
		if a.bands != b.bands {
			return int(b.bands - a.bands)
		}
		if a.at != b.at {
			return sign(b.at - a.at)
		}
		return sign(b.report - a.report)
	})
	best = best[:min(len(best), int(capped(limit)))]
	return t.fingerprints(ctx, best)
}

// countShared adds to found how many of bands each report since the moment has.
func (t *Tx) countShared(ctx context.Context, bands []int64, since time.Time, found map[int64]*shared) error {
	s := &selection{}
	from, most := s.arg(millis(since)), s.arg(bandScan)
	parts := make([]string, len(bands))
	for i, band := range bands {
		parts[i] = fmt.Sprintf("SELECT b%d.report, b%d.at FROM (SELECT report, at FROM bands WHERE band = %s AND at >= %s"+
			" ORDER BY at DESC, report DESC LIMIT %s) AS b%d", i, i, s.arg(band), from, most, i)
	}
	return t.engine.Each(ctx, strings.Join(parts, " UNION ALL "), s.args, func(into func(...any) error) error {
		var report, at int64
		if err := into(&report, &at); err != nil {
			return err
		}
		if found[report] == nil {
			found[report] = &shared{report: report, at: at}
		}
		found[report].bands++
		return nil
	})
}

// fingerprints reads the Fingerprints of best, in that order.
func (t *Tx) fingerprints(ctx context.Context, best []*shared) ([]*heed.Fingerprint, error) {
	byNum := make(map[int64]*heed.Fingerprint, len(best))
	for some := range slices.Chunk(best, bandsAtOnce) {
		nums := make([]int64, len(some))
		for i, s := range some {
			nums[i] = s.report
		}
		s := &selection{}
		query := "SELECT f.report, r.id, f.at, f.bands, f.signature FROM fingerprints f JOIN reports r ON r.num = f.report" +
			" WHERE f.report IN (" + s.list(nums) + ")"
		err := t.engine.Each(ctx, query, s.args, func(into func(...any) error) error {
			var num, at int64
			var id string
			var packed, signature []byte
			if err := into(&num, &id, &at, &packed, &signature); err != nil {
				return err
			}
			byNum[num] = &heed.Fingerprint{
				Report: heed.ID(id), Bands: unpackBands(packed), Signature: signature, At: moment(at),
			}
			return nil
		})
		if err != nil {
			return nil, failed(err, "fingerprints of candidates")
		}
	}
	fs := make([]*heed.Fingerprint, 0, len(best))
	for _, s := range best {
		if f := byNum[s.report]; f != nil {
			fs = append(fs, f)
		}
	}
	return fs, nil
}

func packBands(bands []int64) []byte {
	packed := make([]byte, 0, 8*len(bands))
	for _, b := range bands {
		packed = binary.BigEndian.AppendUint64(packed, uint64(b))
	}
	return packed
}

func unpackBands(packed []byte) []int64 {
	bands := make([]int64, 0, len(packed)/8)
	for ; len(packed) >= 8; packed = packed[8:] {
		bands = append(bands, int64(binary.BigEndian.Uint64(packed)))
	}
	return bands
}

func distinct(bands []int64) []int64 {
	return slices.Compact(slices.Sorted(slices.Values(bands)))
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
