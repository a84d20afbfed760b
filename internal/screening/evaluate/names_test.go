package evaluate

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

//go:embed testdata/names.txt
var markedNames string

// Names in ten languages, in sentences on which nothing was trained: a floor under what is said of them in docs/screening.md, low
// enough that a model trained anew doesn't stumble over three names more or less.
func TestNamesAreFoundInTenLanguages(t *testing.T) {
	s := screening.New(screening.Config{})
	hit, found, labelled := 0, 0, 0
	by := map[string][3]int{}
	lang := ""
	for line := range strings.Lines(markedNames) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[' && line[1] != '[':
			lang = line
			continue
		}
		text, want := unmarked(line)
		n := by[lang]
		n[2] += len(want)
		for _, d := range s.Screen(screening.Input{Text: text}).Details {
			if d.Type != "person" && d.Type != "organisation" && d.Type != "place" {
				continue
			}
			n[1]++
			if want[fmt.Sprint(d.Type, d.Start, d.End)] {
				n[0]++
			}
		}
		by[lang] = n
	}
	for lang, n := range by {
		t.Logf("%s: %d of %d, %d found", lang, n[0], n[2], n[1])
		hit, found, labelled = hit+n[0], found+n[1], labelled+n[2]
	}
	f1 := 2 * float64(hit) / float64(found+labelled)
	t.Logf("F1 %.3f (%d of %d, %d found)", f1, hit, labelled, found)
	if labelled < 150 || f1 < 0.65 {
		t.Errorf("F1 of names is %.3f over %d", f1, labelled)
	}
}

// unmarked takes the marks out of "[[person|Ana]] went home" and gives what they say, by type and place.
func unmarked(line string) (text string, names map[string]bool) {
	names = map[string]bool{}
	for {
		before, rest, ok := strings.Cut(line, "[[")
		text += before
		if !ok {
			return text, names
		}
		mark, after, _ := strings.Cut(rest, "]]")
		kind, name, _ := strings.Cut(mark, "|")
		names[fmt.Sprint(kind, len(text), len(text)+len(name))] = true
		text += name
		line = after
	}
}
