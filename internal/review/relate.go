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

// relate finds for each item the earlier reports like it, those of its own batch included, on so many processors. A failure of
// the store fails them all, to be tried again; it is no fault of a report's.
func (s *Service) relate(ctx context.Context, processors int, items []*item) error {
	near := nearby(items)
	var mu sync.Mutex
	var failed error
	s.parallel(processors, items, func(it *item) error {
		if err := s.judge(ctx, it, near[it.report.ID]); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failed = err
		}
		return nil
	})
	mu.Lock()
	defer mu.Unlock()
	if failed != nil {
		return failed
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

// nearby gives for each item the earlier items of the same batch that share most marks with it.
func nearby(items []*item) map[heed.ID][]screening.Found {
	near := map[heed.ID][]screening.Found{}
	having := map[int64][]int{}
	for i, it := range items {
		if it.failed {
			continue
		}
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
			id := items[j].report.ID
			near[it.report.ID] = append(near[it.report.ID], screening.Found{ID: id, Lead: id, Features: items[j].read})
		}
	}
	return near
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

// judge lets the machine relate the account to those near it in its batch and to the likeliest of the store.
func (s *Service) judge(ctx context.Context, it *item, found []screening.Found) error {
	stored, err := s.likeliest(ctx, it, found)
	if err != nil {
		return err
	}
	for _, e := range stored {
		if !e.remembered {
			if e.found, err = s.reread(e); err != nil {
				return err
			}
			s.memory.remember(e.found, s.cfg.Now())
		}
		if e.report.Lead != "" {
			e.found.Lead = e.report.Lead
		}
		found = append(found, e.found)
	}
	read := it.read
	read.Temper(s.cfg.Matching, it.counts)
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
		s.memory.remember(screening.Found{ID: it.report.ID, Lead: lead, Features: it.read}, s.cfg.Now())
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

// earlier is a stored report that shares marks with the one being screened.
type earlier struct {
	report     *heed.Report
	found      screening.Found
	remembered bool                  // found is what is remembered of it; else it is to be read again, from
	wrapped    []byte                // its keys and
	screened   *heed.ScreeningRecord // its Screening, nil where it has none
}

// likeliest gives, in one transaction, the stored reports to be compared with the item besides those of its batch, and counts for
// the item how many reports have each of its marks.
func (s *Service) likeliest(ctx context.Context, it *item, batch []screening.Found) (stored []earlier, err error) {
	asked := it.marks.Asked()
	if len(asked) == 0 {
		return nil, nil
	}
	known := map[heed.ID]bool{it.report.ID: true}
	for _, f := range batch {
		known[f.ID] = true
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		stored = nil
		candidates, counts, err := tx.Candidates(ctx, asked, it.report.ReceivedAt.Add(-similarWindow), maxCandidates)
		if err != nil {
			return err
		}
		it.counts = counts
		for _, c := range candidates {
			if known[c.Report] || len(batch)+len(stored) == maxOpened {
				continue
			}
			e, ok, err := s.earlier(ctx, tx, c.Report)
			if err != nil {
				return err
			}
			if ok {
				stored = append(stored, e)
			}
		}
		return nil
	})
	return stored, err
}

// earlier gets what a report's features are made of, unless they are remembered. ok is false where it is gone, or kept from the
// search.
func (s *Service) earlier(ctx context.Context, tx heed.Tx, id heed.ID) (e earlier, ok bool, err error) {
	e.report, err = tx.Report(ctx, id)
	if errors.Is(err, heed.ErrNotFound) {
		return e, false, nil
	}
	if err != nil || e.report.State == heed.Withdrawn || e.report.State == heed.Erased || e.report.State == heed.RefusalProposed {
		return e, false, err
	}
	if e.found, e.remembered = s.memory.recall(id); e.remembered {
		return e, true, nil
	}
	e.wrapped, err = tx.WrappedKey(ctx, id)
	if errors.Is(err, heed.ErrGone) {
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	e.screened, err = tx.Screening(ctx, id)
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return e, false, err
	}
	return e, true, nil
}

// reread opens a report and makes its features again.
func (s *Service) reread(e earlier) (f screening.Found, err error) {
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, e.report.ID, e.wrapped)
	if err != nil {
		return f, fmt.Errorf("open the report's keys: %w", err)
	}
	content, err := s.content(e.report, &keys)
	if err != nil {
		return f, err
	}
	f = screening.Found{ID: e.report.ID, Lead: e.report.ID}
	said := told(e.report, content.Text)
	if e.screened == nil || e.screened.Failed {
		_, f.Features = s.cfg.Screener.Assess(said)
		return f, nil
	}
	before, err := s.openScreening(e.screened, &keys)
	if err != nil {
		return f, err
	}
	f.Features = screening.Recall(said, *before)
	if before.DuplicateOf != nil {
		f.Lead = *before.DuplicateOf
	}
	return f, nil
}
