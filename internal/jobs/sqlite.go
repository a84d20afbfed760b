package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// NewSQLite makes a Runner on the writing connection of the embedded store (sqlite.Store.WriteDB), which it shares with
// the line's own writing. One process at a time may run the jobs of a file; others may enqueue.
func NewSQLite(db *sql.DB, o Options) *Runner { return newRunner(&embedded{db: db}, o) }

type embedded struct{ db *sql.DB }

// pollEmbedded is how long a job of DefaultQueue may wait to be seen: SQLite notifies nobody.
const pollEmbedded = 100 * time.Millisecond

func (e *embedded) open(_ context.Context, _ string, config *river.Config) (client, error) {
	config.PollOnly = true
	config.FetchPollInterval = pollEmbedded
	return newClient(riversqlite.New(e.db), config)
}

// rescue may take every running job: this process is the only one to run any, and it has none yet. Nor is there another
// leader to wait for.
func (e *embedded) rescue(ctx context.Context) error {
	_, err := e.db.ExecContext(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'")
	if err != nil {
		return fmt.Errorf("release running jobs: %w", err)
	}
	if _, err := e.db.ExecContext(ctx, "DELETE FROM river_leader"); err != nil {
		return fmt.Errorf("forget the last leader: %w", err)
	}
	return nil
}

func (e *embedded) watch(context.Context, *slog.Logger) {}
