package rows

import (
	"context"
	"strconv"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// insertChunk is how many rows one statement inserts: enough to make the way to PostgreSQL cheap, and far below either
// engine's limit of parameters.
const insertChunk = 64

func screening(s lite.Screening) *heed.ScreeningRecord {
	return &heed.ScreeningRecord{
		Report: heed.ID(s.Report), At: moment(s.At), Model: s.Model, Failed: s.Failed, Sealed: s.Sealed,
	}
}

// PutScreening implements heed.ScreeningTx.
func (t *Tx) PutScreening(ctx context.Context, s *heed.ScreeningRecord) error {
	err := t.engine.PutScreening(ctx, lite.PutScreeningParams{
		Report: string(s.Report), At: millis(s.At), Model: s.Model, Failed: s.Failed, Sealed: s.Sealed,
	})
	return failed(err, "put the screening of report %s", s.Report)
}

// PutScreenings implements heed.ScreeningTx.
func (t *Tx) PutScreenings(ctx context.Context, all []*heed.ScreeningRecord) error {
	const into = "INSERT INTO screenings (report, at, model, failed, sealed) VALUES "
	const again = " ON CONFLICT (report) DO UPDATE SET at = excluded.at, model = excluded.model, failed = excluded.failed, sealed = excluded.sealed"
	err := insertMany(ctx, t.engine, into, again, len(all), func(i int) []any {
		s := all[i]
		return []any{string(s.Report), millis(s.At), s.Model, s.Failed, s.Sealed}
	})
	return failed(err, "put screenings")
}

// Screening implements heed.ScreeningTx.
func (t *Tx) Screening(ctx context.Context, report heed.ID) (*heed.ScreeningRecord, error) {
	s, err := t.engine.GetScreening(ctx, string(report))
	return one(s, err, screening, "screening of report %s", report)
}

// Screenings implements heed.ScreeningTx.
func (t *Tx) Screenings(ctx context.Context, reports []heed.ID) (map[heed.ID]*heed.ScreeningRecord, error) {
	found := make(map[heed.ID]*heed.ScreeningRecord, len(reports))
	err := t.eachNamed(ctx, "SELECT report, at, model, failed, sealed FROM screenings WHERE report IN (", reports, func(into func(...any) error) error {
		var s lite.Screening
		err := into(&s.Report, &s.At, &s.Model, &s.Failed, &s.Sealed)
		found[heed.ID(s.Report)] = screening(s)
		return err
	})
	return found, failed(err, "screenings")
}

// DeleteTraces implements heed.ScreeningTx.
func (t *Tx) DeleteTraces(ctx context.Context, report heed.ID) error {
	num, err := t.engine.ReportNumber(ctx, string(report))
	if err != nil {
		return failed(err, "delete the traces of report %s", report)
	}
	if err := t.engine.DeleteScreening(ctx, string(report)); err != nil {
		return failed(err, "delete the screening of report %s", report)
	}
	if err := t.engine.DeleteCampaign(ctx, string(report)); err != nil {
		return failed(err, "delete the campaign of report %s", report)
	}
	return failed(t.deleteFingerprints(ctx, []int64{num}), "delete the traces of report %s", report)
}

// RaiseCampaign implements heed.ScreeningTx.
func (t *Tx) RaiseCampaign(ctx context.Context, of []heed.ID, reports int) error {
	for _, report := range of {
		if err := t.engine.RaiseCampaign(ctx, lite.RaiseCampaignParams{Report: string(report), Reports: int64(reports)}); err != nil {
			return failed(err, "note the campaign of report %s", report)
		}
	}
	return nil
}

// Campaigns implements heed.ScreeningTx.
func (t *Tx) Campaigns(ctx context.Context, of []heed.ID) (map[heed.ID]int, error) {
	counts := map[heed.ID]int{}
	err := t.eachNamed(ctx, "SELECT report, reports FROM campaigns WHERE report IN (", of, func(into func(...any) error) error {
		var report string
		var reports int
		err := into(&report, &reports)
		counts[heed.ID(report)] = reports
		return err
	})
	return counts, failed(err, "campaigns")
}

// insertMany inserts n rows in chunks. into ends in "VALUES "; tail stands behind the rows.
func insertMany(ctx context.Context, e Engine, into, tail string, n int, row func(i int) []any) error {
	for start := 0; start < n; start += insertChunk {
		statement := []byte(into)
		var args []any
		for i := start; i < min(start+insertChunk, n); i++ {
			if i > start {
				statement = append(statement, ", "...)
			}
			for j, v := range row(i) {
				args = append(args, v)
				statement = append(statement, "(,"[min(j, 1)], '?')
				statement = strconv.AppendInt(statement, int64(len(args)), 10)
			}
			statement = append(statement, ')')
		}
		if _, err := e.Run(ctx, string(append(statement, tail...)), args); err != nil {
			return err
		}
	}
	return nil
}
