package screening

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/training"
)

// spoken10 are the languages that the measured reports are in.
var spoken10 = [...]string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt", "de", "hi", "ja"}

// hundredWords makes so many different reports of a hundred words, and what their last piece has beyond, of the shipped training texts (two
// hundred characters, where a script has no blanks): a few of one language one after the other, with numbers of their own. One in ten is an
// edited copy of an earlier one. languages nil: all, in turn.
func hundredWords(t testing.TB, n int, languages ...string) []Line {
	t.Helper()
	reports, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	if languages == nil {
		languages = spoken10[:]
	}
	texts := map[string][]string{}
	for _, r := range reports {
		texts[r.Language] = append(texts[r.Language], r.Text)
	}
	random := rand.New(rand.NewPCG(3, 100))
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	lines := make([]Line, n)
	for i := range lines {
		lang := languages[i%len(languages)]
		text := ""
		if i >= 10*len(languages) && i/len(languages)%10 == 9 {
			text = reworded(random, lines[i-len(languages)*(1+random.IntN(i/len(languages)))].Text)
		} else {
			for text = fmt.Sprintf("%d/%d.", i%997, i%31); countWords(fold.New(text).Folded) < 100; {
				text += " " + texts[lang][random.IntN(len(texts[lang]))]
			}
		}
		lines[i] = Line{
			ID: heed.ID(fmt.Sprintf("r%05d", i)), Text: text, Channel: "web", Lang: lang, ReceivedAt: at.Add(time.Duration(i) * time.Minute).Format(time.RFC3339),
		}
	}
	return lines
}

// countWords counts words, two characters of a script without blanks as one.
func countWords(folded string) int {
	words, dense, inside := 0, 0, false
	for _, r := range folded {
		switch {
		case fold.Dense(r):
			dense++
			inside = false
		case fold.Word(r):
			if !inside {
				words++
			}
			inside = true
		default:
			inside = false
		}
	}
	return words + (dense+1)/2
}

// firstWords cuts a text behind so many words, counted as countWords does.
func firstWords(text string, most int) string {
	folded := fold.New(text)
	words, dense, inside := 0, 0, false
	for i, r := range folded.Folded {
		isDense, isWord := fold.Dense(r), fold.Word(r)
		switch {
		case isDense:
			dense++
		case isWord && !inside:
			words++
		}
		if inside = isWord && !isDense; words+(dense+1)/2 > most {
			return text[:folded.At(i)]
		}
	}
	return text
}

// reworded drops one word in twelve, as an edited copy has it.
func reworded(random *rand.Rand, text string) string {
	words := strings.Split(text, " ")
	return strings.Join(slices.DeleteFunc(words, func(string) bool { return random.IntN(12) == 0 }), " ")
}

// processorTime is what this process has used of the processor, which a busy machine does not lengthen as it does the clock's time.
func processorTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured runs f b.N times and reports what one of the n reports in it costs.
func measured(b *testing.B, n int, f func()) {
	b.Helper()
	f() // what is read at the first text
	b.ReportAllocs()
	began := processorTime(b)
	for b.Loop() {
		f()
	}
	used := processorTime(b) - began
	b.ReportMetric(float64(used.Microseconds())/float64(n*b.N), "cpu-µs/report")
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "reports/s")
}

// BenchmarkTwentyThousandReports is `heed screen` over 20,000 reports of a hundred words, and no more, in ten languages, from lines to lines.
func BenchmarkTwentyThousandReports(b *testing.B) {
	const n = 20_000
	var in, out bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, l := range hundredWords(b, n) {
		l.Text = firstWords(l.Text, 100)
		if err := encoder.Encode(l); err != nil {
			b.Fatal(err)
		}
	}
	s := New(Config{})
	measured(b, n, func() {
		out.Reset()
		if tally, err := s.RunLines(bytes.NewReader(in.Bytes()), &out); err != nil || tally.Bad > 0 {
			b.Fatal(tally, err)
		}
	})
}

// BenchmarkLeast is what one of a thousand such reports costs where nothing else runs: of nine times the least, by the clock, one after the other
// on one core, each line by itself and not in a batch. A busy machine lengthens it by a twentieth, where it doubles the processor time of a whole run.
func BenchmarkLeast(b *testing.B) {
	const n, times = 1000, 9
	lines := make([][]byte, n)
	for i, l := range hundredWords(b, n) {
		l.Text = firstWords(l.Text, 100)
		var err error
		if lines[i], err = json.Marshal(l); err != nil {
			b.Fatal(err)
		}
	}
	s, key, encoder := New(Config{}), sipKey{1, 2}, json.NewEncoder(io.Discard)
	for b.Loop() {
		var read, placed [n]time.Duration
		for pass := range times {
			past := newHistory()
			for i, line := range lines {
				one, began := []job{{raw: line}}, time.Now()
				s.read(key, one)
				between := time.Now()
				if err := one[0].answer(past, encoder); err != nil {
					b.Fatal(err)
				}
				ended := time.Now()
				if took := between.Sub(began); pass == 0 || took < read[i] {
					read[i] = took
				}
				if took := ended.Sub(between); pass == 0 || took < placed[i] {
					placed[i] = took
				}
			}
		}
		sum := func(of [n]time.Duration) (sum float64) {
			for _, t := range of {
				sum += float64(t.Nanoseconds()) / 1000 / n
			}
			return sum
		}
		b.ReportMetric(sum(read), "read-µs/report")
		b.ReportMetric(sum(placed), "placed-µs/report")
	}
}

// BenchmarkAssess is what one report of a hundred words costs by itself, by language.
func BenchmarkAssess(b *testing.B) {
	for _, lang := range spoken10 {
		b.Run(lang, func(b *testing.B) {
			lines := hundredWords(b, 200, lang)
			s := New(Config{})
			measured(b, len(lines), func() {
				for _, l := range lines {
					marksOf(sipKey{1, 2}, second(s.Assess(Input{ID: l.ID, Text: l.Text, Lang: l.Lang})))
				}
			})
		})
	}
}

func second(_ heed.Screening, f Features) Features { return f }
