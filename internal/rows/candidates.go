package rows

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// markScan is how many of the newest reports one mark brings in. Marks that have become common aren't kept, but several
// nodes may have kept one at a time, and a look-up mustn't cost more for it.
const markScan = 100

// Candidates implements heed.ScreeningTx. All marks of all that ask are looked up together, each once.
func (t *Tx) Candidates(ctx context.Context, asks []heed.Ask, limit int) ([]heed.Near, error) {
	var all []int64
	for _, a := range asks {
		all = append(all, a.Marks...)
	}
	marks := distinct(all)
	lists := make([][]byte, len(marks))
	err := t.eachOf(ctx, "mark, reports", "marks", "mark", marks, "", func(into func(...any) error) error {
		var mark int64
		var list []byte
		err := into(&mark, &list)
		if i, ok := slices.BinarySearch(marks, mark); ok {
			lists[i] = list
		}
		return err
	})
	if err != nil {
		return nil, failed(err, "candidates")
	}
	near, best := make([]heed.Near, len(asks)), make([][]worthy, len(asks))
	var nums []int64
	var count tally
	for i := range asks {
		best[i] = count.worthiest(&asks[i], &near[i], marks, lists, int(capped(limit)))
		for _, w := range best[i] {
			nums = append(nums, w.num())
		}
	}
	sketched, err := t.sketches(ctx, distinct(nums))
	if err != nil {
		return nil, failed(err, "sketches of candidates")
	}
	return near, failed(t.nameCandidates(ctx, asks, near, best, sketched), "name candidates")
}

// sketches gives the reports' days and sketches, by their numbers.
func (t *Tx) sketches(ctx context.Context, nums []int64) (map[int64]heed.Candidate, error) {
	sketched := make(map[int64]heed.Candidate, len(nums))
	err := t.eachOf(ctx, "report, day, sketch", "fingerprints", "report", nums, "", func(into func(...any) error) error {
		var num, day int64
		var c heed.Candidate
		err := into(&num, &day, &c.Sketch)
		c.Day = time.Unix(day*24*60*60, 0).UTC()
		sketched[num] = c
		return err
	})
	return sketched, err
}

// nameCandidates answers the best of each that promise something. Only those are given their ids, for a report's row is in a place of
// its own.
func (t *Tx) nameCandidates(ctx context.Context, asks []heed.Ask, near []heed.Near, best [][]worthy, sketched map[int64]heed.Candidate) error {
	var nums []int64
	for i := range best {
		best[i] = slices.DeleteFunc(best[i], func(w worthy) bool {
			c, ok := sketched[w.num()]
			return !ok || asks[i].Promises != nil && !asks[i].Promises(near[i].Counts, c.Sketch, c.Day)
		})
		for _, w := range best[i] {
			nums = append(nums, w.num())
		}
	}
	names := make(map[int64]heed.ID, len(nums))
	err := t.eachOf(ctx, "r.num, r.id", "reports r", "r.num", distinct(nums), "", func(into func(...any) error) error {
		var num int64
		var id string
		err := into(&num, &id)
		names[num] = heed.ID(id)
		return err
	})
	for i := range best {
		for _, w := range best[i] {
			if id, ok := names[w.num()]; ok {
				c := sketched[w.num()]
				c.Report, c.Shared = id, w.shared
				near[i].Found = append(near[i].Found, c)
			}
		}
	}
	return err
}

// worthy is a report that has some of the marks asked for.
type worthy struct {
	posting int64 // its day and number, as newest gives them
	worth   int64 // the sum of a whole mark's worth by how many reports each has; in whole numbers, so that the order of adding is none
	shared  int
}

// num is the report's number.
func (w worthy) num() int64 { return w.posting & (1<<32 - 1) }

const wholeMark = 1 << 40

// tally counts what reports have of the marks asked for. At a million reports a look-up finds thousands, of which a dozen are wanted: so they
// are counted in one table, which serves for one look-up after another, and not sorted.
type tally struct {
	slots []slot // 2^n of them, in which a report is found from its number's hash on
	round uint32 // of which look-up a slot is; those of others are free
	used  []int32
}

// slot is worthy, with its round.
type slot struct {
	posting, worth int64
	shared         int32
	round          uint32
}

// reset makes room for so many reports of another look-up.
func (t *tally) reset(reports int) {
	if 2*reports > len(t.slots) {
		t.slots, t.round = make([]slot, 1<<bits.Len(uint(2*reports))), 0
	}
	t.round++
	t.used = t.used[:0]
}

// add counts a mark that tells so much, for those that have it.
func (t *tally) add(some []int64, worth int64) {
	slots, last := t.slots, uint32(len(t.slots)-1)
	for _, p := range some {
		i := uint32(p) * 0x9E3779B1 >> 8 & last
		for slots[i].round == t.round && uint32(slots[i].posting) != uint32(p) {
			i = (i + 1) & last
		}
		if s := &slots[i]; s.round == t.round {
			s.worth += worth
			s.shared++
		} else {
			*s = slot{p, worth, 1, t.round}
			t.used = append(t.used, int32(i))
		}
	}
}

// worthiest gives the reports with the rarest marks, the best first, the later of equals, and counts for near how many have each mark, and how
// many are close. lists are the reports of each of the marks, which ascend.
func (t *tally) worthiest(ask *heed.Ask, near *heed.Near, marks []int64, lists [][]byte, limit int) []worthy {
	asked, most := distinct(ask.Marks), 0
	found := make([][]byte, len(asked))
	for i, m := range asked {
		at, _ := slices.BinarySearch(marks, m)
		found[i] = lists[at]
		most += len(found[i]) / postingSize
	}
	t.reset(most)
	near.Counts = make(map[int64]int, len(asked))
	var some []int64
	for i, m := range asked {
		if some = newest(some[:0], found[i], dayOf(ask.Since)); len(some) == 0 {
			continue
		}
		near.Counts[m] = len(some)
		t.add(some, wholeMark/int64(len(some)))
	}
	before := func(a, b worthy) int { return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(b.num(), a.num())) }
	best, lately := make([]worthy, 0, min(limit, len(t.used))+1), dayOf(ask.Lately)
	for _, i := range t.used {
		w := worthy{t.slots[i].posting, t.slots[i].worth, int(t.slots[i].shared)}
		if ask.Close > 0 && w.shared >= ask.Close && w.posting>>32 >= lately {
			near.Close++
		}
		if len(best) == limit && before(w, best[limit-1]) > 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, w, before)
		best = slices.Insert(best, i, w)
		best = best[:min(len(best), limit)]
	}
	return best
}

// newest appends the reports of a mark's list that are of the day or later, of very many the newest: each the day and the number.
func newest(some []int64, list []byte, fromDay int64) []int64 {
	for ; len(list) >= postingSize; list = list[postingSize:] {
		if day, num := posting(list); day >= fromDay {
			some = append(some, day<<32|num)
		}
	}
	if len(some) > markScan {
		slices.Sort(some)
		some = some[len(some)-markScan:]
	}
	return some
}
