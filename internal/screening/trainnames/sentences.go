package main

import (
	_ "embed"
	"math/rand/v2"
	"strings"

	"github.com/heed-line/heed/internal/screening/names"
)

//go:embed sentences.txt
var sentenceList string

//go:embed names.txt
var nameList string

const (
	fillings = 8 // of each sentence with a name
	lowered  = 6 // one filling in so many is written without capitals, as transcripts are
)

// filler fills sentences with made-up names, always the same.
type filler struct {
	random *rand.Rand
	lists  map[string][]string // "en places" → patterns
}

// sentences are the project's own examples, in the languages of sentences.txt.
func sentences() []names.Example {
	f := filler{rand.New(rand.NewPCG(3, 4)), map[string][]string{}}
	for line := range strings.Lines(nameList) {
		if head, list, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			f.lists[head] = strings.Split(list, "|")
		}
	}
	var out []names.Example
	lang := ""
	for line := range strings.Lines(sentenceList) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			lang = strings.Trim(line, "[]")
		case !strings.Contains(line, "{"):
			out = append(out, names.Example{Text: line}, names.Example{Text: strings.ToLower(line)})
		default:
			for i := range fillings {
				e := f.fill(lang, line)
				if i%lowered == lowered-1 {
					e.Text = lower(e.Text)
				}
				out = append(out, e)
			}
		}
	}
	return out
}

// lower writes ASCII and Latin-1 letters small, whose length in bytes stays.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0xDE && r != 0xD7 || r >= 'А' && r <= 'Я' {
			return r + 0x20
		}
		return r
	}, s)
}

// fill puts names in place of the braces.
func (f *filler) fill(lang, line string) names.Example {
	var e names.Example
	var text strings.Builder
	for {
		before, rest, ok := strings.Cut(line, "{")
		text.WriteString(before)
		if !ok {
			e.Text = text.String()
			return e
		}
		slot, after, _ := strings.Cut(rest, "}")
		kind, name := f.name(lang, slot)
		e.Names = append(e.Names, names.Name{Kind: kind, Start: text.Len(), End: text.Len() + len(name)})
		text.WriteString(name)
		line = after
	}
}

// name makes one up.
func (f *filler) name(lang, slot string) (kind, name string) {
	switch slot {
	case "G":
		return "person", f.pick(lang, "given")
	case "P":
		switch f.random.IntN(5) {
		case 0:
			return "person", f.pick(lang, "given")
		case 1:
			return "person", f.pick(lang, "family")
		case 2:
			return "person", f.pick(lang, "given") + " " + f.pick(lang, "family") + " " + f.pick(lang, "family")
		}
		return "person", f.pick(lang, "given") + " " + f.pick(lang, "family")
	case "O":
		return "organisation", f.pattern(lang, "organisations")
	}
	return "place", f.pattern(lang, "places")
}

func (f *filler) pattern(lang, list string) string {
	pattern := f.pick(lang, list)
	number := []string{"4", "9", "12", "17", "31", "68", "103"}[f.random.IntN(7)]
	return strings.NewReplacer("{root}", f.pick(lang, "roots"), "{n}", number).Replace(pattern)
}

// pick takes one of a language's list, of everybody's where it has none.
func (f *filler) pick(lang, list string) string {
	of := f.lists[lang+" "+list]
	if of == nil {
		of = f.lists["* "+list]
	}
	return of[f.random.IntN(len(of))]
}
