package keep

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

// Submit implements phone.Recording.
func (r *recording) Submit(ctx context.Context) (seal.Receipt, error) {
	if err := r.EndTake(ctx); err != nil && r.open {
		return "", fmt.Errorf("submit a recording: %w", err)
	}
	if !r.closed {
		if err := r.submit(ctx); err != nil {
			return "", fmt.Errorf("submit a recording: %w", err)
		}
		r.close()
	}
	if r.state.Mailbox != nil {
		return "", nil
	}
	return r.receipt, nil
}

func (r *recording) submit(ctx context.Context) error {
	var uploads []intake.Upload
	for _, t := range r.takes {
		if n := t.length(); n > 0 {
			uploads = append(uploads, whole(t.upload, n))
		}
	}
	if len(uploads) == 0 {
		return fmt.Errorf("nothing was said: %w", heed.ErrInvalid)
	}
	in := r.keeper.cfg.Intake
	end := func(ctx context.Context, tx heed.Tx) error { return tx.EndCall(ctx, r.id) }
	err := handIn(ctx, in, r.state, r.receipt, uploads, end)
	if err == nil || !r.over(ctx) {
		return err
	}
	// Either this very submission was stored and its answer was lost, or the worker was first.
	if handIn(ctx, in, r.state, r.receipt, uploads, end) == nil {
		return nil
	}
	return fmt.Errorf("%v: the worker handed it in: %w", err, heed.ErrGone)
}

// over says that the call isn't in the store any more, as far as that can be known.
func (r *recording) over(ctx context.Context) bool {
	err := r.keeper.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.SeeCall(ctx, r.id, r.keeper.cfg.Now()) })
	return errors.Is(err, heed.ErrNotFound)
}

// close has no more to do with the call.
func (r *recording) close() {
	r.closed = true
	r.keeper.unwatch(r)
}

// Close implements phone.Recording. What can't be submitted now is left to the worker.
func (r *recording) Close(ctx context.Context) error {
	if r.closed {
		return nil
	}
	defer r.close()
	if slices.ContainsFunc(r.takes, func(t *take) bool { return t.said > 0 }) {
		_, err := r.Submit(ctx)
		r.giveUp()
		return err
	}
	r.giveUp()
	if !r.stored {
		return nil
	}
	err := r.keeper.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.EndCall(ctx, r.id) })
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("end a call in which nothing was said: %w", err)
	}
	return nil
}

// giveUp ends what still stores pieces.
func (r *recording) giveUp() {
	for _, t := range r.takes {
		t.giveUp()
	}
}

// handIn makes a report of what was said, or a message of the report whose mailbox was open.
func handIn(ctx context.Context, in *intake.Service, s state, receipt seal.Receipt, takes []intake.Upload,
	also func(context.Context, heed.Tx) error) error {
	if s.Mailbox != nil {
		return in.Reopen(*s.Mailbox).Add(ctx, intake.Addition{ID: s.Report, Uploads: takes, Also: also})
	}
	_, err := in.Submit(ctx, intake.Submission{
		ID: s.Report, Receipt: receipt, Channel: heed.ChannelPhone, Language: s.Language, Identity: heed.Identity{Phone: s.Number},
		Uploads: takes, Also: also,
	})
	return err
}
