package review

import "testing"

// A draw that is right fails this once in 10^17 runs: 1,000 are expected, 31 is the standard deviation.
func TestOneOfTwentyIsReadBlind(t *testing.T) {
	n := 0
	for range 20_000 {
		if drawBlind() {
			n++
		}
	}
	if n < 730 || n > 1270 {
		t.Errorf("%d of 20,000 are drawn", n)
	}
}
