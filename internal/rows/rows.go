// Package rows turns rows into the domain's records and back: the part of a transaction that both stores share.
//
// The statements are in queries/, one file a noun, and sqlc compiles them against the schema of either engine into the
// packages lite and pg. Their methods and structs have the same names and fields but are different types to Go, so
// bridge writes the conversions and Tx is written once, against lite's. What differs between the engines is in
// internal/sqlite and internal/postgres.
//
// It may import package heed and the generated code. All it sees of a report or a reporter is sealed.
package rows

//go:generate sh -c "cd ../.. && sqlc generate"
//go:generate go run ./bridge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// Engine is one open transaction of either database.
type Engine interface {
	lite.Querier
	// Each runs a query whose text depends on what is asked, with arguments numbered ?1, ?2, …, and calls scan for each
	// row with a function that works as sql.Rows.Scan.
	Each(ctx context.Context, query string, args []any, scan func(into func(...any) error) error) error
	// Run runs such a statement and says how many rows it touched.
	Run(ctx context.Context, statement string, args []any) (int64, error)
	// Append appends each value to the bytes in the row of its key, which it adds where there is none. The keys ascend.
	Append(ctx context.Context, table, key, column string, keys []int64, values [][]byte) error
	// In spells that a column is one of the numbers, which are the argument that stands for $.
	In(column string, numbers []int64) (condition string, arg any)
	// Of spells a query for the rows whose key, an indexed column, is one of the numbers, which are the argument that stands for $.
	Of(columns, from, key string, numbers []int64) (query string, arg any)
	// Lock is what ends a query whose rows nobody else may change until the transaction ends. skip: what somebody else has locked
	// isn't among them.
	Lock(skip bool) string
	// Enqueue inserts jobs that run if and only if the transaction commits.
	Enqueue(ctx context.Context, jobs []heed.Job) error
}

// Tx is a heed.Tx on one transaction of either engine.
type Tx struct{ engine Engine }

var _ heed.Tx = (*Tx)(nil)

// NewTx makes the Tx that a store hands to one function.
func NewTx(e Engine) *Tx { return &Tx{engine: e} }

// forever stands in columns that sort for "no time", so that it comes last.
const forever = 1<<63 - 1

// millis is how a time is stored: milliseconds since 1970, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is the time that millis or lastly stored.
func moment(ms int64) time.Time {
	if ms == 0 || ms == forever {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// lastly is millis for a column that sorts, where no time comes last.
func lastly(t time.Time) int64 {
	if t.IsZero() {
		return forever
	}
	return t.UnixMilli()
}

// failed wraps err with what was being done, and names a missing row as the domain does. It keeps nil.
func failed(err error, doing string, args ...any) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		err = heed.ErrNotFound
	}
	return fmt.Errorf(doing+": %w", append(args, err)...)
}

// touched is failed for a statement that must find its row: where it found none, the error is otherwise.
func touched(n int64, err, otherwise error, doing string, args ...any) error {
	if err == nil && n == 0 {
		err = otherwise
	}
	return failed(err, doing, args...)
}

// each turns rows into records.
func each[R, T any](rs []R, err error, record func(R) *T, doing string, args ...any) ([]*T, error) {
	if err != nil {
		return nil, failed(err, doing, args...)
	}
	ts := make([]*T, len(rs))
	for i, r := range rs {
		ts[i] = record(r)
	}
	return ts, nil
}

// one turns a row into a record.
func one[R, T any](r R, err error, record func(R) *T, doing string, args ...any) (*T, error) {
	if err != nil {
		return nil, failed(err, doing, args...)
	}
	return record(r), nil
}

// most is the largest page that a list without a limit of its own gives.
const most = 1 << 20

func capped(limit int) int64 {
	if limit <= 0 || limit > most {
		return most
	}
	return int64(limit)
}
