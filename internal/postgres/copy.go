package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

var _ heed.Copier = (*Store)(nil)

// waitingJobs are the jobs that a backup holds; those that only time causes make themselves anew.
const waitingJobs = `
SELECT kind::TEXT, convert_to(args::TEXT, 'UTF8') AS args, queue::TEXT, (EXTRACT(EPOCH FROM scheduled_at) * 1000)::BIGINT AS at FROM river_job
WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND queue <> '` + heed.QueueTimer + `' ORDER BY id`

// CopyOut implements heed.Copier, by a transaction that reads one snapshot.
func (s *Store) CopyOut(ctx context.Context, give func(*heed.CopiedRow) error) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, c := range rows.Copies() {
			if c.Part == "" {
				continue
			}
			if err := copyOut(ctx, tx, c.Select(), c, give); err != nil {
				return fmt.Errorf("copy %s: %w", c.Table, err)
			}
		}
		if err := copyOut(ctx, tx, waitingJobs, rows.Copied{Table: heed.CopiedJobs, Part: heed.PartData}, give); err != nil {
			return fmt.Errorf("copy the jobs: %w", err)
		}
		return nil
	})
}

func copyOut(ctx context.Context, tx pgx.Tx, query string, c rows.Copied, give func(*heed.CopiedRow) error) error {
	found, err := tx.Query(ctx, query)
	if err != nil {
		return err
	}
	defer found.Close()
	var names []string
	for _, f := range found.FieldDescriptions() {
		names = append(names, f.Name)
	}
	for found.Next() {
		values, err := found.Values()
		if err != nil {
			return err
		}
		for i, v := range values {
			switch v.(type) {
			case nil, int64, bool, string, []byte:
			default:
				return fmt.Errorf("column %s holds a %T: %w", names[i], v, heed.ErrInvalid)
			}
		}
		if err := give(c.Given(names, values)); err != nil {
			return err
		}
	}
	return found.Err()
}

// SchemaVersion implements heed.Copier.
func (s *Store) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = s.pool.QueryRow(ctx, "SELECT MAX(version_id) FROM goose_db_version WHERE is_applied").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return version, nil
}

// TakeIn makes the schema of that version in the database at url, which must have no table, and fills it in one transaction: fill
// calls put for each row. Until whoever restores has emptied heed.SettingRestoring, nobody may serve from it.
//
// ErrConflict: there are tables already. ErrInvalid: a row or the version is not one of this program's.
func TakeIn(ctx context.Context, url string, version int64, fill func(put func(*heed.CopiedRow) error) error) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err) // pgx leaves the password out
	}
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	config.ConnConfig.RuntimeParams["application_name"] = "heed"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	defer pool.Close()
	if err := beginAt(ctx, pool, version); err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		t := &taker{tx: tx}
		if err := fill(func(row *heed.CopiedRow) error { return t.put(ctx, row) }); err != nil {
			return err
		}
		if err := t.flush(ctx); err != nil {
			return err
		}
		// Reports were numbered where they came from.
		_, err := tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence('reports', 'num'), GREATEST(MAX(num), 1), MAX(num) IS NOT NULL) FROM reports")
		return err
	})
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	return nil
}

// beginAt makes the schema and marks the database as one that isn't whole yet.
func beginAt(ctx context.Context, pool *pgxpool.Pool, version int64) (err error) {
	var there bool
	err = pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p'))").Scan(&there)
	if err == nil && there {
		err = fmt.Errorf("there are tables already: %w", heed.ErrConflict)
	}
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := tables(db)
	if err != nil {
		return err
	}
	known := false
	for _, source := range provider.ListSources() {
		known = known || source.Version == version
	}
	if !known {
		return fmt.Errorf("the backup's schema %d is newer than this program: %w", version, heed.ErrInvalid)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("make the schema: %w", err)
	}
	_, err = pool.Exec(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2)", heed.SettingRestoring, []byte("begun"))
	return err
}

// taker adds rows in batches of one table: by COPY where every row belongs, which also takes the numbers that reports had.
type taker struct {
	tx      pgx.Tx
	into    rows.Copied
	columns []string
	rows    [][]any
	bytes   int
}

// A batch of a taker's.
const (
	batchRows  = 1000
	batchBytes = 1 << 20
)

func (t *taker) put(ctx context.Context, row *heed.CopiedRow) error {
	if row.Table != t.into.Table || !slices.Equal(row.Columns, t.columns) || len(t.rows) == batchRows || t.bytes > batchBytes {
		if err := t.flush(ctx); err != nil {
			return err
		}
		into, err := rows.Taken(row.Table)
		if err != nil {
			return err
		}
		t.into, t.columns = into, slices.Clone(row.Columns)
	}
	for _, v := range row.Values {
		switch v := v.(type) {
		case string:
			t.bytes += len(v)
		case []byte:
			t.bytes += len(v)
		}
	}
	t.rows = append(t.rows, slices.Clone(row.Values))
	return nil
}

func (t *taker) flush(ctx context.Context) error {
	if len(t.rows) == 0 {
		return nil
	}
	err := t.write(ctx)
	t.rows, t.bytes = t.rows[:0], 0
	if err != nil {
		return fmt.Errorf("add to %s: %w", t.into.Table, err)
	}
	return nil
}

func (t *taker) write(ctx context.Context) error {
	text, err := t.into.Insert(t.columns)
	if err != nil {
		return err
	}
	if t.into.Where == "" {
		_, err := t.tx.CopyFrom(ctx, pgx.Identifier{t.into.Table}, t.columns, pgx.CopyFromRows(t.rows))
		return err
	}
	batch := &pgx.Batch{}
	for _, values := range t.rows {
		batch.Queue(numbered(text), values...)
	}
	return t.tx.SendBatch(ctx, batch).Close()
}
