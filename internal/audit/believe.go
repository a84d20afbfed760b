package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// askedFor is how long a first person's word waits for the second's.
const askedFor = 24 * time.Hour

// believedDetails are in the leaf of ClockBelieved, whose actor is the second person.
type believedDetails struct {
	First heed.ID `json:"first"`
}

// Believe takes one person's word that the host's clock is right. The first is noted; with the second, of another person and
// within a day, the worker believes the clock again (done), whatever the floor was: it begins at what the host's clock says when
// the leaf is hung. The caller has asked whether the person may; second says in the same transaction whether they may be the second after first.
//
// heed.ErrForbidden: it was this person who gave the first word. second's errors.
func Believe(ctx context.Context, store heed.Store, who heed.ID, now time.Time, second func(tx heed.Tx, first heed.ID) error) (done bool, err error) {
	err = store.Update(ctx, func(tx heed.Tx) error {
		asked, err := WhoAsked(ctx, tx, now)
		if err != nil {
			return err
		}
		if done = asked != nil; done && asked.By == who {
			return fmt.Errorf("give both words: %w", heed.ErrForbidden)
		}
		act, details := ClockAsked, any(struct{}{})
		if done {
			if err := second(tx, asked.By); err != nil {
				return err
			}
			act, details = ClockBelieved, believedDetails{asked.By}
			err = tx.PutSetting(ctx, settingAsked, nil)
		} else {
			err = putJSON(ctx, tx, settingAsked, Asked{By: who, At: now.UTC()})
		}
		if err != nil {
			return err
		}
		l, err := Leaf(act, who, "", now, details)
		if err != nil {
			return err
		}
		return tx.AddLeaf(ctx, l)
	})
	if err != nil {
		return false, fmt.Errorf("believe the host's clock: %w", err)
	}
	return done, nil
}

// bothSaid reports whether the leaf is of two people who believe the host's clock. One of that act without them moves no time:
// who may write only as a reporter does, as a portal, can name no actor.
func bothSaid(l *heed.AuditLeaf) bool {
	var d believedDetails
	return l.Act == ClockBelieved && l.Actor != "" && json.Unmarshal(l.Details, &d) == nil && d.First != "" && d.First != l.Actor
}

// WhoAsked is whose first word waits for a second; nil where none does.
func WhoAsked(ctx context.Context, tx heed.SettingTx, now time.Time) (*Asked, error) {
	var a Asked
	if err := readJSON(ctx, tx, settingAsked, &a); err != nil || a.By == "" || now.Sub(a.At).Abs() > askedFor {
		return nil, err
	}
	return &a, nil
}
