// Package marked reads reports in which a reader marked the names: sections of languages, "[en]", a report a line, "[[p|Ana]] went home"; \n in
// it begins a new line, and # a comment. It imports package names only, and is part of no program that runs.
package marked

import (
	"strings"
	"unicode"

	"github.com/heed-line/heed/internal/screening/names"
)

// Read gives the reports of all sections, each of its section's language.
func Read(list string) (out []names.Example) {
	lang := ""
	for line := range strings.Lines(list) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case section(line):
			lang = strings.Trim(line, "[]")
		default:
			e := Unmark(strings.ReplaceAll(line, `\n`, "\n"))
			e.Lang = lang
			out = append(out, e)
		}
	}
	return out
}

// section says whether a line is the head of a language, "[en]", "[zh-Hans]".
func section(line string) bool {
	return line[0] == '[' && !strings.HasPrefix(line, "[[") && strings.HasSuffix(line, "]") && len(line) <= 10
}

// kindOf gives the kinds by the letters of marks.
var kindOf = map[string]string{"p": "person", "o": "organisation", "l": "place"}

// Unmark reads "[[p|Ana]] went home".
func Unmark(line string) (e names.Example) {
	var text strings.Builder
	for {
		before, rest, ok := strings.Cut(line, "[[")
		text.WriteString(before)
		if !ok {
			e.Text = text.String()
			return e
		}
		name, after, _ := strings.Cut(rest, "]]")
		kind, name, _ := strings.Cut(name, "|")
		kind = kindOf[kind]
		start, end := text.Len(), text.Len()+len(name)
		if inner := strings.Trim(name, "«»\"“”„「」『』 "); strings.IndexFunc(name, unicode.IsLetter) > 0 && len(name)-len(inner) > 1 {
			start += strings.Index(name, inner) // a name, not what it is quoted with
			end = start + len(inner)
		}
		e.Names = append(e.Names, names.Name{Kind: kind, Start: start, End: end})
		text.WriteString(name)
		line = after
	}
}
