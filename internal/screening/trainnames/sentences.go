package main

import (
	_ "embed"
	"math/rand/v2"
	"strings"

	"github.com/heed-line/heed/internal/screening/names"
	"github.com/heed-line/heed/internal/screening/trainnames/marked"
)

//go:embed sentences.txt
var sentenceList string

//go:embed names.txt
var nameList string

//go:embed marked.txt
var markedList string

//go:embed written.txt
var writtenList string

const (
	fillings = 8 // of each sentence with a name
	lowered  = 6 // one filling in so many is written without capitals, as transcripts are
)

// filler fills sentences with made-up names, always the same.
type filler struct {
	random *rand.Rand
	lists  map[string][]string // "en places" → patterns
}

func newFiller() *filler {
	f := &filler{rand.New(rand.NewPCG(3, 4)), map[string][]string{}}
	for line := range strings.Lines(nameList) {
		if head, list, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			f.lists[head] = strings.Split(list, "|")
		}
	}
	return f
}

// sentences are the project's own examples, in the languages of sentences.txt.
func sentences() []names.Example {
	f := newFiller()
	var out []names.Example
	lang := ""
	for line := range strings.Lines(sentenceList) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			lang = strings.Trim(line, "[]")
		case !strings.Contains(line, "{"):
			out = append(out, names.Example{Lang: lang, Text: line}, names.Example{Lang: lang, Text: strings.ToLower(line)})
		default:
			for i := range fillings {
				e := f.fill(lang, line)
				e.Lang = lang
				if i%lowered == lowered-1 {
					e.Text = lower(e.Text)
				}
				out = append(out, e)
			}
		}
	}
	return out
}

// markedReports are whole reports in which a reader marked the names.
func markedReports(list string) []names.Example {
	out := marked.Read(list)
	for i := range out {
		out[i].Lang = base(out[i].Lang)
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
	var filled strings.Builder
	for {
		before, rest, ok := strings.Cut(line, "{")
		filled.WriteString(before)
		if !ok {
			return marked.Unmark(filled.String())
		}
		slot, after, _ := strings.Cut(rest, "}")
		filled.WriteString(f.name(lang, slot))
		line = after
	}
}

// name makes one up and marks it.
func (f *filler) name(lang, slot string) string {
	switch slot {
	case "G":
		return mark("p", f.pick(lang, "given"))
	case "T":
		return mark("p", f.pattern(lang, f.pick(lang, "titled")))
	case "P":
		return mark("p", f.pattern(lang, [...]string{"{given}", "{family}", "{given} {family} {family}", "{given} {family}", "{given} {family}"}[f.random.IntN(5)]))
	case "O":
		return mark("o", f.pattern(lang, f.pick(lang, "organisations")))
	case "S":
		return mark("l", f.pattern(lang, f.pick(lang, "schools")))
	}
	return mark("l", f.pattern(lang, f.pick(lang, "places")))
}

// mark marks a name, or what of it stands in angle brackets, where a word beside it is none of it: "el señor <Vega>".
func mark(kind, name string) string {
	if !strings.Contains(name, "<") {
		name = "<" + name + ">"
	}
	return strings.NewReplacer("<", "[["+kind+"|", ">", "]]").Replace(name)
}

// pattern fills the braces of a name's pattern.
func (f *filler) pattern(lang, pattern string) string {
	for {
		before, rest, ok := strings.Cut(pattern, "{")
		if !ok {
			return pattern
		}
		slot, after, _ := strings.Cut(rest, "}")
		pattern = before + f.part(lang, slot) + after
	}
}

// part makes up what stands in the braces of a pattern.
func (f *filler) part(lang, slot string) string {
	switch slot {
	case "n":
		return [...]string{"4", "9", "12", "17", "31", "68", "103"}[f.random.IntN(7)]
	case "root":
		return f.pick(lang, "roots")
	}
	return f.pick(lang, slot)
}

// pick takes one of a language's list, of everybody's where it has none.
func (f *filler) pick(lang, list string) string {
	of := f.lists[lang+" "+list]
	if of == nil {
		of = f.lists["* "+list]
	}
	return of[f.random.IntN(len(of))]
}
