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
	maxCandidates = 12 // reports asked for
	maxOpened     = 8  // of them, opened and compared as texts
	maxCampaign   = 200
)

// candidate is an earlier report that shares marks with the one being screened.
type candidate struct {
	id   heed.ID
	near *screening.Features // where it is in the same batch
}

// relate finds for each item the earlier reports like it, those of its own batch included.
func (s *Service) relate(ctx context.Context, processors int, items []*item) error {
	found := make([][]candidate, len(items))
	s.addNear(items, found)
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		for i, it := range items {
			asked := it.marks.Asked()
			if it.failed || len(asked) == 0 {
				continue
			}
			earlier, counts, err := tx.Candidates(ctx, asked, it.report.ReceivedAt.Add(-similarWindow), maxCandidates)
			if err != nil {
				return err
			}
			it.counts = counts
			for _, c := range earlier {
				if c.Report != it.report.ID {
					found[i] = append(found[i], candidate{id: c.Report})
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.judgeAll(ctx, processors, items, found); err != nil {
		return err
	}
	toOriginals(items)
	return nil
}

// toOriginals lets what copies a copy of the same batch be a copy of that one's original.
func toOriginals(items []*item) {
	originals := map[heed.ID]heed.ID{}
	for _, it := range items {
		if it.result.DuplicateOf == nil {
			continue
		}
		if original, ok := originals[*it.result.DuplicateOf]; ok {
			it.result.DuplicateOf = &original
		}
		originals[it.report.ID] = *it.result.DuplicateOf
	}
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

// addNear gives each item as candidates the earlier items of the same batch that share most marks with it.
func (s *Service) addNear(items []*item, found [][]candidate) {
	having := map[int64][]int{}
	reads := make([]screening.Features, len(items)) // copies: the items are judged at the same time
	for i, it := range items {
		if it.failed {
			continue
		}
		reads[i] = it.read
		shared := map[int]int{}
		for _, m := range it.marks.Asked() {
			for _, j := range having[m] {
				shared[j]++
			}
			if len(having[m]) < screening.MarkCommon {
				having[m] = append(having[m], i)
			}
		}
		for _, j := range mostShared(shared) {
			found[i] = append(found[i], candidate{items[j].report.ID, &reads[j]})
		}
	}
}

// mostShared gives the few items with the most marks in common, in order.
func mostShared(shared map[int]int) []int {
	items := make([]int, 0, len(shared))
	for j := range shared {
		items = append(items, j)
	}
	slices.SortFunc(items, func(a, b int) int { return cmp.Or(shared[b]-shared[a], a-b) })
	return items[:min(len(items), maxOpened/2)]
}

// judge opens the likeliest candidates and lets the machine relate the accounts.
func (s *Service) judge(ctx context.Context, it *item, candidates []candidate) error {
	var found []screening.Found
	seen := map[heed.ID]bool{}
	for _, c := range candidates {
		if len(found) == maxOpened {
			break
		}
		if seen[c.id] {
			continue
		}
		seen[c.id] = true
		f, ok, err := s.earlier(ctx, c)
		if err != nil {
			return err
		}
		if ok {
			found = append(found, f)
		}
	}
	read := it.read
	read.Temper(s.machine.key, it.counts)
	screening.Place(&it.result, read, found)
	for _, f := range found {
		if screening.Same(f.Features, it.read) {
			it.twins = append(it.twins, f.ID)
		}
	}
	lead := it.report.ID
	if it.result.DuplicateOf != nil {
		lead = *it.result.DuplicateOf
	}
	if !it.result.Refuse {
		s.machine.remember(screening.Found{ID: it.report.ID, Lead: lead, Features: it.read}, s.cfg.Now())
	}
	return s.campaign(ctx, it)
}

// campaign counts the latest reports that are near enough to be copies of what the item is a copy of.
func (s *Service) campaign(ctx context.Context, it *item) error {
	if it.result.DuplicateOf == nil {
		return nil
	}
	return s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		since := it.report.ReceivedAt.Add(-screening.CampaignWindow)
		latest, _, err := tx.Candidates(ctx, it.marks.Asked(), since, maxCampaign)
		copies := 1
		for _, c := range latest {
			if c.Report != it.report.ID && c.Shared >= screening.CopyShares {
				copies++
			}
		}
		screening.Campaign(&it.result, copies)
		return err
	})
}

// earlier reads a candidate, opening it unless its features are remembered. ok is false where it is gone, or kept from the
// search.
func (s *Service) earlier(ctx context.Context, c candidate) (f screening.Found, ok bool, err error) {
	if c.near != nil {
		return screening.Found{ID: c.id, Lead: c.id, Features: *c.near}, true, nil
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
		return f, false, nil
	}
	if err != nil || r.State == heed.Withdrawn || r.State == heed.Erased || r.State == heed.RefusalProposed {
		return f, false, err
	}
	f, ok = s.machine.recall(c.id)
	if !ok {
		if f, err = s.reread(ctx, r, wrapped); err != nil {
			return f, false, err
		}
		s.machine.remember(f, s.cfg.Now())
	}
	if r.Lead != "" {
		f.Lead = r.Lead
	}
	return f, true, nil
}

// reread opens a report and makes its features again.
func (s *Service) reread(ctx context.Context, r *heed.Report, wrapped []byte) (f screening.Found, err error) {
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, r.ID, wrapped)
	if err != nil {
		return f, fmt.Errorf("open the report's keys: %w", err)
	}
	content, err := s.content(r, &keys)
	if err != nil {
		return f, err
	}
	var before *heed.Screening
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		before, _, err = s.screening(ctx, tx, r.ID, &keys)
		return err
	})
	if err != nil {
		return f, err
	}
	f = screening.Found{ID: r.ID, Lead: r.ID}
	a := account{ID: r.ID, Text: content.Text, Language: r.Language, Channel: r.Channel, ReceivedAt: r.ReceivedAt}
	if before == nil {
		_, f.Features = s.machine.assess(a)
		return f, nil
	}
	f.Features = screening.Recall(a.input(), *before)
	if before.DuplicateOf != nil {
		f.Lead = *before.DuplicateOf
	}
	return f, nil
}
