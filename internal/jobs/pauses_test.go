package jobs

import (
	"testing"
	"time"
)

func TestAWeekOfTryingStaysFarBelowTheStoresBound(t *testing.T) {
	for _, c := range []struct {
		keepTrying  time.Duration
		least, most int
	}{
		{0, 1, 1},
		{time.Second, 2, 2},
		{tryDefault, 8, 8},
		{time.Hour, 15, 25},
		{7 * 24 * time.Hour, 300, 600},
	} {
		if n := attemptsWithin(c.keepTrying); n < c.least || n > c.most {
			t.Errorf("%v: %d attempts, want %d to %d", c.keepTrying, n, c.least, c.most)
		}
	}
}
