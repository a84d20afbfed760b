package screening

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSpreadNumbersAreSortedAndSoAreThoseThatAreNot(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for name, next := range map[string]func(i int) uint64{
		"spread":         func(int) uint64 { return random.Uint64() },
		"in one place":   func(int) uint64 { return 7<<56 | random.Uint64()>>8 },
		"falling in one": func(i int) uint64 { return 7<<56 - uint64(i) },
		"few":            func(int) uint64 { return random.Uint64N(5) << 55 },
	} {
		for _, n := range []int{0, 1, 2, 63, 64, 300, 5000} {
			list := make([]uint64, n)
			for i := range list {
				list[i] = next(i)
			}
			want := slices.Sorted(slices.Values(list))
			if sortSpread(list, make([]uint64, n), 64-8); !slices.Equal(list, want) {
				t.Errorf("%d %s are not in order", n, name)
			}
		}
	}
}

func TestTheRarestMarksAreKeptAndOfEqualOnesTheFirst(t *testing.T) {
	marks := []int64{1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		counts []int
		n      int
		want   []int64
	}{
		{[]int{3, 1, 3, 0, 3, 3}, 4, []int64{1, 2, 3, 4}},
		{[]int{MarkCommon, 1, MarkCommon - 1, 0, MarkCommon + 9, MarkCommon}, 4, []int64{2, 3, 4}},
		{[]int{0, 0, 0, 0, 0, 0}, 2, []int64{1, 2}},
		{[]int{9, 8, 7, 6, 5, 4}, 9, marks},
	} {
		if kept := appendRarest(nil, marks, c.n, c.counts); !slices.Equal(kept, c.want) {
			t.Errorf("%d by %v: %v, want %v", c.n, c.counts, kept, c.want)
		}
	}
}
