package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/heed-line/heed"
)

// findBatch is how many files of a kind are looked at in one Find.
const findBatch = 100

// Find has copies made of what came since it last ran. Where the program for it is missing, or a room for the program, it notes that,
// and finds them again once it is there. It is meant to run every few seconds.
func (s *Service) Find(ctx context.Context) error {
	scannerLacks := sync.OnceValues(func() (string, error) { return s.scannerLacking(ctx) }) // half a minute where nothing answers at all
	for _, m := range makers() {
		for _, kind := range m.kinds {
			if err := s.findKind(ctx, m, kind, scannerLacks); err != nil && !errors.Is(err, errNothing) {
				return fmt.Errorf("find files without a copy: %w", err)
			}
		}
	}
	return nil
}

// findKind is Find of the files whose type begins with kind; scannerLacks says what of the line's clamd is lacking, as its code. errNothing: there are none.
func (s *Service) findKind(ctx context.Context, m maker, kind string, scannerLacks func() (string, error)) error {
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		found, err := tx.FilesWithoutCopy(ctx, kind, 1)
		if err == nil && len(found) == 0 {
			return errNothing
		}
		return err
	})
	if err != nil {
		return err
	}
	code, err := m.lacking(ctx)
	if err == nil && code == "" {
		code, err = scannerLacks()
	}
	if err != nil {
		return err
	}
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.find(ctx, tx, m, kind, code) })
}

var errNothing = errors.New("nothing waits")

func (s *Service) find(ctx context.Context, tx heed.Tx, m maker, kind, code string) error {
	found, err := tx.FilesWithoutCopy(ctx, kind, findBatch)
	if err != nil {
		return err
	}
	for _, a := range found {
		before, err := tx.SafeCopy(ctx, a.ID)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		if before != nil && before.Code == code {
			continue // it waits for the program already
		}
		waits := &heed.SafeCopy{Attachment: a.ID, Report: a.Report, State: heed.CopyWaiting, Code: code}
		if before != nil {
			waits.Details = before.Details
		}
		if err := tx.PutSafeCopy(ctx, waits); err != nil {
			return err
		}
		if code != "" {
			continue
		}
		next, err := s.nextScan(ctx, tx, before)
		if err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, m, a, kind, next); err != nil {
			return err
		}
	}
	return nil
}

// A film of which so many others of its report wait goes as if it had come so many turns later, filmsAhead at most, so that nobody holds
// the queue by sending many. What is older goes before what comes after that, however much comes.
const (
	filmTurn   = 15 * time.Minute
	filmsAhead = 24 * time.Hour
)

// enqueue has a job make a copy that was noted as waiting, not before next.
func (s *Service) enqueue(ctx context.Context, tx heed.Tx, m maker, of *heed.Attachment, kind string, next time.Time) error {
	args, err := json.Marshal(CopyArgs{of.ID})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	job := heed.Job{Kind: m.job, Args: args, Queue: m.queue, Yields: true} // to who covers a part of one, and waits
	if m.queue == heed.QueueFilm {
		waiting, err := tx.WaitingCopies(ctx, of.Report, kind) // and this one
		if err != nil {
			return err
		}
		// All of the past, so that none waits while there is nothing else to do.
		job.At = s.cfg.Now().Add(min(time.Duration(waiting-1)*filmTurn, filmsAhead) - filmsAhead)
	}
	if next.After(s.cfg.Now()) { // clamd went while it looked: perhaps by this file, which isn't to take it from all others
		job.At = next
	}
	return tx.Enqueue(ctx, job)
}
