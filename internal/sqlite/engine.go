package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/riverqueue/river"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
	"github.com/heed-line/heed/internal/rows/lite"
)

// engine runs the statements of one transaction.
type engine struct {
	*lite.Queries
	jobs     *river.Client[*sql.Tx] // nil where nothing is written
	tx       *sql.Tx
	enqueued []river.InsertManyParams
}

var _ rows.Engine = (*engine)(nil)

func newEngine(tx *sql.Tx, jobs *river.Client[*sql.Tx]) *engine {
	e := &engine{tx: tx, jobs: jobs}
	e.Queries = lite.New(connection{e})
	return e
}

// steady is ctx; for a writer, one that doesn't end: SQLite answers an interrupted write by rolling back everything,
// which would take other functions' work with it.
func (e *engine) steady(ctx context.Context) context.Context {
	if e.jobs == nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// Each implements rows.Engine.
func (e *engine) Each(
	ctx context.Context, query string, args []any, scan func(func(...any) error) error,
) (err error) {
	found, err := connection{e}.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		if err := scan(found.Scan); err != nil {
			return err
		}
	}
	return found.Err()
}

// Run implements rows.Engine.
func (e *engine) Run(ctx context.Context, statement string, args []any) (int64, error) {
	result, err := connection{e}.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// appendMost is how many rows one statement appends to: few enough that SQLite's list of what it would have to undo stays short.
const appendMost = 64

// Append implements rows.Engine.
func (e *engine) Append(ctx context.Context, table, key, column string, keys []int64, values [][]byte) error {
	for len(keys) > 0 {
		n := 1 // of a few lengths, so that few statements are prepared
		for _, many := range [...]int{appendMost, 16, 4} {
			if len(keys) >= many {
				n = many
				break
			}
		}
		args := make([]any, 0, 2*n)
		for i := range n {
			args = append(args, keys[i], values[i])
		}
		statement := "INSERT INTO " + table + " (" + key + ", " + column + ") VALUES (?, ?)" + strings.Repeat(", (?, ?)", n-1) +
			" ON CONFLICT DO UPDATE SET " + column + " = CAST(" + column + " || excluded." + column + " AS BLOB)"
		if _, err := e.Run(ctx, statement, args); err != nil {
			return err
		}
		keys, values = keys[n:], values[n:]
	}
	return nil
}

// In implements rows.Engine.
func (e *engine) In(column string, numbers []int64) (condition string, arg any) {
	return column + " IN (SELECT value FROM json_each($))", listed(numbers)
}

// Of implements rows.Engine. What is IN a list SQLite would sort first, in a table of its own.
func (e *engine) Of(columns, from, key string, numbers []int64) (query string, arg any) {
	return "SELECT " + columns + " FROM json_each($) AS list CROSS JOIN " + from + " WHERE " + key + " = list.value", listed(numbers)
}

func listed(numbers []int64) string {
	list := []byte{'['}
	for i, n := range numbers {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, n, 10)
	}
	return string(append(list, ']'))
}

// Lock implements rows.Engine: there is one writer.
func (e *engine) Lock(bool) string { return "" }

// Enqueue implements rows.Engine. The jobs of a whole batch are inserted together before its commit; a turn that is
// undone takes its own out again.
func (e *engine) Enqueue(_ context.Context, jobs []heed.Job) error {
	if e.jobs == nil {
		return errors.New("a view enqueues nothing")
	}
	params, err := rows.JobParams(jobs)
	e.enqueued = append(e.enqueued, params...)
	return err
}

// flush inserts the jobs of the batch.
func (e *engine) flush(ctx context.Context) error {
	if len(e.enqueued) == 0 {
		return nil
	}
	_, err := e.jobs.InsertManyFastTx(ctx, e.tx, e.enqueued)
	return err
}

// connection is the engine as the generated code wants it.
type connection struct{ *engine }

func (c connection) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return c.tx.ExecContext(c.steady(ctx), query, args...)
}

func (c connection) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return c.tx.QueryContext(c.steady(ctx), query, args...)
}

func (c connection) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return c.tx.QueryRowContext(c.steady(ctx), query, args...)
}

func (c connection) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return c.tx.PrepareContext(c.steady(ctx), query)
}
