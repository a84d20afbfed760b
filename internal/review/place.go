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

// unstored are reports that are being stored.
type unstored struct {
	all    []placed
	stored bool // they were, by when it is the next ones' turn
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
	s.unstored.Load().stored = true
	return nil
}

// placeNext is the first half of place. It ends in the turn to store.
func (s *Service) placeNext(ctx context.Context, processors int, chunk []*item) error {
	if err := s.placing.take(ctx); err != nil {
		return err
	}
	defer s.placing.leave()
	before := s.unstored.Load()
	if before == nil {
		before = &unstored{stored: true}
	}
	unrelated := make([]item, len(chunk))
	for i, it := range chunk {
		unrelated[i] = *it
	}
	if err := s.relate(ctx, processors, before.all, chunk); err != nil {
		return fmt.Errorf("find similar reports: %w", err)
	}
	if err := s.storing.take(ctx); err != nil { // those before are stored by then, and found there
		return err
	}
	if !before.stored { // they come after these then: none may copy another that copies it
		for i, it := range chunk {
			*it = unrelated[i]
			s.memory.forget(it.report.ID)
		}
		if err := s.relate(ctx, processors, nil, chunk); err != nil {
			s.storing.leave()
			return fmt.Errorf("find similar reports anew: %w", err)
		}
	}
	var all []placed
	for _, it := range chunk {
		if !it.failed && !it.result.Refuse {
			all = append(all, it.placed())
		}
	}
	s.unstored.Store(&unstored{all: all})
	return nil
}

// placed is what others are compared with until it is stored.
func (it *item) placed() placed { return placed{it.marks.Asked(), it.found()} }

// found is what others are compared with. What it hangs on is known once it is related.
func (it *item) found() screening.Found {
	lead := it.report.ID
	if it.result.DuplicateOf != nil {
		lead = *it.result.DuplicateOf
	}
	return screening.Found{ID: it.report.ID, Lead: lead, Features: it.read}
}

// nearby gives for each item those before it, and the earlier items of the same batch, that share most marks with it.
func nearby(before []placed, items []*item) map[heed.ID][]screening.Found {
	near := make(map[heed.ID][]screening.Found, len(items))
	b := bench{having: map[int64]having{}}
	for _, p := range before {
		b.seat(p)
	}
	for _, it := range items {
		if it.failed {
			continue
		}
		p := it.placed()
		for _, i := range b.mostShared(p.asked) {
			if other := b.all[i].found; other.ID != it.report.ID { // it is tried again
				near[it.report.ID] = append(near[it.report.ID], other)
			}
		}
		b.seat(p)
	}
	return near
}

// bench are those that may be near others. Who has a mark is chained from the last one on: it is asked for a hundred times for each.
type bench struct {
	all    []placed
	shared []int32 // marks, with the one that is looked for; by the place in all
	having map[int64]having
	chain  []link
}

type having struct{ last, count int32 } // last is the link of who came last

type link struct{ who, before int32 }

func (b *bench) seat(p placed) {
	for _, m := range p.asked {
		if h, ok := b.having[m]; !ok || h.count < screening.MarkCommon {
			if !ok {
				h.last = -1
			}
			b.chain = append(b.chain, link{int32(len(b.all)), h.last})
			b.having[m] = having{int32(len(b.chain) - 1), h.count + 1}
		}
	}
	b.all, b.shared = append(b.all, p), append(b.shared, 0)
}

// mostShared gives the few of those with the most marks in common, in order.
func (b *bench) mostShared(asked []int64) []int32 {
	var some []int32
	for _, m := range asked {
		h, ok := b.having[m]
		for at := h.last; ok && at >= 0; at = b.chain[at].before {
			who := b.chain[at].who
			if b.shared[who]++; b.shared[who] == 1 {
				some = append(some, who)
			}
		}
	}
	slices.SortFunc(some, func(i, j int32) int { return cmp.Or(cmp.Compare(b.shared[j], b.shared[i]), cmp.Compare(i, j)) })
	for _, who := range some {
		b.shared[who] = 0
	}
	return some[:min(len(some), maxOpened/2)]
}
