package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// turn is had by one at a time.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits until nobody has it.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for those before: %w", ctx.Err())
	}
}

func (t turn) leave() { <-t }

// placed is a report whose place among the earlier ones is found: what those after it are compared with until it is stored.
type placed struct {
	asked []int64 // marks
	found screening.Found
}

// place finds what is like the reports of one chunk, and stores them, when it is their turn. While they are stored the next ones are placed
// already, and are compared with them as they stand in s.unstored: what is stored is stored in the order in which it was placed.
func (s *Service) place(ctx context.Context, processors int, chunk []*item) error {
	if err := s.placeNext(ctx, processors, chunk); err != nil {
		return err
	}
	defer func() {
		s.unstored.Store(nil)
		s.storing.leave()
	}()
	s.parallel(processors, chunk, s.sealResult)
	if err := s.store(ctx, chunk); err != nil {
		return fmt.Errorf("store screenings: %w", err)
	}
	return nil
}

// placeNext is the first half of place. It ends in the turn to store.
func (s *Service) placeNext(ctx context.Context, processors int, chunk []*item) error {
	if err := s.placing.take(ctx); err != nil {
		return err
	}
	defer s.placing.leave()
	var before []placed
	if some := s.unstored.Load(); some != nil {
		before = *some
	}
	if err := s.relate(ctx, processors, before, chunk); err != nil {
		return fmt.Errorf("find similar reports: %w", err)
	}
	if err := s.storing.take(ctx); err != nil { // those before are stored by then, and found there
		return err
	}
	var all []placed
	for _, it := range chunk {
		if !it.failed && !it.result.Refuse {
			all = append(all, it.placed())
		}
	}
	s.unstored.Store(&all)
	return nil
}

// placed is what others are compared with. What it hangs on is known once it is related.
func (it *item) placed() placed {
	lead := it.report.ID
	if it.result.DuplicateOf != nil {
		lead = *it.result.DuplicateOf
	}
	return placed{it.marks.Asked(), screening.Found{ID: it.report.ID, Lead: lead, Features: it.read}}
}

// nearby gives for each item those before it, and the earlier items of the same batch, that share most marks with it.
func nearby(before []placed, items []*item) map[heed.ID][]screening.Found {
	near := map[heed.ID][]screening.Found{}
	having := map[int64][]int{}
	all := make([]placed, 0, len(before)+len(items))
	add := func(p placed) {
		for _, m := range p.asked {
			if len(having[m]) < screening.MarkCommon {
				having[m] = append(having[m], len(all))
			}
		}
		all = append(all, p)
	}
	for _, p := range before {
		add(p)
	}
	for _, it := range items {
		if it.failed {
			continue
		}
		p, shared := it.placed(), map[int]int{}
		for _, m := range p.asked {
			for _, i := range having[m] {
				shared[i]++
			}
		}
		for _, i := range mostShared(shared) {
			if all[i].found.ID != it.report.ID { // it is tried again
				near[it.report.ID] = append(near[it.report.ID], all[i].found)
			}
		}
		add(p)
	}
	return near
}

// mostShared gives the few of those with the most marks in common, in order.
func mostShared(shared map[int]int) []int {
	all := make([]int, 0, len(shared))
	for i := range shared {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b int) int { return cmp.Or(shared[b]-shared[a], a-b) })
	return all[:min(len(all), maxOpened/2)]
}
