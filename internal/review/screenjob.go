package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// JobScreen screens reports. Its args are ScreenArgs.
const JobScreen = "screen"

// ScreenArgs are the args of JobScreen: one report, or a batch of an import.
type ScreenArgs struct {
	Reports []heed.ID `json:"reports"`
}

// HandleScreen is the handler of JobScreen. Reports that were screened meanwhile are skipped, so that it may run again.
//
// What an import brought gives way to the import itself while that goes on, as long as there is time: one processor, and a
// pause after each job. So the import keeps its pace, and no report misses its deadline for it.
func (s *Service) HandleScreen(ctx context.Context, args []byte) error {
	var a ScreenArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobScreen, err)
	}
	yields, err := s.yields(ctx, a.Reports)
	if err != nil {
		return fmt.Errorf("find whether an import goes on: %w", err)
	}
	if !yields {
		return s.Screen(ctx, a.Reports...)
	}
	if err := s.yielding.take(ctx); err != nil {
		return err
	}
	defer s.yielding.leave()
	begun := s.cfg.Now()
	if err := s.screen(ctx, 1, a.Reports); err != nil {
		return err
	}
	select {
	case <-time.After(min(yieldPause*s.cfg.Now().Sub(begun), longestPause)):
	case <-ctx.Done():
	}
	return nil
}

const (
	// SettingImporting holds when an import last stored something (RFC 3339).
	SettingImporting = "importing"
	// importPulse is how long after that it is taken to go on.
	importPulse = 5 * time.Second
	// yieldPause is how many times as long as its work an import's screening pauses while the import goes on, at most
	// longestPause.
	yieldPause   = 5
	longestPause = 3 * time.Second
)

// yields says that the reports were imported, that an import goes on, and that half of their time is left.
func (s *Service) yields(ctx context.Context, ids []heed.ID) (yields bool, err error) {
	if len(ids) < 2 {
		return false, nil // imports are screened many at a time
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		first, err := tx.Report(ctx, ids[0])
		if errors.Is(err, heed.ErrNotFound) || err == nil && first.Channel != heed.ChannelImport {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := tx.Setting(ctx, SettingImporting)
		if errors.Is(err, heed.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		var last time.Time
		if err := last.UnmarshalText(text); err != nil {
			return err
		}
		now := s.cfg.Now()
		ago := now.Sub(last)
		yields = 0 <= ago && ago < importPulse && first.ScreenBy.Sub(now) > s.cfg.Profile.Deadlines.Screening/2
		return nil
	})
	return yields, err
}

// GiveUpScreening is what follows when JobScreen failed for the last time, whatever the cause: its reports reach people
// as unscreened.
func (s *Service) GiveUpScreening(ctx context.Context, args []byte, _ error) error {
	var a ScreenArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobScreen, err)
	}
	return s.giveUp(ctx, a.Reports, false)
}

// fail puts one report before people as unscreened; details say why.
func (s *Service) fail(ctx context.Context, tx heed.Tx, r *heed.Report, details screenDetails, now time.Time) error {
	if err := toQueue(ctx, tx, r, now); err != nil {
		return err
	}
	details.Quarantine = r.State == heed.Quarantine
	r.ScreenBy = time.Time{}
	if err := tx.PutScreening(ctx, &heed.ScreeningRecord{Report: r.ID, At: now, Failed: true}); err != nil {
		return err
	}
	return s.record(ctx, tx, r, act{name: audit.ReportScreened, details: details}, now)
}

// giveUp puts reports that were not screened before people; again has them screened late.
func (s *Service) giveUp(ctx context.Context, ids []heed.ID, again bool) error {
	for chunk := range slices.Chunk(ids, screenChunk) {
		err := s.retry(func() error {
			return s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.giveUpChunk(ctx, tx, chunk, again) })
		})
		if err != nil {
			return fmt.Errorf("put unscreened reports before people: %w", err)
		}
	}
	return nil
}

func (s *Service) giveUpChunk(ctx context.Context, tx heed.Tx, ids []heed.ID, again bool) error {
	var given []heed.ID
	for _, id := range ids {
		r, err := tx.Report(ctx, id)
		if errors.Is(err, heed.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if r.State != heed.Received && r.State != heed.InScreening {
			continue
		}
		if err := s.fail(ctx, tx, r, screenDetails{Failed: true}, s.cfg.Now()); err != nil {
			return err
		}
		given = append(given, id)
	}
	if !again || len(given) == 0 {
		return nil
	}
	args, err := json.Marshal(ScreenArgs{given})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobScreen, Args: args, Queue: heed.QueueImport})
}
