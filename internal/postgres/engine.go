package postgres

import (
	"context"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
	"github.com/heed-line/heed/internal/rows/pg"
)

// engine runs the statements of one transaction. pgx prepares each once on a connection.
type engine struct {
	pg.Bridge
	tx   pgx.Tx
	jobs *river.Client[pgx.Tx]
}

var _ rows.Engine = (*engine)(nil)

func newEngine(tx pgx.Tx, jobs *river.Client[pgx.Tx]) *engine {
	return &engine{Bridge: pg.Bridge{Queries: pg.New(tx)}, tx: tx, jobs: jobs}
}

var placeholder = regexp.MustCompile(`\?(\d+)`)

// numbered turns ?1 into $1.
func numbered(query string) string { return placeholder.ReplaceAllString(query, "$$$1") }

// Each implements rows.Engine.
func (e *engine) Each(ctx context.Context, query string, args []any, scan func(func(...any) error) error) error {
	found, err := e.tx.Query(ctx, numbered(query), args...)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := scan(found.Scan); err != nil {
			return err
		}
	}
	return found.Err()
}

// Run implements rows.Engine.
func (e *engine) Run(ctx context.Context, statement string, args []any) (int64, error) {
	tag, err := e.tx.Exec(ctx, numbered(statement), args...)
	return tag.RowsAffected(), err
}

// Marked implements rows.Engine: all look-ups in one way to the server.
func (e *engine) Marked(ctx context.Context, marks []int64, fromDay int64, most int, scan func(mark, report int64)) error {
	const query = `SELECT m.mark, f.report FROM unnest($1::BIGINT[]) AS m (mark) CROSS JOIN LATERAL (
		SELECT report FROM marks WHERE mark = m.mark AND day >= $2 ORDER BY day DESC, report DESC LIMIT $3) AS f`
	found, err := e.tx.Query(ctx, query, marks, fromDay, most)
	if err != nil {
		return err
	}
	var mark, report int64
	_, err = pgx.ForEachRow(found, []any{&mark, &report}, func() error {
		scan(mark, report)
		return nil
	})
	return err
}

// Enqueue implements rows.Engine.
func (e *engine) Enqueue(ctx context.Context, jobs []heed.Job) error {
	params, err := rows.JobParams(jobs)
	if err != nil {
		return err
	}
	_, err = e.jobs.InsertManyFastTx(ctx, e.tx, params)
	return err
}
