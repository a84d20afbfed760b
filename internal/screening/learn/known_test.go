package learn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestEveryKnownBucketHasItsRowAndNoOtherHasOne(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := []uint32{0, 1, 63, 64, 511, 512, 513, 1023, buckets - 1}
	for range 200_000 {
		some = append(some, random.Uint32N(buckets))
	}
	slices.Sort(some)
	some = slices.Compact(some)
	k := newKnown(string(encodeKnown(some)))
	if k.all != len(some) || !slices.Equal(k.buckets(), some) {
		t.Fatalf("%d of %d buckets are known", k.all, len(some))
	}
	next := 0
	for b := range uint32(buckets) {
		want := int32(unknown)
		if next < len(some) && some[next] == b {
			want = int32(next)
			next++
		}
		if row := k.row(b); row != want {
			t.Fatalf("bucket %d has row %d; want %d", b, row, want)
		}
	}
}

func TestAnEmptyModelKnowsNoBucket(t *testing.T) {
	k := newKnown(string(encodeKnown(nil)))
	if k.row(buckets-1) != unknown || k.all != 0 || len(k.buckets()) != 0 {
		t.Error("it knows one")
	}
}
