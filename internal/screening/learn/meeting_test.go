package learn

import (
	"math"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/screening/fold"
)

// meeting is a text of Chinese characters whose n-grams of three, searched for one after the other, fall into one word of the set of those
// that were seen, and so into one block of a model's buckets in 64; and the same number of characters at random.
func meeting(t *testing.T) (text, random string) {
	const cell, most = 1234, 2600
	chosen := []rune("火灾")
	used := map[uint64]bool{}
	meets, next := 0, rune(0)
	for len(chosen) < most {
		a, b := uint64(chosen[len(chosen)-2]), uint64(chosen[len(chosen)-1])
		found := rune('的')
		for range 20_000 {
			next = (next + 1) % 20_000
			key := uint64(denseSalt+3)<<48 | a<<32 | b<<16 | uint64(0x4e00+next)
			if !used[key] && bucket(key)/64%(1<<seenBits/64) == cell {
				used[key], found = true, 0x4e00+next
				meets++
				break
			}
		}
		chosen = append(chosen, found)
	}
	var r Reading
	r.Read(fold.New(string(chosen)))
	read := 0
	for _, g := range r.chars {
		if g.end-g.start == 9 && g.bucket/64%(1<<seenBits/64) == cell {
			read++
		}
	}
	if meets < most*9/10 || read < meets*9/10 {
		t.Fatalf("%d n-grams of %d meet, %d of them as they are read", meets, most, read)
	}
	other, source := slices.Clone(chosen), rand.New(rand.NewPCG(5, 5))
	for i := range other {
		other[i] = 0x4e00 + rune(source.IntN(20_000))
	}
	return string(chosen), string(other)
}

// N-grams are chosen to meet: what they cost is what others cost, for whatever falls into one place is neither searched nor chained there. The
// least of a few tries counts: what else the machine does lengthens the others.
func TestNGramsThatMeetInOnePlaceCostNoMoreThanOthers(t *testing.T) {
	m := many(20)
	met, random := meeting(t)
	cost := func(text string) time.Duration {
		var r Reading
		folded, least := fold.New(text), time.Duration(math.MaxInt64)
		for range 5 {
			began := used(t)
			for range 20 {
				r.Read(folded)
				m.AnswerText(&r, Hits{}, m.All())
			}
			least = min(least, used(t)-began)
		}
		return least
	}
	if a, b := cost(met), cost(random); a > 4*b+time.Millisecond {
		t.Errorf("%v, and as many at random %v", a, b)
	}
}

// used is what this process has had of the processor.
func used(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
