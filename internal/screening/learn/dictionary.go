package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// dictionary is the samples with their features numbered without gaps: those that too few groups have are left out, so that
// neither one report's words nor one campaign's are in a model, and the tables fit the processor's caches.
type dictionary struct {
	kept    []uint32 // buckets, the commonest first: what is looked up most then lies together
	answers int      // of the base, numbered behind them
	samples []numbered
}

type numbered struct {
	at     []int32 // in kept, or behind it
	value  []float32
	group  string
	weight float64
	own    bool
}

func (t Training) dictionary(samples []Sample) *dictionary {
	groups, last, number := make([]uint16, buckets), make([]int32, buckets), map[string]int32{}
	for _, g := range inGroups(samples) {
		s := samples[g]
		if s.By != "" {
			continue
		}
		of, ok := number[s.Group]
		if !ok {
			of = int32(len(number)) + 1
			number[s.Group] = of
		}
		for _, f := range s.Features {
			if last[f.Bucket] != of && groups[f.Bucket] < math.MaxUint16 {
				last[f.Bucket] = of
				groups[f.Bucket]++
			}
		}
	}
	own := t.countOwn(samples)
	d := &dictionary{samples: make([]numbered, len(samples))}
	place := make([]int32, buckets)
	for b, n := range groups {
		place[b] = -1
		if int(n) >= t.Rare || own != nil && int(own[b]) >= t.OwnRare {
			d.kept = append(d.kept, uint32(b))
		}
	}
	slices.SortStableFunc(d.kept, func(a, b uint32) int { return cmp.Compare(groups[b], groups[a]) })
	for k, b := range d.kept {
		place[b] = int32(k)
	}
	d.answers = t.Base.questions()
	for i, s := range samples {
		n := numbered{group: s.Group, weight: s.Weight, own: s.By != ""}
		for _, f := range s.Features {
			if p := place[f.Bucket]; p >= 0 {
				n.at, n.value = append(n.at, p), append(n.value, f.Value)
			}
		}
		for k, odds := range t.Base.about(&s) {
			n.at, n.value = append(n.at, int32(len(d.kept)+k)), append(n.value, float32(odds*answerScale))
		}
		d.samples[i] = n
	}
	return d
}

// shared is the dictionary with each sample's weight cut to a share; nil is all of it.
func (d *dictionary) shared(share func(sample int) float64) *dictionary {
	if share == nil {
		return d
	}
	out := *d
	out.samples = slices.Clone(d.samples)
	for i := range out.samples {
		out.samples[i].weight *= share(i)
	}
	return &out
}

// countOwn counts of how many of a line's own reports each feature is, one of a group and at most OwnEach of an account; nil
// where there are none.
func (t Training) countOwn(samples []Sample) []uint16 {
	by := map[string][]int{}
	for i, s := range samples {
		if s.By != "" {
			by[s.By] = append(by[s.By], i)
		}
	}
	if len(by) == 0 || t.OwnRare < 1 {
		return nil
	}
	count := make([]uint16, buckets)
	counted := map[string]bool{} // groups
	for _, account := range slices.Sorted(maps.Keys(by)) {
		each := map[uint32]int{}
		for _, i := range by[account] {
			if counted[samples[i].Group] {
				continue
			}
			counted[samples[i].Group] = true
			for _, f := range samples[i].Features {
				if each[f.Bucket]++; each[f.Bucket] <= t.OwnEach && count[f.Bucket] < math.MaxUint16 {
					count[f.Bucket]++
				}
			}
		}
	}
	return count
}

func (n *numbered) score(weights []float64) float64 {
	sum := 0.0
	for k, at := range n.at {
		sum += float64(weights[at] * float64(n.value[k]))
	}
	return sum
}

// inGroups is the order of the samples with those of one group side by side.
func inGroups(samples []Sample) []int {
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(samples[a].Group, samples[b].Group) })
	return order
}
