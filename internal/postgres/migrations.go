package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock keeps nodes that start together from migrating together ("heed" and a number).
const migrationLock = 0x6865656400000001

// Made reports whether the database at url was made a store before, of whatever version. It changes nothing.
func Made(ctx context.Context, url string) (made bool, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, err // pgx leaves the password out
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = conn.QueryRow(ctx, "SELECT to_regclass('audit_leaves') IS NOT NULL").Scan(&made)
	return made, err
}

// migrate brings the schema, and that of the jobs, up to date. The lock has a connection beside the pool, which may be
// as small as one.
func migrate(ctx context.Context, pool *pgxpool.Pool, logger *slog.Logger) (err error) {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() {
		// The lock ends with the connection.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, conn.Close(ctx))
	}()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	switch err := checkSchema(ctx, pool); {
	case err == nil: // which a role that may change no schema can see, too
		return raise(ctx, pool, conn)
	case hasCode(err, insufficientPrivilege):
		return fmt.Errorf("read the schema's version: %w", errNotGranted)
	case !errors.Is(err, errSchemaOld) && !errors.Is(err, errSchemaNew):
		return err
	}
	if err := migrateTables(ctx, pool); hasCode(err, insufficientPrivilege) {
		return fmt.Errorf("%w (this process's role may not: %w)", errSchemaOld, err)
	} else if err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	jobs, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: logger})
	if err != nil {
		return fmt.Errorf("migrations of the jobs: %w", err)
	}
	if _, err := jobs.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the jobs: %w", err)
	}
	return raise(ctx, pool, conn)
}

// raise runs raiseBase, where the role may. The desk's may not and leaves it to the worker's; whether it may do what a desk
// does is seen then.
func raise(ctx context.Context, pool *pgxpool.Pool, conn *pgx.Conn) error {
	var may bool
	err := conn.QueryRow(ctx, "SELECT has_table_privilege('seq_base', 'UPDATE')").Scan(&may)
	if err == nil && !may {
		return lacking(ctx, pool, append(needed(func(r tableRights) string { return r.desk }), executing()...))
	}
	if err == nil {
		_, err = conn.Exec(ctx, raiseBase)
	}
	if err != nil {
		return fmt.Errorf("keep the numbers of leaves rising: %w", err)
	}
	return nil
}

// tables are the migrations of all but the jobs. Their numbers are those under which they were begun, not the order in which
// they came: a database made in between lacks one below its highest, and gets it late. So none may need a higher one.
func tables(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
		goose.WithAllowOutofOrder(true))
}

func migrateTables(ctx context.Context, pool *pgxpool.Pool) (err error) {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := tables(db)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// raiseBase lifts the numbers of leaves and events above all that are there, where the cluster's transactions are
// numbered lower than those that wrote them: a dump was restored into a younger cluster.
const raiseBase = `
UPDATE seq_base SET base = base + last.seq - next.seq + (1 << 20)
FROM (SELECT GREATEST((SELECT MAX(seq) FROM audit_leaves), (SELECT MAX(seq) FROM desk_events)) AS seq) AS last,
     (SELECT base + (pg_current_xact_id()::TEXT::BIGINT << 20) AS seq FROM seq_base) AS next
WHERE last.seq >= next.seq`
