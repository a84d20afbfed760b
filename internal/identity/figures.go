package identity

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	heed "github.com/heed-line/heed"
)

// Settings of this package.
const (
	settingErased  = "identity.erased"  // how many Identities died with their day, ever: 8 bytes, big-endian
	settingFigures = "identity.figures" // the published Figures, as JSON
)

// Figures are what a line tells everybody about the Identities that it holds. Numbers are rounded up to tens (0 stays 0),
// and renewed once a day and after an Erasure only, so that nobody who watches them can tell when somebody gave a name.
type Figures struct {
	Held    int           `json:"held"`
	Oldest  time.Duration `json:"oldest"`  // age of the oldest, in whole days, at most
	Overdue int           `json:"overdue"` // days past their seventh that still hold some; 0 unless something is broken
	Erased  int           `json:"erased"`  // ever, with their day
	At      time.Time     `json:"at"`      // when they were taken
}

// PublishFigures takes the Figures of now and stores them for every portal to show.
func (s *Service) PublishFigures(ctx context.Context) error {
	return s.store.Update(ctx, func(tx heed.Tx) error { return s.publish(ctx, tx) })
}

func (s *Service) publish(ctx context.Context, tx heed.Tx) error {
	figures, err := s.figures(ctx, tx)
	if err != nil {
		return fmt.Errorf("publishing the figures: %w", err)
	}
	encoded, err := json.Marshal(figures)
	if err != nil {
		return fmt.Errorf("publishing the figures: %w", err)
	}
	if err := tx.PutSetting(ctx, settingFigures, encoded); err != nil {
		return fmt.Errorf("publishing the figures: %w", err)
	}
	return nil
}

func (s *Service) figures(ctx context.Context, tx heed.Tx) (*Figures, error) {
	now := s.now()
	counts, err := tx.CountIdentities(ctx)
	if err != nil {
		return nil, err
	}
	erased, err := erasedEver(ctx, tx)
	if err != nil {
		return nil, err
	}
	f := &Figures{Erased: upToTens(int(erased)), At: now}
	held, overdue := 0, 0
	for day, n := range counts {
		if n == 0 {
			continue
		}
		held += n
		if dead(day, now) {
			overdue += n
		}
		begun, err := time.Parse(dayForm, day)
		if err != nil {
			return nil, fmt.Errorf("a day called %q: %w", day, err)
		}
		const wholeDay = 24 * time.Hour
		f.Oldest = max(f.Oldest, (now.Sub(begun)+wholeDay-1)/wholeDay*wholeDay)
	}
	f.Held, f.Overdue = upToTens(held), upToTens(overdue)
	return f, nil
}

// PublishedFigures are the Figures that were last published; zero ones before the first.
func PublishedFigures(ctx context.Context, tx heed.SettingTx) (*Figures, error) {
	encoded, err := tx.Setting(ctx, settingFigures)
	if errors.Is(err, heed.ErrNotFound) {
		return &Figures{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the published figures: %w", err)
	}
	var f Figures
	if err := json.Unmarshal(encoded, &f); err != nil {
		return nil, fmt.Errorf("reading the published figures: %w", err)
	}
	return &f, nil
}

func upToTens(n int) int { return (n + 9) / 10 * 10 }

func erasedEver(ctx context.Context, tx heed.SettingTx) (uint64, error) {
	b, err := tx.Setting(ctx, settingErased)
	if errors.Is(err, heed.ErrNotFound) {
		return 0, nil
	}
	if err == nil && len(b) != 8 {
		err = fmt.Errorf("%s of %d bytes: %w", settingErased, len(b), heed.ErrInvalid)
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

// countErased adds to the number of Identities erased ever, in the Erasure's own transaction.
func countErased(ctx context.Context, tx heed.SettingTx, n int) error {
	before, err := erasedEver(ctx, tx)
	if err != nil {
		return err
	}
	return tx.PutSetting(ctx, settingErased, binary.BigEndian.AppendUint64(nil, before+uint64(n)))
}
