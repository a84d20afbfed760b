package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

const (
	// scrubTries times scrubPatience and scrubPause is how long Scrub puts up with a reader: 7 seconds.
	scrubTries    = 20
	scrubPatience = 250 // milliseconds during which nobody can write
	scrubPause    = 100 * time.Millisecond
)

// Scrub moves all of the journal into the database and empties it, so that what was deleted (a destroyed key above all)
// lies in no old page image either. It holds up writing for a quarter of a second at most, then lets others go first.
//
// It returns ErrBusy where somebody was reading all the while; try again.
func (s *Store) Scrub(ctx context.Context) error {
	for range scrubTries {
		blocked, err := s.truncateJournal(ctx)
		if err != nil {
			return fmt.Errorf("scrub the journal: %w", busy(err))
		}
		if !blocked {
			return nil
		}
		select {
		case <-time.After(scrubPause):
		case <-ctx.Done():
			return fmt.Errorf("scrub the journal: %w", ctx.Err())
		}
	}
	return fmt.Errorf("scrub the journal: %w", heed.ErrBusy)
}

// truncateJournal reports whether a reader kept it from emptying the journal.
func (s *Store) truncateJournal(ctx context.Context) (blocked bool, err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", scrubPatience)); err != nil {
		return false, err
	}
	defer func() {
		_, restored := conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA busy_timeout = %d", lockPatience))
		err = errors.Join(err, restored)
	}()
	var pages, moved int
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&blocked, &pages, &moved)
	return blocked, err
}
