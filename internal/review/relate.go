package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

const (
	maxCandidates = 40  // fingerprints looked at
	maxOpened     = 5   // of them, opened and compared as texts
	maxSimilar    = 5   // of them, shown
	leastAlike    = 0.1 // estimated likeness from which opening is worth it
)

// candidate is an earlier report that shares part of its print with the one being screened.
type candidate struct {
	id    heed.ID
	alike float64
	near  *screening.Features // where it is in the same batch
}

// relate finds for each item the earlier reports like it, those of its own batch included.
func (s *Service) relate(ctx context.Context, processors int, items []*item) error {
	found := make([][]candidate, len(items))
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		for i, it := range items {
			found[i] = nil
			if it.failed || len(it.bands) == 0 {
				continue
			}
			prints, err := tx.Candidates(ctx, it.bands, it.report.ReceivedAt.Add(-similarWindow), maxCandidates)
			if err != nil {
				return err
			}
			for _, f := range prints {
				if f.Report != it.report.ID {
					found[i] = append(found[i], candidate{id: f.Report, alike: screening.Compare(it.print, f.Signature)})
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.addNear(items, found)
	return s.judgeAll(ctx, processors, items, found)
}

// judgeAll judges the items on so many processors. A failure of the store fails them all, to be tried again; it is no fault
// of a report's.
func (s *Service) judgeAll(ctx context.Context, processors int, items []*item, found [][]candidate) error {
	of := make(map[heed.ID][]candidate, len(items))
	for i, it := range items {
		of[it.report.ID] = found[i]
	}
	var mu sync.Mutex
	var failed error
	s.parallel(processors, items, func(it *item) error {
		if err := s.judge(ctx, it, of[it.report.ID]); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failed = err
		}
		return nil
	})
	mu.Lock()
	defer mu.Unlock()
	return failed
}

// addNear adds to each item's candidates the earlier items of the same batch that share a band with it.
func (s *Service) addNear(items []*item, found [][]candidate) {
	byBand := map[int64][]int{}
	reads := make([]screening.Features, len(items)) // copies: the items are judged at the same time
	for i, it := range items {
		if it.failed {
			continue
		}
		reads[i] = it.read
		seen := map[int]bool{}
		for _, b := range it.bands {
			for _, j := range byBand[b] {
				if j != i && !seen[j] && len(found[i]) < 2*maxCandidates {
					seen[j] = true
					found[i] = append(found[i], candidate{items[j].report.ID, screening.Compare(it.print, items[j].print), &reads[j]})
				}
			}
			byBand[b] = append(byBand[b], i)
		}
	}
}

// judge opens the likeliest candidates and lets the machine relate the accounts.
func (s *Service) judge(ctx context.Context, it *item, found []candidate) error {
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.alike, a.alike) })
	opened := 0
	for _, c := range found {
		if opened == maxOpened || c.alike < leastAlike {
			break
		}
		earlier, lead, ok, err := s.earlier(ctx, c)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		opened++
		match, reasons, related := relate(c.id, earlier, it.read)
		if !related {
			continue
		}
		it.result.Similar = append(it.result.Similar, match)
		if match.Kind == heed.MatchCopy && it.result.DuplicateOf == nil {
			it.result.DuplicateOf = &lead
			it.result.Reasons = append(it.result.Reasons, reasons...)
		}
	}
	slices.SortStableFunc(it.result.Similar, func(a, b heed.Match) int { return cmp.Compare(b.Score, a.Score) })
	if len(it.result.Similar) > maxSimilar {
		it.result.Similar = it.result.Similar[:maxSimilar]
	}
	return nil
}

// earlier reads a candidate, opening it unless its features are remembered; lead is the report that a copy of it would
// hang on. ok is false where it is gone.
func (s *Service) earlier(ctx context.Context, c candidate) (f screening.Features, lead heed.ID, ok bool, err error) {
	if c.near != nil {
		return *c.near, c.id, true, nil
	}
	var r *heed.Report
	var wrapped []byte
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if r, err = tx.Report(ctx, c.id); err != nil {
			return err
		}
		wrapped, err = tx.WrappedKey(ctx, c.id)
		return err
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return f, "", false, nil
	}
	if err != nil || r.State == heed.Withdrawn || r.State == heed.Erased || r.State == heed.RefusalProposed {
		return f, "", false, err
	}
	lead = r.ID
	if r.Lead != "" {
		lead = r.Lead
	}
	if f, ok = s.machine.recall(c.id); ok {
		return f, lead, true, nil
	}
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, c.id, wrapped)
	if err != nil {
		return f, "", false, fmt.Errorf("open the report's keys: %w", err)
	}
	content, err := s.content(r, &keys)
	if err != nil {
		return f, "", false, err
	}
	_, f = s.machine.assess(account{ID: c.id, Text: content.Text, Language: r.Language, Channel: r.Channel, ReceivedAt: r.ReceivedAt})
	s.machine.remember(c.id, f, s.cfg.Now())
	return f, lead, true, nil
}
