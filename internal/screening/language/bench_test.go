package language

import (
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/training"
)

// BenchmarkSentence is the time that it takes to tell the language of one of the shipped training texts, most of which are a
// sentence or two, by their script. At most 50 µs are demanded.
func BenchmarkSentence(b *testing.B) {
	reports, err := training.Reports()
	if err != nil {
		b.Fatal(err)
	}
	m := Default()
	for _, tag := range [...]string{"en", "zh-Hans", "ar", "ru", "hi"} {
		b.Run(tag, func(b *testing.B) {
			var texts []string
			for _, r := range reports {
				if r.Language == tag && strings.Count(r.Text, " ") < 30 && len(r.Text) < 400 {
					texts = append(texts, r.Text)
				}
			}
			for i := 0; b.Loop(); i++ {
				m.Detect(texts[i%len(texts)])
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/sentence")
		})
	}
}
