package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/backup"
)

const (
	// forgetBatch is of how many closed reports the receipts go in one transaction: everybody else's writing waits for it.
	forgetBatch = 100
	// forgetPause is how many times as long as its work forgetting rests. A line that was off for months has many to forget
	// and reports to screen meanwhile.
	forgetPause = 4
)

// settingForgotten is up to which moment of closing (RFC 3339) the receipts are gone, so that no run looks again at what
// earlier ones dealt with.
const settingForgotten = "receipts.forgotten"

// forget deletes what nobody can use any more.
func (sv *server) forget(ctx context.Context) error {
	if _, err := sv.auth.DeleteExpired(ctx); err != nil {
		return err
	}
	now := sv.s.Now()
	err := sv.store.Update(ctx, func(tx heed.Tx) error {
		if _, err := tx.DeleteEvents(ctx, now.Add(-eventsLast)); err != nil {
			return err
		}
		if err := tx.DeleteDuties(ctx, now.Add(-heed.LongestDuty)); err != nil {
			return err
		}
		return tx.DeleteCallHours(ctx, now.Add(-callHoursLast))
	})
	if err != nil {
		return fmt.Errorf("forgetting events and what became of calls: %w", err)
	}
	return errors.Join(sv.forgetReceipts(ctx, now.Add(-sv.profile.Retention.Receipts)), sv.dropKeyArchives(ctx, now))
}

// dropKeyArchives deletes archives of keys that are over seven days old where the last backup put its own. Where that is on
// another machine, or not this account's, the operator's timer does it.
func (l *line) dropKeyArchives(ctx context.Context, now time.Time) error {
	var last *lastBackup
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		last, err = readLastBackup(ctx, tx)
		return err
	})
	if err != nil || last == nil {
		return err
	}
	n, err := backup.DropExpired(last.KeyArchive, now)
	if n > 0 {
		l.log.Info("old archives of keys deleted", "archives", n)
	}
	if err != nil {
		l.log.Warn("old archives of keys could not be deleted", "folder", last.KeyArchive, "error", err)
	}
	return nil
}

// forgetReceipts deletes the receipts of reports closed before the moment, a few in each transaction.
func (l *line) forgetReceipts(ctx context.Context, before time.Time) error {
	for more := true; more; {
		begun := time.Now()
		err := l.store.Update(ctx, func(tx heed.Tx) error {
			from, err := forgottenTo(ctx, tx)
			if err != nil || !from.Before(before) {
				more = false
				return err
			}
			deleted, reached, err := tx.DeleteReceipts(ctx, from, before, forgetBatch)
			if err != nil {
				return err
			}
			more = reached.Before(before)
			if deleted > 0 {
				if err := heed.WantScrub(ctx, tx, l.s.Now()); err != nil {
					return err
				}
			}
			return tx.PutSetting(ctx, settingForgotten, []byte(reached.UTC().Format(time.RFC3339Nano)))
		})
		if err != nil {
			return fmt.Errorf("forgetting receipts: %w", err)
		}
		if !more {
			break
		}
		select {
		case <-time.After(forgetPause * time.Since(begun)):
		case <-ctx.Done():
			return nil // the next run goes on from here
		}
	}
	return nil
}

// forgottenTo is zero before the first run.
func forgottenTo(ctx context.Context, tx heed.SettingTx) (time.Time, error) {
	text, err := tx.Setting(ctx, settingForgotten)
	if errors.Is(err, heed.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, string(text))
}

// scrubber is a store that can take what was deleted out of its files.
type scrubber interface{ Scrub(context.Context) error }

// scrubWanted empties the store's journal where something was destroyed since it was last emptied, by this process or by
// one that ended before it came to that. Where somebody reads all the while, the wish stays for the next time.
func (l *line) scrubWanted(ctx context.Context) error {
	files, ok := underlying(l.store).(scrubber)
	if !ok {
		return nil
	}
	var wish []byte
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		wish, err = tx.Setting(ctx, heed.SettingScrub)
		return err
	})
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("looking whether the journal is to be emptied: %w", err)
	}
	if len(wish) == 0 {
		return nil
	}
	err = files.Scrub(ctx)
	if errors.Is(err, heed.ErrBusy) {
		l.log.Warn("the journal could not be emptied yet of what was destroyed", "since", string(wish))
		return nil
	}
	if err != nil {
		return fmt.Errorf("emptying the journal: %w", err)
	}
	err = l.store.Update(ctx, func(tx heed.Tx) error { return tx.SwapSetting(ctx, heed.SettingScrub, wish, []byte{}) })
	if err != nil && !errors.Is(err, heed.ErrConflict) { // ErrConflict: more was destroyed meanwhile
		return fmt.Errorf("noting that the journal was emptied: %w", err)
	}
	return nil
}
