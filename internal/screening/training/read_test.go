package training

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/heed-line/heed"
)

func TestEveryTrainingTextIsLabelledAndStandsOnce(t *testing.T) {
	all, err := Reports()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	labels := map[string]map[string]int{}
	for _, r := range all {
		if seen[r.Text] {
			t.Errorf("%s: %q stands twice", r.Language, r.Text)
		}
		seen[r.Text] = true
		if labels[r.Language] == nil {
			labels[r.Language] = map[string]int{}
		}
		labels[r.Language][r.Category+r.Kind]++
		labels[r.Language][string(r.Urgency)]++
	}
	if len(labels) != 10 {
		t.Errorf("%d languages", len(labels))
	}
	for language, counts := range labels {
		for _, label := range slices.Concat(categories, []string{"immediate", "high", "normal", "low"}) {
			if counts[label] == 0 {
				t.Errorf("%s has no %s", language, label)
			}
		}
	}
}

func TestALineThatIsNoLabelledTextIsRefused(t *testing.T) {
	for _, line := range []string{
		"", "drugs high", "drugs | text", "drugs soon | text", "none belief | text", "refuse advert | text", "drugs high | ", "drugs high | a | b",
	} {
		if _, err := parse(line); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q: %v", line, err)
		}
	}
	r, err := parse("refuse belief | they pray")
	if err != nil || !r.Refuse || r.Relevant() || r.Urgency != heed.Low {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTheProgramCarriesWhatTheTextFilesSay(t *testing.T) {
	list := func(into *[]string) func(name, text string) error {
		return func(name, text string) error {
			*into = append(*into, name, text)
			return nil
		}
	}
	var gathered bytes.Buffer
	for _, language := range Languages() {
		if err := Gather(os.DirFS("."), language, &gathered); err != nil {
			t.Fatal(err)
		}
	}
	var carried, written []string
	if err := errors.Join(unpack(archive, list(&carried)), files(&gathered, list(&written))); err != nil {
		t.Fatal(err)
	}
	if len(written) < 2*10*13 || !slices.Equal(carried, written) {
		t.Errorf("%d files, carried are %d, or other texts: go generate ./internal/screening/training", len(written)/2, len(carried)/2)
	}
}

func TestAnArchiveThatIsCutShortIsRefused(t *testing.T) {
	for _, short := range [][]byte{nil, archive[:9], archive[:len(archive)/2], archive[:len(archive)-9]} {
		if err := unpack(short, func(string, string) error { return nil }); err == nil {
			t.Errorf("%d bytes of the archive are read", len(short))
		}
	}
}
