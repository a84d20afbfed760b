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

// Append implements rows.Engine: all rows in one way to the server, locked in the order of their keys, so that nobody waits for
// somebody who waits for them.
func (e *engine) Append(ctx context.Context, table, key, column string, keys []int64, values [][]byte) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := e.tx.Exec(ctx, "INSERT INTO "+table+" ("+key+", "+column+") SELECT * FROM unnest($1::BIGINT[], $2::BYTEA[])"+
		" ON CONFLICT ("+key+") DO UPDATE SET "+column+" = "+table+"."+column+" || excluded."+column, keys, values)
	return err
}

// In implements rows.Engine.
func (e *engine) In(column string, numbers []int64) (condition string, arg any) {
	return column + " = ANY (CAST($ AS BIGINT[]))", numbers
}

// Of implements rows.Engine.
func (e *engine) Of(columns, from, key string, numbers []int64) (query string, arg any) {
	condition, arg := e.In(key, numbers)
	return "SELECT " + columns + " FROM " + from + " WHERE " + condition, arg
}

// Lock implements rows.Engine.
func (e *engine) Lock(skip bool) string {
	if skip {
		return " FOR UPDATE SKIP LOCKED"
	}
	return " FOR UPDATE"
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
