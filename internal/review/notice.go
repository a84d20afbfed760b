package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// JobNotify tells people away from the desk that deadlines come near. Its args are Notice.
const JobNotify = "notify"

// Notice says how many reports crossed a level since the last one. It holds nothing about any of them.
type Notice struct {
	Level int `json:"level"` // 50, 80, 100, 150
	Count int `json:"count"`
}

// noticeEvery is the least time between two notices of one level: a storm is one message with a count.
const noticeEvery = time.Minute

const (
	// settingNotices keeps what is to be told and when each level was last told, over all nodes.
	settingNotices = "review.notices"
	// settingTurn is written before settingNotices is read: where writers don't wait for each other anyway, the second
	// one waits here and then reads what the first one wrote.
	settingTurn = "review.notices.turn"
)

type notices struct {
	Pending map[int]int       `json:"pending"` // level → reports not told of yet
	Sent    map[int]time.Time `json:"sent"`
}

func readNotices(ctx context.Context, tx heed.SettingTx) (*notices, error) {
	state := &notices{Pending: map[int]int{}, Sent: map[int]time.Time{}}
	b, err := tx.Setting(ctx, settingNotices)
	if errors.Is(err, heed.ErrNotFound) {
		return state, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, state); err != nil {
		return nil, fmt.Errorf("decode what is to be told: %w", err)
	}
	return state, nil
}

// changeNotices applies fn to what is to be told. It comes last in a transaction, for others wait for it.
func changeNotices(ctx context.Context, tx heed.SettingTx, fn func(*notices) error) error {
	if err := tx.PutSetting(ctx, settingTurn, []byte("1")); err != nil {
		return err
	}
	state, err := readNotices(ctx, tx)
	if err != nil {
		return err
	}
	if err := fn(state); err != nil {
		return err
	}
	b, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("encode what is to be told: %w", err)
	}
	return tx.PutSetting(ctx, settingNotices, b)
}

// toTell notes, in the transaction that says them at the desk, how many reports crossed which level.
func toTell(ctx context.Context, tx heed.SettingTx, said map[int]int) error {
	if len(said) == 0 {
		return nil
	}
	return changeNotices(ctx, tx, func(state *notices) error {
		for level, n := range said {
			state.Pending[level] += n
		}
		return nil
	})
}

// notice enqueues at most one Notice of each level a minute.
func (s *Service) notice(ctx context.Context) error {
	now := s.cfg.Now()
	waiting := false
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		state, err := readNotices(ctx, tx)
		waiting = err == nil && len(state.Pending) > 0
		return err
	})
	if err != nil {
		return fmt.Errorf("read what is to be told: %w", err)
	}
	if !waiting {
		return nil // the usual case writes nothing
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		return changeNotices(ctx, tx, func(state *notices) error { return state.send(ctx, tx, now) })
	})
	if err != nil {
		return fmt.Errorf("tell people of deadlines: %w", err)
	}
	return nil
}

// send enqueues what may be told now.
func (n *notices) send(ctx context.Context, tx heed.JobTx, now time.Time) error {
	for level, count := range n.Pending {
		if now.Sub(n.Sent[level]) < noticeEvery {
			continue
		}
		args, err := json.Marshal(Notice{Level: level, Count: count})
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		if err := tx.Enqueue(ctx, heed.Job{Kind: JobNotify, Args: args}); err != nil {
			return err
		}
		n.Sent[level] = now
		delete(n.Pending, level)
	}
	return nil
}

// Alarm says at once that a report needs somebody, at the desk and away from it, as if it had crossed the level (100 for
// the leads, 150 for the duty officer). It comes last in the caller's transaction.
func Alarm(ctx context.Context, tx heed.Tx, r *heed.Report, level int, now time.Time) error {
	event := &heed.DeskEvent{At: now, Kind: EventReportAlert, Report: r.ID, List: r.List(), Level: level, To: toRole(level), Category: r.Category}
	if err := tx.Publish(ctx, event); err != nil {
		return err
	}
	return toTell(ctx, tx, map[int]int{level: 1})
}
