package screening

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNoTwoReportsShareMoreThanTheirOutlinesSay(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	var set hashSet
	some := func(n int, of []uint32) Features {
		f := Features{outline: make([]uint32, outlineLength)}
		for range n {
			f.pairs = append(f.pairs, of[random.IntN(len(of))])
		}
		f.pairs = set.distinct(f.pairs)
		outlineOf(f.pairs, f.outline)
		return f
	}
	for n := range 200 {
		of := make([]uint32, 50+10*n)
		for i := range of {
			of[i] = random.Uint32() >> (n % 12)
		}
		a, b, both := some(1+2*n, of), some(1+3*n, of), 0
		for _, p := range a.pairs {
			if slices.Contains(b.pairs, p) {
				both++
			}
		}
		if most := mostShared(&a, &b); both > most {
			t.Fatalf("%d pairs are shared, at most %d by the outlines", both, most)
		}
	}
}

func TestRepeatedHashesAreDroppedAndTheOthersStayInOrder(t *testing.T) {
	var set hashSet
	for _, c := range [][2][]uint32{
		{{}, {}},
		{{0, 0, 7, 0, 7}, {0, 7}},
		{{3, 2, 3, 1, 2, 0}, {3, 2, 1, 0}},
	} {
		if got := set.distinct(slices.Clone(c[0])); !slices.Equal(got, c[1]) {
			t.Errorf("of %v stays %v", c[0], got)
		}
	}
	many := make([]uint32, 20_000)
	for i := range many {
		many[i] = uint32(i % 9000)
	}
	if got := set.distinct(many); len(got) != 9000 || got[8999] != 8999 {
		t.Errorf("%d are different", len(got))
	}
}
