package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening"
)

// Proposal is what a screening proposes of a report, without its reasons.
type Proposal struct {
	Category string       `json:"category"`
	Urgency  heed.Urgency `json:"urgency"`
	SetAside bool         `json:"set_aside,omitempty"`
	Refuse   bool         `json:"refuse,omitempty"`
}

func proposalOf(s heed.Screening) Proposal {
	return Proposal{s.Category, s.Urgency, s.SetAside, s.Refuse}
}

// Change is a report of which another model would have proposed something else. Of is the category that the report has, by which people
// may know of it; Undecided says that it was still to be decided, perhaps by who isn't told what the machine thinks of it.
type Change struct {
	Report    heed.ID  `json:"report"`
	Of        string   `json:"of"`
	Undecided bool     `json:"undecided,omitempty"`
	Was       Proposal `json:"was"`
	Would     Proposal `json:"would"`
}

// replayedDetails is in the leaf of a replay.
type replayedDetails struct {
	Since   string `json:"since"`
	Current string `json:"current"`
	Other   string `json:"other"`
}

// Replay screens the reports that came since the moment by two models once more and says of which they propose otherwise. It reads what is
// kept of the texts, in memory, stores nothing, and leaves a leaf before it opens the first. What is erased or can't be opened isn't
// counted. Each model sets aside by the threshold that is, or would be, in force with it.
func (s *Service) Replay(ctx context.Context, since time.Time, current, other *screening.Screener) (reports int, changes []Change, err error) {
	details := replayedDetails{since.UTC().Format(time.RFC3339), current.Version(), other.Version()}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		return s.leaf(ctx, tx, "", act{name: audit.ModelReplayed, details: details}, s.cfg.Now())
	})
	if err != nil {
		return 0, nil, fmt.Errorf("note a replay: %w", err)
	}
	if current, other, err = s.inForce(ctx, current, other, s.cfg.Now()); err != nil {
		return 0, nil, fmt.Errorf("fit what the replayed models would set aside: %w", err)
	}
	seen := map[heed.ID]bool{} // what moves in the queue meanwhile may come by twice
	var last *heed.Report
	for more := true; more; {
		var page []screening.Input
		var of []Change
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			found, err := tx.Reports(ctx, heed.ReportQuery{After: last, Limit: rebuildBatch})
			if err != nil {
				return err
			}
			more = len(found) == rebuildBatch
			for _, r := range found {
				last = r
				if r.State == heed.Erased || r.ReceivedAt.Before(since) || seen[r.ID] {
					continue
				}
				in, err := s.input(ctx, tx, r)
				if errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrSealed) {
					continue
				}
				if err != nil {
					return err
				}
				if in.Text == "" { // a recording, which no model assesses
					continue
				}
				seen[r.ID] = true
				page, of = append(page, in), append(of, Change{Report: r.ID, Of: r.Category, Undecided: undecided(r)})
			}
			return nil
		})
		if err != nil {
			return 0, nil, fmt.Errorf("replay reports: %w", err)
		}
		for i, in := range page {
			c := of[i]
			if c.Was, c.Would = proposalOf(current.Decide(in)), proposalOf(other.Decide(in)); c.Was != c.Would {
				changes = append(changes, c)
			}
		}
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
	}
	return len(seen), changes, nil
}

// input opens the report's text.
func (s *Service) input(ctx context.Context, tx heed.ReportTx, r *heed.Report) (screening.Input, error) {
	keys, err := s.keys(ctx, tx, r.ID)
	if err != nil {
		return screening.Input{}, err
	}
	c, err := s.content(r, &keys)
	return screening.Input{ID: r.ID, Text: c.Text, Lang: r.Language, Channel: r.Channel, ReceivedAt: r.ReceivedAt}, err
}
