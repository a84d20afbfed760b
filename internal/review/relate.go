package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

const (
	maxCandidates = 12 // reports asked for
	maxOpened     = 8  // of them, opened and compared as texts
	maxCampaign   = 200
)

// relate finds for each item the earlier reports like it, those of its own batch and those just placed before it included, on so many
// processors. A failure of the store fails them all, to be tried again; it is no fault of a report's.
func (s *Service) relate(ctx context.Context, processors int, before []placed, items []*item) error {
	near := nearby(before, items)
	stored, err := s.likeliest(ctx, processors, items, near)
	if err != nil {
		return err
	}
	s.parallel(processors, items, func(it *item) error {
		s.judge(it, append(near[it.report.ID], stored[it.report.ID]...))
		return nil
	})
	toOriginals(items)
	for _, it := range items {
		if !it.failed {
			screening.Campaign(&it.result, 1+min(it.close, maxCampaign))
			if !it.result.Refuse {
				s.memory.remember(it.found(), s.cfg.Now())
			}
		}
	}
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

// judge lets the machine relate the account to those near it.
func (s *Service) judge(it *item, found []screening.Found) {
	read := it.read
	read.Temper(s.cfg.Matching, it.counts)
	screening.Place(&it.result, read, found)
	for _, f := range found {
		if screening.Same(f.Features, it.read) {
			it.twins = append(it.twins, f.ID)
		}
	}
}

// earlier is a stored report that shares marks with one being screened.
type earlier struct {
	report   *heed.Report
	found    screening.Found
	wrapped  []byte                // its keys and
	screened *heed.ScreeningRecord // its Screening, nil where it has none
	copies   []*heed.SafeCopy      // in which its words were heard, where none were written
	readable bool                  // found is there
}

// likeliest gives the stored reports to be compared with each item besides those of its batch, and counts for the items how many
// reports have each of their marks. What the store holds of all of them is got together, and each report is opened once.
func (s *Service) likeliest(ctx context.Context, processors int, items []*item, batch map[heed.ID][]screening.Found) (map[heed.ID][]screening.Found, error) {
	var likely map[heed.ID][]heed.ID
	var all map[heed.ID]*earlier
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if likely, err = s.promising(ctx, tx, items, batch); err == nil {
			all, err = s.earlier(ctx, tx, likely)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var reread []*earlier
	for _, e := range all {
		if e.wrapped != nil {
			reread = append(reread, e)
		}
	}
	s.rereadAll(processors, reread)
	stored := make(map[heed.ID][]screening.Found, len(likely))
	for id, of := range likely {
		for _, other := range of {
			if e := all[other]; e != nil && e.readable {
				stored[id] = append(stored[id], e.found)
			}
		}
	}
	return stored, nil
}

// promising gives for each item the stored reports whose sketches promise something, those with the rarest marks first. A report that was
// screened before is not among the items, so none finds itself.
func (s *Service) promising(ctx context.Context, tx heed.Tx, items []*item, batch map[heed.ID][]screening.Found) (map[heed.ID][]heed.ID, error) {
	asks := make([]heed.Ask, len(items))
	for i, it := range items {
		if !it.failed {
			received := it.report.ReceivedAt
			asks[i] = heed.Ask{
				Marks: it.marks.Asked(), Since: received.Add(-similarWindow), Promises: s.promises(it),
				Close: screening.CopyShares, Lately: received.Add(-screening.CampaignWindow),
			}
		}
	}
	near, err := tx.Candidates(ctx, asks, maxCandidates)
	if err != nil {
		return nil, err
	}
	for i, it := range items {
		it.counts, it.close = near[i].Counts, near[i].Close
	}
	heads, err := newestOfFloods(ctx, tx, items)
	if err != nil {
		return nil, err
	}
	likely := make(map[heed.ID][]heed.ID, len(items))
	for i, it := range items {
		known := map[heed.ID]bool{it.report.ID: true}
		for _, f := range batch[it.report.ID] {
			known[f.ID] = true
		}
		most := maxOpened - len(batch[it.report.ID])
		for _, c := range append(heads[it.report.ID], near[i].Found...) {
			if of := likely[it.report.ID]; len(of) < most && !known[c.Report] {
				likely[it.report.ID], known[c.Report] = append(of, c.Report), true
			}
		}
	}
	return likely, nil
}

const (
	// maxHeads is how many of the newest reports of a flood of one text are opened: the last under which its copies may wait is among them, though
	// people changed a few of them.
	maxHeads = 4
	// maxWhole is how many reports are found by one text's whole at most.
	maxWhole = screening.MarkCommon + screening.MarkCommon/2
)

// newestOfFloods gives, for each item whose very words so many reports have that hardly any more are found by them, the newest of those that
// are. By their other marks the oldest would come first, about which people have decided long ago.
func newestOfFloods(ctx context.Context, tx heed.ScreeningTx, items []*item) (map[heed.ID][]heed.Candidate, error) {
	var of []*item
	var asks []heed.Ask
	for _, it := range items {
		if whole := it.marks.Whole(); !it.failed && it.often(whole) >= screening.MarkCommon {
			of, asks = append(of, it), append(asks, heed.Ask{Marks: whole, Since: it.report.ReceivedAt.Add(-similarWindow)})
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	near, err := tx.Candidates(ctx, asks, maxHeads)
	if err != nil {
		return nil, err
	}
	newest := make(map[heed.ID][]heed.Candidate, len(of))
	for i, it := range of {
		newest[it.report.ID] = near[i].Found
	}
	return newest, nil
}

// often is how many reports have the mark of the whole text.
func (it *item) often(whole []int64) (n int) {
	for _, m := range whole {
		n = it.counts[m]
	}
	return n
}

// kept is what the report is to be found by: also by its whole, however many have it, where the next of a flood are to wait under it.
func (it *item) kept() []int64 {
	kept, whole := it.marks.Kept(func(m int64) int { return it.counts[m] }), it.marks.Whole()
	if it.heads && it.often(whole) < maxWhole {
		kept = append(kept, whole...)
		slices.Sort(kept)
	}
	return slices.Compact(kept)
}

// promises is heed.Ask.Promises for the item.
func (s *Service) promises(it *item) func(counts map[int64]int, sketch []byte, day time.Time) bool {
	var prospect *screening.Prospect
	return func(counts map[int64]int, sketch []byte, day time.Time) bool {
		if prospect == nil {
			read := it.read
			read.Temper(s.cfg.Matching, counts)
			prospect = screening.NewProspect(s.cfg.Matching, read, it.marks)
		}
		return prospect.Promises(sketch, day.Sub(it.report.ReceivedAt))
	}
}

// earlier gets what the reports' features are made of, unless they are remembered. What is gone, or kept from the search, isn't
// among them.
func (s *Service) earlier(ctx context.Context, tx heed.Tx, likely map[heed.ID][]heed.ID) (map[heed.ID]*earlier, error) {
	named := map[heed.ID]bool{}
	for _, of := range likely {
		for _, id := range of {
			named[id] = true
		}
	}
	reports, err := tx.ReportsOf(ctx, slices.Sorted(maps.Keys(named)))
	if err != nil {
		return nil, err
	}
	all := make(map[heed.ID]*earlier, len(reports))
	var closed []heed.ID
	for id, r := range reports {
		if r.State == heed.Withdrawn || r.State == heed.Erased || r.State == heed.RefusalProposed {
			continue
		}
		e := &earlier{report: r}
		if e.found, e.readable = s.memory.recall(id); e.readable {
			e.linked()
		} else {
			closed = append(closed, id)
		}
		all[id] = e
	}
	keys, err := tx.WrappedKeys(ctx, closed)
	if err != nil {
		return nil, err
	}
	screened, err := tx.Screenings(ctx, closed)
	if err != nil {
		return nil, err
	}
	for _, id := range closed {
		e := all[id]
		if e.wrapped, e.screened = keys[id], screened[id]; keys[id] == nil {
			delete(all, id)
			continue
		}
		if e.copies, err = copiesIfSpoken(ctx, tx, e.report); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// linked lets what copies the report hang on what a person linked it to.
func (e *earlier) linked() {
	if e.report.Lead != "" {
		e.found.Lead = e.report.Lead
	}
}

// rereadAll makes the features of the reports again, on so many processors. What can't be read again is compared with nothing: it is
// no fault of those that come after it.
func (s *Service) rereadAll(processors int, all []*earlier) {
	each(processors, len(all), func(i int) {
		e := all[i]
		read := make(chan screening.Found, 1) // where it takes too long, nobody waits for it
		err := bounded(func() error {
			found, err := s.reread(e)
			read <- found
			return err
		})
		if err != nil {
			s.cfg.Log.Warn("an earlier report could not be compared", "report", string(e.report.ID), "cause", cause(err))
			return
		}
		e.found, e.readable = <-read, true
		s.memory.remember(e.found, s.cfg.Now())
		e.linked()
	})
}

// reread opens a report and makes its features again.
func (s *Service) reread(e *earlier) (f screening.Found, err error) {
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, e.report.ID, e.wrapped)
	if err != nil {
		return f, fmt.Errorf("open the report's keys: %w", err)
	}
	content, err := s.content(e.report, &keys)
	if err != nil {
		return f, err
	}
	spoken := content.Spoken()
	if spoken {
		if content.Text, err = s.heard(&keys, e.copies); err != nil {
			return f, err
		}
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
	if spoken {
		said.Text, *before = ofHeard(said.Text, e.report.Language, *before)
	}
	f.Features = s.cfg.Screener.Recall(said, *before)
	if before.DuplicateOf != nil {
		f.Lead = *before.DuplicateOf
	}
	return f, nil
}
