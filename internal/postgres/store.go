// Package postgres is the store for lines that run on several nodes.
//
// Writing is READ COMMITTED: what two people could change at once carries a version that the write compares
// (heed.ErrConflict), so nothing needs stronger isolation. Reading is one snapshot. Any number of nodes may share a
// database; its replicas and failover are PostgreSQL's own.
//
// It may import package heed, internal/rows and third parties: the jobs' tables are written by River itself, so that
// Enqueue is part of the transaction. It sees nothing of a report but sealed bytes.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

// Options are the settings of a store; the zero value does for all but tests.
type Options struct {
	Logger *slog.Logger // nil: nothing is logged
	// Wait is how long a transaction waits for a connection before it answers ErrBusy; 0: 10 s.
	Wait time.Duration
	// Connections bounds the pool; 0: 16, or four for each processor where that is more.
	Connections int
	// Portal and Phone open the store for a process that takes reports in and serves mailboxes, by web, by telephone or both, and
	// whose role may do no more than that (see Grants): a telephone's may do what a portal's may, and have calls. It changes no
	// schema but waits for it.
	Portal, Phone bool
	// SchemaWait is how long such a process waits for the schema; 0: 2 minutes.
	SchemaWait time.Duration
}

// Store is a heed.Store in a PostgreSQL database.
type Store struct {
	pool *pgxpool.Pool
	jobs *river.Client[pgx.Tx]
	wait time.Duration

	// portal, phone: transactions name the rows that they ask for, and see no others.
	portal, phone bool
}

var _ heed.Store = (*Store)(nil)

// Open connects to the database at url (postgres://user@host/name) and brings its schema up to date. The role must own
// the database or be allowed to create tables in its first schema, unless the schema is up to date, or Options.Portal
// or Options.Phone is set.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Wait == 0 {
		o.Wait = 10 * time.Second
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err) // pgx leaves the password out
	}
	config.MaxConns = int32(o.Connections)
	if o.Connections == 0 {
		config.MaxConns = int32(max(24, 4*runtime.NumCPU())) // the jobs take about half of them at most
	}
	// A receipt that was shown is kept: a server that is set to answer before the disk did must not do so here.
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	config.ConnConfig.RuntimeParams["application_name"] = "heed"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &Store{pool: pool, wait: o.Wait, portal: o.Portal, phone: o.Phone}
	if err := s.start(ctx, o); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the store: %w", err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, o Options) (err error) {
	if o.Portal || o.Phone {
		err = s.awaitPlace(ctx, o)
	} else {
		err = migrate(ctx, s.pool, o.Logger)
	}
	if err != nil {
		return err
	}
	s.jobs, err = river.NewClient(riverpgxv5.New(s.pool), &river.Config{Logger: o.Logger})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// Pool is the pool of connections, for the jobs' runner to share.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// View implements heed.Store. A write by fn fails.
func (s *Store) View(ctx context.Context, fn func(heed.Tx) error) error {
	err := s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
	return busy(err)
}

// attempts is how often Update runs a function whose transaction another one undid.
const attempts = 6

// Update implements heed.Store.
func (s *Store) Update(ctx context.Context, fn func(heed.Tx) error) error {
	var err error
	for n := range attempts {
		if n > 0 {
			if err := pause(ctx, time.Duration(1<<n)*time.Millisecond); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		err = s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}, fn)
		if !undone(err) {
			return busy(err)
		}
	}
	return fmt.Errorf("%w: %w", heed.ErrBusy, err)
}

// transact runs fn in one transaction, and undoes it where fn fails or panics.
func (s *Store) transact(ctx context.Context, options pgx.TxOptions, fn func(heed.Tx) error) (err error) {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	ended := false
	defer func() {
		if !ended {
			// After a panic or an error nothing is kept whether this succeeds or the connection is lost.
			err = errors.Join(err, rollback(ctx, tx))
		}
	}()
	var engine rows.Engine = newEngine(tx, s.jobs)
	if s.portal || s.phone {
		engine = &mailboxEngine{newEngine(tx, s.jobs)}
	}
	if err := fn(rows.NewTx(engine)); err != nil {
		return err
	}
	ended = true
	// A caller who leaves now must not leave open whether it happened.
	if err := tx.Commit(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollback outlives ctx, so that a caller who left doesn't cost a connection.
func rollback(ctx context.Context, tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) && !tx.Conn().IsClosed() {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

// acquire waits for a connection, but not longer than the store's patience.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	conn, err := s.pool.Acquire(limited)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() == nil && limited.Err() != nil:
		return nil, fmt.Errorf("take a connection: %w", heed.ErrBusy)
	}
	return nil, fmt.Errorf("take a connection: %w", err)
}

// Time is what the server's clock says.
func (s *Store) Time(ctx context.Context) (now time.Time, err error) {
	if err := s.pool.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now); err != nil {
		return now, fmt.Errorf("read the server's clock: %w", busy(err))
	}
	return now, nil
}

// Ready implements heed.Store.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("reach the store: %w", err)
	}
	return nil
}

// Close waits for what was begun and closes all connections.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d + rand.N(d)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Codes of PostgreSQL's appendix A.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	tooManyConnections   = "53300"
	lockNotAvailable     = "55P03"
)

// undone reports whether PostgreSQL ended the transaction for another's sake, so that it may be run again.
func undone(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

// busy names what a moment's wait would mend as the domain does.
func busy(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && (e.Code == tooManyConnections || e.Code == lockNotAvailable) {
		return fmt.Errorf("%w: %w", heed.ErrBusy, err)
	}
	return err
}
