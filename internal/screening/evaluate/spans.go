package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// Sample is one text with the exact details of one type in it, in lower case ("recognizers" in docs/screening.md).
type Sample struct {
	Language string   `json:"language"`
	Type     string   `json:"type"`
	Text     string   `json:"text"`
	Found    []string `json:"found"`
}

// ReadSamples reads a gzipped file of samples.
func ReadSamples(path string) ([]Sample, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the samples: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack the samples: %w", err)
	}
	var out []Sample
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s Sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("read a sample: %w", err)
		}
		out = append(out, s)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the samples: %w", err)
	}
	return out, nil
}

// Spans measures one type in each language over the samples, and shows up to most misses to look at.
func Spans(s *screening.Screener, samples []Sample, most int) (map[string]F1, []string) {
	out := map[string]F1{}
	var misses []string
	for _, sample := range samples {
		key := sample.Type + " " + sample.Language
		f := out[key]
		want := map[string]bool{}
		for _, w := range sample.Found {
			want[tidy(w)] = true
		}
		f.Labelled += len(want)
		got := map[string]bool{}
		for _, d := range s.Screen(screening.Input{ID: heed.ID("s"), Text: sample.Text}).Details {
			if d.Type == sample.Type {
				got[tidy(d.Text)] = true
			}
		}
		f.Found += len(got)
		wrong := len(got) != len(want)
		used := map[string]bool{}
		for g := range got {
			if want[g] {
				f.Exact++
				f.Overlap++
				continue
			}
			wrong = true
			for w := range want {
				if !used[w] && !got[w] && (strings.Contains(w, g) || strings.Contains(g, w)) {
					f.Overlap++
					used[w] = true
					break
				}
			}
		}
		out[key] = f
		if wrong && len(misses) < most {
			misses = append(misses, fmt.Sprintf("%s: %q want %q got %v", key, sample.Text, sample.Found, got))
		}
	}
	return out, misses
}

func tidy(s string) string { return strings.ToLower(strings.TrimSpace(fullWidth.Replace(s))) }

// fullWidth undoes what the labels undid: they are given in half-width digits.
var fullWidth = func() *strings.Replacer {
	var pairs []string
	for r := rune(0xFF01); r <= 0xFF5E; r++ {
		pairs = append(pairs, string(r), string(r-0xFEE0))
	}
	return strings.NewReplacer(pairs...)
}()
