package main

import (
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"
)

// missesOfAKind are how long wrong Receipts of one kind took, in seconds, with their sum of squares.
type missesOfAKind struct{ n, sum, squares float64 }

func (m *missesOfAKind) add(seconds float64) {
	m.n, m.sum, m.squares = m.n+1, m.sum+seconds, m.squares+seconds*seconds
}

func (m *missesOfAKind) mean() float64 { return m.sum / m.n }

// uncertainty is the variance of the mean.
func (m *missesOfAKind) uncertainty() float64 {
	return (m.squares/m.n - m.mean()*m.mean()) / (m.n - 1)
}

// mostlyAlike is the bound of Welch's t beyond which dudect (Reparaz, Balasch, Verbauwhede 2017) calls two times different.
const mostlyAlike = 4.5

// TestANearMissTakesAsLongAsAFarOne compares wrong Receipts that share 19 digits with a right one with others that share none, in
// random turns, so that the machine's other work falls on both alike. Those slowed by it are left out on both sides.
func TestANearMissTakesAsLongAsAFarOne(t *testing.T) {
	if os.Getenv("HEED_SOAK") == "" {
		t.Skip("takes minutes and a quiet machine: HEED_SOAK=on, as make soak has it")
	}
	l := startLine(t)
	right := l.submit(map[string]any{"text": goodText})
	other := func(digit byte) byte { return '0' + (digit-'0'+1+byte(rand.IntN(9)))%10 }
	miss := func(from int) string {
		digits := []byte(right)
		for i := from; i < len(digits); i++ {
			digits[i] = other(digits[i])
		}
		return string(digits)
	}
	took := func(receipt string) float64 {
		begun := time.Now()
		if a := l.ask("GET", l.public+"/api/v1/status", nil, "Authorization", "Receipt "+receipt); a.status != http.StatusNotFound {
			t.Fatalf("answered %d", a.status)
		}
		return time.Since(begun).Seconds()
	}
	quick := math.Inf(1)
	for range 100 {
		quick = min(quick, took(miss(0)))
	}
	var near, far missesOfAKind
	for range 3000 {
		kind, from := &far, 0
		if rand.IntN(2) == 0 {
			kind, from = &near, 19
		}
		if seconds := took(miss(from)); seconds < 2*quick {
			kind.add(seconds)
		}
	}
	if near.n < 200 || far.n < 200 {
		t.Fatalf("the machine is too busy: %v and %v undisturbed", near.n, far.n)
	}
	apart := near.mean() - far.mean()
	welch := apart / math.Sqrt(near.uncertainty()+far.uncertainty())
	t.Logf("near %.3f ms (%v), far %.3f ms (%v), apart %.1f µs, t = %.2f", 1e3*near.mean(), near.n, 1e3*far.mean(), far.n, 1e6*apart, welch)
	if math.Abs(welch) > mostlyAlike {
		t.Errorf("near misses and far ones differ: t = %.1f", welch)
	}
}
