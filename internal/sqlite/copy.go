package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

var _ heed.Copier = (*Store)(nil)

// waitingJobs are the jobs that a backup holds; those that only time causes make themselves anew.
const waitingJobs = `
SELECT kind, CAST(json(args) AS BLOB) AS args, queue, CAST(unixepoch(scheduled_at, 'subsec') * 1000 AS INTEGER) AS at FROM river_job
WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND queue <> '` + heed.QueueTimer + `' ORDER BY id`

// CopyOut implements heed.Copier. While it runs the journal keeps growing, because it is read as it was at the beginning.
func (s *Store) CopyOut(ctx context.Context, give func(*heed.CopiedRow) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to copy: %w", busy(err))
	}
	defer tx.Rollback() // nothing was written
	for _, c := range rows.Copies() {
		if c.Part == "" {
			continue
		}
		if err := copyOut(ctx, tx, c.Select(), c, give); err != nil {
			return fmt.Errorf("copy %s: %w", c.Table, err)
		}
	}
	jobs := rows.Copied{Table: heed.CopiedJobs, Part: heed.PartData}
	if err := copyOut(ctx, tx, waitingJobs, jobs, give); err != nil {
		return fmt.Errorf("copy the jobs: %w", err)
	}
	return nil
}

func copyOut(ctx context.Context, tx *sql.Tx, query string, c rows.Copied, give func(*heed.CopiedRow) error) (err error) {
	types, err := columnTypes(ctx, tx, c.Table)
	if err != nil {
		return err
	}
	found, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	names, err := found.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range names {
		into[i] = &values[i]
	}
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			return err
		}
		for i, name := range names {
			if values[i], err = declared(types[name], values[i]); err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
		}
		if err := give(c.Given(names, values)); err != nil {
			return err
		}
	}
	return found.Err()
}

// columnTypes are the types that a table's columns were declared with; none for what is no table.
func columnTypes(ctx context.Context, tx *sql.Tx, table string) (types map[string]string, err error) {
	found, err := tx.QueryContext(ctx, "SELECT name, type FROM pragma_table_info(?)", table)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	types = map[string]string{}
	for found.Next() {
		var name, kind string
		if err := found.Scan(&name, &kind); err != nil {
			return nil, err
		}
		types[name] = kind
	}
	return types, found.Err()
}

// declared makes a value one of its column's type, which SQLite itself doesn't insist on.
func declared(kind string, v any) (any, error) {
	switch kind := strings.ToUpper(kind); v := v.(type) {
	case int64:
		if kind == "BOOLEAN" {
			return v != 0, nil
		}
		return v, nil
	case string:
		if kind == "BLOB" {
			return []byte(v), nil
		}
		return v, nil
	case nil, bool, []byte:
		return v, nil
	default:
		return nil, fmt.Errorf("holds a %T: %w", v, heed.ErrInvalid)
	}
}

// SchemaVersion implements heed.Copier.
func (s *Store) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT MAX(version_id) FROM goose_db_version WHERE is_applied = 1").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", busy(err))
	}
	return version, nil
}

// TakeIn makes the database at path, which must not be there, with the schema of that version, and fills it in one transaction: fill
// calls put for each row. Until whoever restores has emptied heed.SettingRestoring, nobody may serve from it.
//
// ErrConflict: there is a database already. ErrInvalid: a row or the version is not one of this program's.
func TakeIn(ctx context.Context, path string, version int64, fill func(put func(*heed.CopiedRow) error) error) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	if err := private(path); err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	db, err := open(writeDSN(path))
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := begin(ctx, db, version); err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	statements := map[string]*sql.Stmt{}
	err = fill(func(row *heed.CopiedRow) error { return putRow(ctx, tx, statements, row) })
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("take a backup in: %w", err)
	}
	return nil
}

// begin makes the schema and marks the database as one that isn't whole yet.
func begin(ctx context.Context, db *sql.DB, version int64) error {
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return fmt.Errorf("there is a database already: %w", heed.ErrConflict)
	}
	provider, err := tablesTo(db, version)
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("make the schema: %w", err)
	}
	_, err = db.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", heed.SettingRestoring, []byte("begun"))
	return err
}

func tablesTo(db *sql.DB, version int64) (*goose.Provider, error) {
	provider, err := tables(db)
	if err != nil {
		return nil, err
	}
	for _, source := range provider.ListSources() {
		if source.Version == version {
			return provider, nil
		}
	}
	return nil, fmt.Errorf("the backup's schema %d is newer than this program: %w", version, heed.ErrInvalid)
}

func putRow(ctx context.Context, tx *sql.Tx, statements map[string]*sql.Stmt, row *heed.CopiedRow) error {
	// The columns of a table are those of its first row: each part has one shape a table.
	shape := row.Table + " " + strings.Join(row.Columns, " ")
	statement := statements[shape]
	if statement == nil {
		c, err := rows.Taken(row.Table)
		if err != nil {
			return err
		}
		text, err := c.Insert(row.Columns)
		if err != nil {
			return err
		}
		if statement, err = tx.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("add to %s: %w", row.Table, err)
		}
		statements[shape] = statement
	}
	if _, err := statement.ExecContext(ctx, row.Values...); err != nil {
		return fmt.Errorf("add to %s: %w", row.Table, err)
	}
	return nil
}
