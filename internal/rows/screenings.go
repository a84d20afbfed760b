package rows

import (
	"context"
	"fmt"
	"strings"

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

// Screening implements heed.ScreeningTx.
func (t *Tx) Screening(ctx context.Context, report heed.ID) (*heed.ScreeningRecord, error) {
	s, err := t.engine.GetScreening(ctx, string(report))
	return one(s, err, screening, "screening of report %s", report)
}

// PutSearchTokens implements heed.ScreeningTx. It replaces the report's earlier tokens.
func (t *Tx) PutSearchTokens(ctx context.Context, report heed.ID, tokens [][]byte) error {
	num, err := t.engine.ReportNumber(ctx, string(report))
	if err != nil {
		return failed(err, "put the search tokens of report %s", report)
	}
	if err := t.engine.DeleteSearchTokens(ctx, num); err != nil {
		return failed(err, "delete the search tokens of report %s", report)
	}
	err = insertMany(ctx, t.engine, "INSERT INTO search_tokens (token, report) VALUES ", len(tokens), func(i int) []any {
		return []any{tokens[i], num}
	})
	return failed(err, "put the search tokens of report %s", report)
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
	if err := t.engine.DeleteSearchTokens(ctx, num); err != nil {
		return failed(err, "delete the search tokens of report %s", report)
	}
	return failed(t.deleteFingerprint(ctx, num), "delete the fingerprint of report %s", report)
}

// insertMany inserts n rows in chunks; those that are there already stay. into ends in "VALUES ".
func insertMany(ctx context.Context, e Engine, into string, n int, row func(i int) []any) error {
	for start := 0; start < n; start += insertChunk {
		var statement strings.Builder
		statement.WriteString(into)
		var args []any
		for i := start; i < min(start+insertChunk, n); i++ {
			if i > start {
				statement.WriteString(", ")
			}
			for j, v := range row(i) {
				args = append(args, v)
				fmt.Fprintf(&statement, "%c?%d", "(,"[min(j, 1)], len(args))
			}
			statement.WriteByte(')')
		}
		statement.WriteString(" ON CONFLICT DO NOTHING")
		if _, err := e.Run(ctx, statement.String(), args); err != nil {
			return err
		}
	}
	return nil
}
