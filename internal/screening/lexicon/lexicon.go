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
// language is known in all. The package imports package fold only.
package lexicon

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed *.txt concepts/*.txt
var files embed.FS

// Hit is one entry found in a text. Start and End are offsets into Text.Folded.
type Hit struct {
	Class      string
	Weight     float64
	Start, End int
}

// Lexicon is one language's entries, ready to be matched. It is safe for concurrent use. Its tables hold no
// pointers, so that the collector passes over them.
type Lexicon struct {
	load    func() // reads a shipped one, once; nil where there is nothing to read
	classes []string
	entries []entry
	parts   []part
	next    map[uint64]int32 // node<<21|rune → node
	at      map[int32]span   // which parts end at a node
	nodes   int32
	longest int // in characters
}

type entry struct {
	weight float64
	class  int32 // in classes
	parts  int32
}

type part struct {
	node   int32 // where it ends
	entry  int32
	index  int16 // of this part in its entry
	prefix bool  // the word may go on
}

// span is parts[from:to].
type span struct{ from, to int32 }

// Shipped gives the embedded lexicons by language tag ("en", "zh-Hans", …). Each is read once, at its first Match.
var Shipped = sync.OnceValue(func() map[string]*Lexicon {
	all := map[string]*Lexicon{}
	names, err := fs.Glob(files, "*.txt")
	if err != nil {
		panic("lexicon: " + err.Error()) // the pattern is a constant
	}
	for _, name := range names {
		l := &Lexicon{}
		l.load = sync.OnceFunc(func() { l.readFile(name) })
		all[strings.TrimSuffix(path.Base(name), ".txt")] = l
	}
	return all
})

func (l *Lexicon) readFile(name string) {
	text := ""
	for _, part := range []string{name, "concepts/" + name} {
		b, err := files.ReadFile(part)
		if err != nil {
			panic("lexicon: " + err.Error()) // the files are part of the program
		}
		text += string(b) + "\n"
	}
	if err := l.parse(text); err != nil {
		panic("lexicon " + name + ": " + err.Error()) // so is their content; a test reads every file
	}
}

// Parse reads a lexicon. Errors name the line.
func Parse(text string) (*Lexicon, error) {
	l := &Lexicon{}
	if err := l.parse(text); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Lexicon) parse(text string) error {
	l.next, l.at, l.nodes = map[uint64]int32{}, map[int32]span{}, 1
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
	l.order()
	return nil
}

// Classes lists the classes of the entries, each once, sorted.
func (l *Lexicon) Classes() []string {
	if l.load != nil {
		l.load()
	}
	return slices.Compact(slices.Sorted(slices.Values(l.classes)))
}

// order puts the parts that end at the same node side by side.
func (l *Lexicon) order() {
	slices.SortStableFunc(l.parts, func(a, b part) int { return cmp.Compare(a.node, b.node) })
	for i, p := range l.parts {
		s, ok := l.at[p.node]
		if !ok {
			s.from = int32(i)
		}
		s.to = int32(i) + 1
		l.at[p.node] = s
	}
}

// class is the class's place in classes; sections come one after the other.
func (l *Lexicon) class(name string) int32 {
	if n := len(l.classes); n == 0 || l.classes[n-1] != name {
		l.classes = append(l.classes, name)
	}
	return int32(len(l.classes) - 1)
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
		id := int32(len(l.entries))
		l.entries = append(l.entries, entry{weight, l.class(class), int32(len(parts))})
		for i, p := range parts {
			if err := l.insert(p, id, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Lexicon) insert(phrase string, id int32, index int) error {
	prefix := strings.HasSuffix(phrase, "*")
	phrase = fold.String(strings.TrimSuffix(phrase, "*"))
	if phrase == "" {
		return fmt.Errorf("an entry is empty")
	}
	node, length := int32(0), 0
	for _, r := range phrase {
		key := uint64(node)<<21 | uint64(r)
		to, ok := l.next[key]
		if !ok {
			to = l.nodes
			l.nodes++
			l.next[key] = to
		}
		node = to
		length++
	}
	l.longest = max(l.longest, length)
	l.parts = append(l.parts, part{node, id, int16(index), prefix})
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

// gap is how far apart, in bytes of folded text, the parts of an "a .. b" entry may stand.
const gap = 80

// Match finds every entry in t, in order of place. Time is linear in the text for a given lexicon.
func (l *Lexicon) Match(t *fold.Text) []Hit {
	if l.load != nil {
		l.load()
	}
	s := t.Folded
	var hits []Hit
	waiting := map[int32]pending{}
	before := ' '
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if starts(before, r) {
			hits = l.from(s, i, i, hits, waiting)
			if r >= 0x0600 && r <= 0x06FF {
				for _, skip := range arabicPrefixes(s[i:]) {
					hits = l.from(s, i, i+skip, hits, waiting)
				}
			}
		}
		before = r
		i += size
	}
	sort.SliceStable(hits, func(a, b int) bool { return hits[a].Start < hits[b].Start })
	return hits
}

type pending struct{ index, start, end int }

// starts says whether a word can begin with r after before.
func starts(before, r rune) bool {
	return !fold.Word(before) || !fold.Word(r) || fold.Dense(r) || fold.Dense(before) || digit(before) != digit(r)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// from walks the trie at place i of s; shown is where the word that holds i starts.
func (l *Lexicon) from(s string, shown, i int, hits []Hit, waiting map[int32]pending) []Hit {
	node := int32(0)
	for range l.longest {
		if i >= len(s) {
			break
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		to, ok := l.next[uint64(node)<<21|uint64(r)]
		if !ok {
			break
		}
		node = to
		i += size
		ending := l.at[node]
		for _, p := range l.parts[ending.from:ending.to] {
			end := i
			if p.prefix {
				end = wordEnd(s, i)
			} else if !ends(s, i, r) {
				continue
			}
			if h, ok := l.complete(s, p, shown, end, waiting); ok {
				hits = append(hits, h)
			}
		}
	}
	return hits
}

// complete notes a part of an entry and gives the hit once its last part is there.
func (l *Lexicon) complete(s string, p part, start, end int, waiting map[int32]pending) (Hit, bool) {
	e := l.entries[p.entry]
	if e.parts == 1 {
		return Hit{l.classes[e.class], e.weight, start, end}, true
	}
	if p.index > 0 {
		w, ok := waiting[p.entry]
		if !ok || w.index != int(p.index)-1 || start < w.end || start-w.end > gap || strings.ContainsAny(s[w.end:start], ".!?。！？؟") {
			return Hit{}, false
		}
		if int32(p.index) == e.parts-1 {
			delete(waiting, p.entry)
			return Hit{l.classes[e.class], e.weight, w.start, end}, true
		}
		start = w.start
	}
	waiting[p.entry] = pending{int(p.index), start, end}
	return Hit{}, false
}

// ends says whether a word can end before place i of s, last being the character before it.
func ends(s string, i int, last rune) bool {
	if i >= len(s) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return !fold.Word(r) || !fold.Word(last) || fold.Dense(last) || fold.Dense(r) || digit(last) != digit(r)
}

func wordEnd(s string, i int) int {
	for range 40 {
		r, size := utf8.DecodeRuneInString(s[i:])
		if size == 0 || !fold.Word(r) || fold.Dense(r) {
			break
		}
		i += size
	}
	return i
}

// arabicPrefixes gives the lengths in bytes of the conjunctions, prepositions and article that may be written on to the
// word at the start of s ("وبالبيت" holds "بيت").
func arabicPrefixes(s string) []int {
	var out []int
	i := 0
	for _, group := range [...]string{"وف", "بكلس"} {
		if r, size := utf8.DecodeRuneInString(s[i:]); size == 2 && strings.ContainsRune(group, r) {
			i += size
			out = append(out, i)
		}
	}
	for _, article := range [...]string{"ال", "ل"} {
		if strings.HasPrefix(s[i:], article) {
			out = append(out, i+len(article))
			break
		}
	}
	return out
}
