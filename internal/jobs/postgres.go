package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// NewPostgres makes a Runner on a pool (postgres.Store.Pool). Any number of nodes may run the jobs of a database.
//
// Each node holds an advisory lock in its own name for as long as it lives; PostgreSQL frees it when the node's connection
// ends. So a node that died is known within seconds, and what it was running is made available again.
func NewPostgres(pool *pgxpool.Pool, o Options) *Runner { return newRunner(&shared{pool: pool}, o) }

type shared struct {
	pool *pgxpool.Pool
	name string
	mu   sync.Mutex
	life *pgxpool.Conn // holds the lock
}

const (
	// pollShared is how long a job of DefaultQueue waits of which no notice came: those after the first in a tenth of a second
	// send none, nor does what a dead node left.
	pollShared = 200 * time.Millisecond
	rescueEach = 3 * time.Second
	// lockSpace sets the nodes' locks apart from any other advisory lock of the database.
	lockSpace = 0x68656564
)

func (s *shared) open(_ context.Context, name string, config *river.Config) (client, error) {
	s.name = name
	config.FetchPollInterval = pollShared
	return newClient(riverpgxv5.New(s.pool), config)
}

// rescue takes or keeps this node's lock, then frees the jobs of every node whose lock can be had.
func (s *shared) rescue(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.live(ctx); err != nil {
		return fmt.Errorf("take the node's lock: %w", err)
	}
	return pgx.BeginFunc(ctx, s.life, func(tx pgx.Tx) error {
		// A lock that this session holds can be taken by it again, hence the comparison with its own name.
		_, err := tx.Exec(ctx, `
			WITH nodes AS MATERIALIZED (
				SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] AS name FROM river_job WHERE state = 'running'
				UNION SELECT leader_id FROM river_leader
			), dead AS MATERIALIZED (
				SELECT name FROM nodes
				WHERE name <> $1 AND pg_try_advisory_xact_lock($2, hashtext(name))
			), gone AS (
				DELETE FROM river_leader WHERE leader_id IN (SELECT name FROM dead)
			)
			UPDATE river_job SET state = 'available'
			WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] IN (SELECT name FROM dead)`,
			s.name, lockSpace)
		if err != nil {
			return fmt.Errorf("release the jobs of dead nodes: %w", err)
		}
		return nil
	})
}

// live sees to it that the node's lock is held on a connection that works.
func (s *shared) live(ctx context.Context) error {
	if s.life != nil {
		if s.life.Ping(ctx) == nil {
			return nil
		}
		s.end()
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1, hashtext($2))", lockSpace, s.name); err != nil {
		conn.Release()
		return err
	}
	s.life = conn
	return nil
}

// end closes the connection that holds the lock. It must not go back to the pool with it.
func (s *shared) end() {
	if s.life == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.life.Conn().Close(ctx); err != nil {
		// The lock ends with the connection, whichever side broke it.
		s.life.Conn().PgConn().Conn().Close()
	}
	s.life.Release()
	s.life = nil
}

func (s *shared) watch(ctx context.Context, logger *slog.Logger) {
	again := time.NewTicker(rescueEach)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			if err := s.rescue(ctx); err != nil && ctx.Err() == nil {
				logger.Error("jobs of dead nodes could not be looked for", "err", err)
			}
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			s.end()
			return
		}
	}
}
