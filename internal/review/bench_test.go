package review_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/heed-line/heed"
)

// BenchmarkScreeningAnImport says how many imported reports a second are screened, with everything that is stored.
func BenchmarkScreeningAnImport(b *testing.B) {
	l := newLine(b)
	texts := []string{
		blocked, "Two lorries dumped barrels with green liquid at the river bank near the old mill, the fish are dead.",
		"A man with a knife threatens people at the bus stop of Harbour Street right now!",
		"They rang me and said my account 4556 7375 8689 9855 is blocked, I should pay 300 euros to unlock it.",
	}
	const batch = 100
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		group := make([]string, batch)
		for i := range group {
			group[i] = fmt.Sprintf("%s Seen by number %d at house %d.", texts[i%len(texts)], n*batch+i, i*7)
		}
		ids := l.submit(group...)
		b.StartTimer()
		l.must(l.Screen(b.Context(), ids...))
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "reports/s")
	var left int
	l.view(func(ctx context.Context, tx heed.Tx) (err error) {
		left, err = tx.CountReports(ctx, heed.ReportQuery{State: heed.InScreening}, 10)
		return err
	})
	if left > 0 {
		b.Error("reports were left in screening")
	}
}
