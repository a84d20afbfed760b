package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/heed-line/heed"
)

const (
	// scrubTries times scrubPatience and scrubPause is how long a scrub puts up with those who use a table: 7 seconds each.
	scrubTries    = 20
	scrubPatience = 250 * time.Millisecond // during which others queue behind it
	scrubPause    = 100 * time.Millisecond
	// scrubLimit is the size, with indexes, up to which a table is written anew while people wait for it, and scrubHold how long
	// they do at most.
	scrubLimit = 16 << 20
	scrubHold  = time.Second
)

// destroyedIn are the tables whose rows open something, or are what an erasure destroys; the small ones first. Messages, contents
// and screenings need no scrub: they are sealed under a report's key.
var destroyedIn = [...]string{"disclosures", "drafts", "model_keys", "identities", "audit_notes", "receipts", "attachments", "report_keys"}

// Scrub takes what was deleted out of the tables' files: PostgreSQL leaves a deleted row's bytes in their page, also when it vacuums,
// so the tables are written into new files and the old ones dropped. Nobody waits for it longer than a quarter of a second for the
// lock and a second for the writing. A table above 16 MiB is only vacuumed, so that the next rows take the place of the deleted
// ones, and left to Rewrite.
//
// Old journal (WAL) segments and archives are the server's, and keep what they held until it recycles them.
//
// ErrForbidden: the role doesn't own the tables; the worker's does. ErrBusy: somebody used a table, or read what was there before
// the deletion, all the while, or the disk was too slow; try again.
func (s *Store) Scrub(ctx context.Context) error { return s.scrub(ctx, scrubLimit, scrubHold) }

// Rewrite is Scrub for tables of any size. Nobody can use a table while it is written anew: a minute for some gigabytes.
func (s *Store) Rewrite(ctx context.Context) error { return s.scrub(ctx, -1, 0) }

// Overgrown lists the tables that have become too large for Scrub.
func (s *Store) Overgrown(ctx context.Context) (tables []string, err error) {
	for _, table := range destroyedIn {
		size, err := s.size(ctx, table)
		if err != nil {
			return nil, err
		}
		if size > scrubLimit {
			tables = append(tables, table)
		}
	}
	return tables, nil
}

func (s *Store) size(ctx context.Context, table string) (bytes int64, err error) {
	if err := s.pool.QueryRow(ctx, "SELECT pg_total_relation_size($1::regclass)", table).Scan(&bytes); err != nil {
		return 0, fmt.Errorf("measure %s: %w", table, busy(err))
	}
	return bytes, nil
}

// scrub writes the tables anew that are no larger than limit (-1: all), and gives up on one that takes longer than hold (0: never).
func (s *Store) scrub(ctx context.Context, limit int64, hold time.Duration) error {
	// What a transaction with a lower number deleted is to be gone.
	var from string
	if err := s.pool.QueryRow(ctx, "SELECT pg_current_xact_id()::TEXT").Scan(&from); err != nil {
		return fmt.Errorf("number the scrub: %w", busy(err))
	}
	for _, table := range destroyedIn {
		if err := s.scrubTable(ctx, table, from, limit, hold); err != nil {
			return fmt.Errorf("scrub %s: %w", table, err)
		}
	}
	return nil
}

func (s *Store) scrubTable(ctx context.Context, table, from string, limit int64, hold time.Duration) error {
	// PostgreSQL only warns whoever may not vacuum, and does nothing.
	var owns bool
	err := s.pool.QueryRow(ctx, "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = $1::regclass", table).Scan(&owns)
	if err == nil && !owns {
		err = fmt.Errorf("the role doesn't own the table, as the worker's does: %w", heed.ErrForbidden)
	}
	if err != nil {
		return err
	}
	size, err := s.size(ctx, table)
	if err != nil {
		return err
	}
	if limit >= 0 && size > limit {
		_, err := s.pool.Exec(ctx, "VACUUM "+table)
		return busy(err)
	}
	for range scrubTries {
		err = s.rewrite(ctx, table, from, hold)
		if hasCode(err, queryCanceled) && ctx.Err() == nil { // it took longer than anybody is to wait, and would again
			return fmt.Errorf("%w: %w", heed.ErrBusy, err)
		}
		if !errors.Is(err, heed.ErrBusy) {
			return err
		}
		if err := pause(ctx, scrubPause); err != nil {
			return err
		}
	}
	return err
}

// rewrite is one try. ErrBusy: the table is in use, or somebody still sees what was deleted, which then was written anew as well.
func (s *Store) rewrite(ctx context.Context, table, from string, hold time.Duration) (err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	defer func() { err = errors.Join(err, unhurried(ctx, conn)) }()
	if err := hurried(ctx, conn, hold); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "VACUUM (FULL) "+table); err != nil {
		return busy(err)
	}
	// VACUUM FULL freezes every row that all can see and notes up to which transaction it did. Deleted rows younger than that
	// are still somebody's, and were kept.
	var clean bool
	err = conn.QueryRow(ctx, "SELECT age(relfrozenxid) <= age($2::TEXT::XID8::XID) FROM pg_class WHERE oid = $1::REGCLASS", table, from).Scan(&clean)
	if err == nil && !clean {
		err = fmt.Errorf("deleted rows are still being read: %w", heed.ErrBusy)
	}
	return err
}

// hurried bounds how long others wait for the connection's next statement.
func hurried(ctx context.Context, conn *pgxpool.Conn, hold time.Duration) error {
	total := time.Duration(0)
	if hold > 0 {
		total = scrubPatience + hold
	}
	_, err := conn.Exec(ctx, "SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)",
		fmt.Sprint(scrubPatience.Milliseconds()), fmt.Sprint(total.Milliseconds()))
	return err
}

// unhurried undoes it. A connection that can't be told goes.
func unhurried(ctx context.Context, conn *pgxpool.Conn) error {
	if conn.Conn().IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := conn.Exec(ctx, "RESET lock_timeout; RESET statement_timeout")
	if err != nil {
		err = errors.Join(err, conn.Conn().Close(ctx))
	}
	return err
}

// queryCanceled is what a statement ends with that took longer than its statement_timeout.
const queryCanceled = "57014"
