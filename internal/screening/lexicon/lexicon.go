// Package lexicon finds the words and phrases that speak for or against something in a report: data files of one entry
// a line, one file a language, which a translator can read and mend.
//
// A file has sections "[[class weight]]" and under each its entries; '#' starts a comment. An entry is a phrase as people
// write it; case, accents and width don't count. In an entry
//
//	[a|b|c]   stands for any of the alternatives (one may be empty)
//	word*     for every word that starts so (what follows it may then stand a little apart)
//	a .. b    for a followed by b within the same sentence and 80 bytes
//
// and "= 1.5" at the end of a line gives that entry a weight of its own. Beside each file, concepts holds another with the words
// for the same list of things and acts in every language, in classes that begin with "=": what is learned of one in one
// language is known in all. The package imports packages fold and pages only.
package lexicon

import (
	"bytes"
	"compress/bzip2"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
)

// files are the lists, packed to a third of their length.
//
//go:generate sh -c "bzip2 -9kf *.txt concepts/*.txt"
//go:embed *.txt.bz2 concepts/*.txt.bz2
var files embed.FS

// read unpacks a list. It panics where there is none: the lists are part of the program, and a test reads them all.
func read(name string) string {
	packed, err := files.ReadFile(name + ".bz2")
	if err != nil {
		panic("lexicon: " + err.Error())
	}
	return Unpack(packed)
}

// Unpack is a list that lies in the program packed by bzip2. It panics where it isn't: lists are part of the program, and tests read them.
func Unpack(packed []byte) string {
	text, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(packed)))
	if err != nil {
		panic("lexicon: unpack a list: " + err.Error())
	}
	return string(text)
}

// Hit is one entry found in a text. Start and End are offsets into Text.Folded.
type Hit struct {
	Class      string
	Weight     float64
	Start, End int
	Number     int32 // of the class: see Number
}

// Lexicon is one language's entries, ready to be matched. It is safe for concurrent use. Its tables hold no
// pointers, so that the collector passes over them.
type Lexicon struct {
	load    func() // reads a shipped one, once; nil where there is nothing to read
	classes []string
	numbers []int32 // theirs: see Number
	parts   []part
	phrases []string // of the parts, folded; nil once they are in the table
	table   table
	opens   fold.Openings
	entries int
	gapped  int32     // how many entries have several parts
	leads   int32     // in how many ways they begin
	waiting sync.Pool // of *waiting
}

// part is an entry, or a part of one: all that is to be known of it where it is found.
type part struct {
	weight float64
	gapped int32 // which of the entries of several parts it is of
	lead   int32 // which beginning of such entries: several may begin alike
	class  int16 // in classes
	index  uint8 // of this part in its entry
	of     uint8 // so many
	prefix bool  // the word may go on
}

// Shipped gives the embedded lexicons by language tag ("en", "zh-Hans", …). Each is read once, at its first Match.
var Shipped = sync.OnceValue(func() map[string]*Lexicon {
	all := map[string]*Lexicon{}
	packed, err := fs.Glob(files, "*.txt.bz2")
	if err != nil {
		panic("lexicon: " + err.Error()) // the pattern is a constant
	}
	for _, name := range packed {
		name = strings.TrimSuffix(name, ".bz2")
		l := &Lexicon{}
		l.load = sync.OnceFunc(func() { l.readFile(name) })
		all[strings.TrimSuffix(path.Base(name), ".txt")] = l
	}
	return all
})

func (l *Lexicon) readFile(name string) {
	if err := l.parse(read(name) + "\n" + read("concepts/"+name) + "\n"); err != nil {
		panic("lexicon " + name + ": " + err.Error())
	}
}

// Number gives a class's number in all lexicons of this process, from 1 on: the next one where none of that name was met before. What is kept by
// class can so lie in an array.
func Number(class string) int32 {
	numbered.Lock()
	defer numbered.Unlock()
	n, ok := numbered.by[class]
	if !ok {
		n = int32(len(numbered.by) + 1)
		numbered.by[class] = n
	}
	return n
}

var numbered = struct {
	sync.Mutex
	by map[string]int32
}{by: map[string]int32{}}

// Concepts lists the classes of things and acts that have words in every language, in the order of their file.
var Concepts = sync.OnceValue(func() (names []string) {
	for line := range strings.Lines(read("concepts/en.txt")) { // a test holds the others to the same
		if head, ok := strings.CutPrefix(line, "[["); ok {
			if name, _, _ := strings.Cut(head, " "); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
})

// Parse reads a lexicon. Errors name the line.
func Parse(text string) (*Lexicon, error) {
	l := &Lexicon{}
	if err := l.parse(text); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Lexicon) parse(text string) error {
	class, weight := "", 1.0
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		var err error
		if head, ok := strings.CutPrefix(line, "[["); ok {
			class, weight, err = section(strings.TrimSuffix(head, "]]"))
		} else if class == "" {
			err = fmt.Errorf("entry %q stands before any section", line)
		} else {
			err = l.add(class, weight, line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	l.plant()
	return nil
}

// Classes lists the classes of the entries, each once, sorted.
func (l *Lexicon) Classes() []string {
	if l.load != nil {
		l.load()
	}
	return slices.Compact(slices.Sorted(slices.Values(l.classes)))
}

// class is the class's place in classes; sections come one after the other.
func (l *Lexicon) class(name string) int16 {
	if n := len(l.classes); n == 0 || l.classes[n-1] != name {
		l.classes, l.numbers = append(l.classes, name), append(l.numbers, Number(name))
	}
	return int16(len(l.classes) - 1)
}

func section(head string) (string, float64, error) {
	class, number, found := strings.Cut(strings.TrimSpace(head), " ")
	if !found {
		return class, 1, nil
	}
	w, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return "", 0, fmt.Errorf("weight of section %q: %w", class, err)
	}
	return class, w, nil
}

func (l *Lexicon) add(class string, weight float64, line string) error {
	if phrase, number, ok := strings.Cut(line, " = "); ok {
		w, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil {
			return fmt.Errorf("weight of %q: %w", phrase, err)
		}
		line, weight = phrase, w
	}
	variants, err := expand(line)
	if err != nil {
		return err
	}
	for _, v := range variants {
		parts := strings.Split(strings.ReplaceAll(strings.ReplaceAll(v, "* .. ", "* "), "* ", "* .. "), " .. ")
		for i, p := range parts {
			if err := l.insert(p, part{weight: weight, gapped: l.gapped, class: l.class(class), index: uint8(i), of: uint8(len(parts))}); err != nil {
				return err
			}
		}
		l.entries++
		if len(parts) > 1 {
			l.gapped++
		}
	}
	return nil
}

func (l *Lexicon) insert(phrase string, p part) error {
	p.prefix = strings.HasSuffix(phrase, "*")
	phrase = fold.String(strings.TrimSuffix(phrase, "*"))
	if phrase == "" {
		return fmt.Errorf("an entry is empty")
	}
	l.phrases = append(l.phrases, phrase)
	l.parts = append(l.parts, p)
	l.opens.Add(phrase, p.prefix)
	return nil
}

// expand writes out the alternatives of an entry, which may hold alternatives themselves, at most 2,000.
func expand(s string) ([]string, error) {
	open := strings.IndexByte(s, '[')
	if open < 0 {
		return []string{strings.Join(strings.Fields(s), " ")}, nil
	}
	choices, length, err := choices(s[open:])
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range choices {
		more, err := expand(s[:open] + c + s[open+length:])
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if len(out) > 2000 {
		return nil, fmt.Errorf("%q stands for %d phrases", s, len(out))
	}
	return out, nil
}

// choices splits the bracket that s starts with and gives its length.
func choices(s string) ([]string, int, error) {
	var out []string
	depth, from := 0, 1
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case '|':
			if depth == 1 {
				out = append(out, s[from:i])
				from = i + 1
			}
		case ']':
			if depth--; depth == 0 {
				return append(out, s[from:i]), i + 1, nil
			}
		}
	}
	return nil, 0, fmt.Errorf("%q: a bracket is not closed", s)
}
