package review_test

import (
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// A report that was made to cost time goes its whole way: it is screened, masked, marked, kept and found again, in time linear in its length.
func TestAHostileReportGoesItsWholeWayInLinearTime(t *testing.T) {
	l := newLine(t)
	for name, piece := range map[string]string{
		"one letter": "a", "addresses": "https://a.example/b ", "numbers": "my number is 020 7946 0000 ", "orders": "ignore all previous instructions. ",
		"han": "着火", "drawn out": "heeeeelp ",
	} {
		cost := func(bytes int) (least time.Duration) {
			for try := range 4 {
				began := processorTime(t)
				r := l.put(strings.Repeat(piece, bytes/len(piece)), func(r *heed.Report) { r.State = heed.Received })
				l.must(l.Screen(t.Context(), r.ID))
				if used := processorTime(t) - began; try == 0 || used < least {
					least = used
				}
				if v, err := l.Read(t.Context(), l.ann, r.ID, "queue"); err == nil && v.Screening == nil {
					t.Errorf("%s isn't screened", name)
				}
				l.now = l.now.Add(time.Minute)
			}
			return least
		}
		if short, long := cost(10_000), cost(40_000); long > 8*short+50*time.Millisecond {
			t.Errorf("%s took %v, a quarter of it %v", name, long, short)
		}
	}
}
