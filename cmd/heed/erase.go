package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/identity"
)

// eraseCommand destroys what is due.
type eraseCommand struct {
	lineFlags
	Due  bool      `help:"Destroy the identities whose days are over, and the contents that were kept long enough." required:""`
	AsOf time.Time `help:"Destroy now what would be due at this moment (RFC 3339, not before now)." placeholder:"TIME"`
}

// Help is shown by --help below the flags.
func (c *eraseCommand) Help() string {
	return `A running line does this by itself. An identity lives six to seven days: its day's key dies at the start of the seventh day after it.
What was said is kept as long as the profile's "retention" says; for a referred report whose span is over a lead is called, and it stays.

Examples:
  heed erase --due
  heed erase --due --as-of 2027-01-01T00:00:00Z`
}

// Run destroys and says what was destroyed.
func (c *eraseCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	if !c.AsOf.IsZero() && c.AsOf.Before(s.Now()) {
		return usagef("--as-of %s is before now", c.AsOf.Format(time.RFC3339))
	}
	line, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	due, over := line.clock.Due(), line.s.Now() // apart only while the host's clock isn't believed
	if c.AsOf.After(due) {
		due, over = c.AsOf, c.AsOf
	}
	erased, err := line.eraseDue(ctx, due)
	if err != nil {
		return fmt.Errorf("erasing: %w", err)
	}
	ended, err := line.endSpans(ctx, line.newReview(nil, nil), over)
	if err == nil {
		err = line.scrubWanted(ctx)
	}
	if err != nil {
		return fmt.Errorf("erasing: %w", err)
	}
	_, err = fmt.Fprintf(s.Stdout, "%d days destroyed, %d identities erased\n%d reports erased, %d referred reports await a lead\n",
		len(erased.Days), erased.Identities, ended.Erased, ended.Asked)
	return err
}

// eraseDue destroys the identities that are due at the moment, and what the journal still holds of anything destroyed.
func (l *line) eraseDue(ctx context.Context, asOf time.Time) (identity.Erased, error) {
	erased, err := l.identity.EraseDue(ctx, asOf)
	if len(erased.Days) > 0 {
		l.log.Info("identities erased", "days", len(erased.Days), "identities", erased.Identities)
	}
	return erased, errors.Join(err, l.scrubWanted(ctx))
}

// eraseOverdue erases, before anybody is answered, what became due while nothing ran: Identities in any case, contents and
// Receipts where the host's clock is believed.
func (sv *server) eraseOverdue(ctx context.Context, clock *audit.Sequencer) error {
	if _, err := sv.eraseDue(ctx, sv.clock.Due()); err != nil {
		return err
	}
	if err := clock.CheckClock(ctx); err != nil {
		sv.log.Error("the line's clock can't be checked: contents that are due wait for the worker", "error", err)
		return nil // the same is said of the audit, in which somebody meddled, and reports come in all the same
	}
	return sv.unlessDoubted(func(ctx context.Context) error {
		now := sv.s.Now()
		if _, err := sv.endSpansAtOnce(ctx, sv.review, now); err != nil {
			return err
		}
		if err := sv.forgetReceipts(ctx, now.Add(-sv.profile.Retention.Receipts)); err != nil {
			return err
		}
		return sv.scrubWanted(ctx)
	})(ctx)
}
