package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
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

// Marked implements rows.Engine: all look-ups in one statement, for to begin one costs more than to look.
func (e *engine) Marked(ctx context.Context, marks []int64, fromDay int64, most int, scan func(mark, report int64)) error {
	const query = `SELECT m.value, (SELECT group_concat(report) FROM (
		SELECT report FROM marks WHERE mark = m.value AND day >= ?2 ORDER BY day DESC, report DESC LIMIT ?3)) FROM json_each(?1) AS m`
	asked, err := json.Marshal(marks)
	if err != nil || len(marks) == 0 {
		return err
	}
	var mark int64
	var having sql.NullString
	return e.Each(ctx, query, []any{string(asked), fromDay, most}, func(into func(...any) error) error {
		if err := into(&mark, &having); err != nil || !having.Valid {
			return err
		}
		for number := range strings.SplitSeq(having.String, ",") {
			report, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				return err
			}
			scan(mark, report)
		}
		return nil
	})
}

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
