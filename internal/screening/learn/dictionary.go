package learn

import (
	"math"
	"slices"
	"strings"
)

// dictionary is the samples with their features numbered without gaps: those that too few groups have are left out, so that
// neither one report's words nor one campaign's are in a model, and the tables fit the processor's caches.
type dictionary struct {
	kept    []uint32 // buckets, ascending
	samples []numbered
}

type numbered struct {
	at     []int32 // in kept
	value  []float32
	group  string
	weight float64
}

func (t Training) dictionary(samples []Sample) *dictionary {
	groups, last, number := make([]uint16, buckets), make([]int32, buckets), map[string]int32{}
	for _, g := range inGroups(samples) {
		s := samples[g]
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
	d := &dictionary{samples: make([]numbered, len(samples))}
	place := make([]int32, buckets)
	for b, n := range groups {
		place[b] = -1
		if int(n) >= t.Rare {
			place[b] = int32(len(d.kept))
			d.kept = append(d.kept, uint32(b))
		}
	}
	for i, s := range samples {
		n := numbered{group: s.Group, weight: s.Weight}
		for _, f := range s.Features {
			if p := place[f.Bucket]; p >= 0 {
				n.at, n.value = append(n.at, p), append(n.value, f.Value)
			}
		}
		d.samples[i] = n
	}
	return d
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
