package learn

import "math"

// dictionary is the samples with their features numbered without gaps: those that too few samples have are left out, so that
// no single report's words are in a model, and the tables fit the processor's caches.
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
	count := make([]uint16, buckets)
	for _, s := range samples {
		for _, f := range s.Features {
			if count[f.Bucket] < math.MaxUint16 {
				count[f.Bucket]++
			}
		}
	}
	d := &dictionary{samples: make([]numbered, len(samples))}
	place := make([]int32, buckets)
	for b, n := range count {
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
