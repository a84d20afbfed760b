package language

import (
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/screening/training"
)

// BenchmarkSentence is the time that it takes to tell the language of one of the shipped training texts, most of which are a
// sentence or two, by their script, once the words have been met before. At most 50 µs are demanded.
func BenchmarkSentence(b *testing.B) {
	m := Default()
	for _, tag := range measured {
		b.Run(tag, func(b *testing.B) {
			texts := sentencesIn(b, tag)
			began := processorTime(b)
			for i := 0; b.Loop(); i++ {
				m.Detect(texts[i%len(texts)])
			}
			b.ReportMetric(float64((processorTime(b)-began).Nanoseconds())/1000/float64(b.N), "cpu-µs/sentence")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/sentence")
		})
	}
}

// BenchmarkFirstSentence is the same for sentences that were never met before in the run, nor any of their words but the shortest: the
// letters of each of the longer ones are drawn anew from its language's own. So nothing that the model keeps of earlier texts helps,
// and it is slower than any real text.
func BenchmarkFirstSentence(b *testing.B) {
	m := Default()
	for _, tag := range measured {
		b.Run(tag, func(b *testing.B) {
			texts, random := sentencesIn(b, tag), rand.New(rand.NewPCG(1, 2))
			letters := lettersOf(texts)
			var used time.Duration
			const batch = 200
			fresh := make([]string, batch)
			b.ResetTimer() // else one batch, behind the reading of the texts, is all that half a second has
			for range b.N {
				for i := range fresh {
					fresh[i] = strange(texts[random.IntN(len(texts))], letters, random)
				}
				began := processorTime(b)
				for _, s := range fresh {
					m.Detect(s)
				}
				used += processorTime(b) - began
			}
			b.ReportMetric(float64(used.Nanoseconds())/1000/float64(batch*b.N), "cpu-µs/sentence")
		})
	}
}

var measured = [...]string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt", "de", "hi", "ja"}

func sentencesIn(b *testing.B, tag string) (texts []string) {
	reports, err := training.Reports()
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range reports {
		if r.Language == tag && strings.Count(r.Text, " ") < 30 && len(r.Text) < 400 {
			texts = append(texts, r.Text)
		}
	}
	return texts
}

// lettersOf are the letters of texts, each as often as it stands there.
func lettersOf(texts []string) (letters []rune) {
	for _, t := range texts {
		for _, r := range t {
			if groupOf(r) >= 0 {
				letters = append(letters, r)
			}
		}
	}
	return letters
}

// strange is a sentence with two letters of three replaced, in words of four and more.
func strange(s string, letters []rune, random *rand.Rand) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		of := []rune(w)
		if len(of) < 4 || slices.ContainsFunc(of[1:], func(r rune) bool { return r < 0x80 && groupOf(r) < 0 }) {
			continue
		}
		for k := range of {
			if k%3 != 0 && groupOf(of[k]) >= 0 {
				of[k] = letters[random.IntN(len(letters))]
			}
		}
		words[i] = string(of)
	}
	return strings.Join(words, " ")
}

// processorTime is what this process has used of the processor.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
