// Package concepts finds what a report speaks of, whatever its language: fire, a ferry, a locked door. By the concepts
// that two texts share, accounts of one happening are found that have no word in common.
//
// They stand in concepts.txt, one a line, which a translator can read and mend; the file says how. The package imports
// package fold only, and sees texts in memory.
package concepts

import (
	"bytes"
	"cmp"
	"compress/bzip2"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:generate bzip2 -9kf concepts.txt
//go:embed concepts.txt.bz2
var packed []byte

// unpack is concepts.txt.
func unpack() (string, error) {
	text, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(packed)))
	return string(text), err
}

// Hit is one word that names a concept. Start and End are offsets into the folded text.
type Hit struct {
	Concept    int // its place in the file, counted from 0
	Start, End int
	entry      int32 // its place in the language: of what begins at one place the file's order is kept
}

// Vocabulary is the file, ready to be matched. It is read-only and safe for concurrent use.
type Vocabulary struct {
	names   []string
	entries map[string]*words // by language
}

// words are the entries of a language, in the order of the file, and a table that finds them by the hash of their first word, as fold.Starts has it: in
// a script without blanks by that of their first two characters, or their only one. Most words of a text begin none, which opens says without
// a look into the table.
type words struct {
	opens   fold.Openings
	entries []entry
	slots   []slot // a power of two of them, at most half taken; what meets another's place lies in the next free one (Knuth 3, 6.4, algorithm L)
	shift   uint8  // so far right the upper bits of a hash give its place
}

// slot is where the first entry of a hash stands, counted from 1; 0 is a free one.
type slot struct {
	hash  uint64
	first int32
}

type entry struct {
	word    string // folded
	open    bool   // stands for all that begin so
	concept int
	hash    uint64 // by which it is found
	next    int32  // the next one that is found so, counted from 1; 0 where there is none
}

// Shipped is the vocabulary of the program. It is read once, at the first call.
var Shipped = sync.OnceValue(func() *Vocabulary {
	file, err := unpack()
	if err != nil {
		panic("concepts: unpack the shipped file: " + err.Error())
	}
	v, err := parse(file)
	if err != nil {
		panic("concepts: the shipped file: " + err.Error()) // a build with a broken file is a programming error
	}
	return v
})

func parse(file string) (*Vocabulary, error) {
	v := &Vocabulary{entries: map[string]*words{}}
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, ok := strings.Cut(line, " = ")
		if !ok {
			return nil, fmt.Errorf("%q: a concept is a name, \" = \" and its words", line)
		}
		for part := range strings.SplitSeq(rest, ";") {
			language, words, ok := strings.Cut(strings.TrimSpace(part), ": ")
			if !ok {
				return nil, fmt.Errorf("%q: words begin with their language and a colon", part)
			}
			for word := range strings.SplitSeq(words, ",") {
				if err := v.put(language, strings.TrimSpace(word), len(v.names)); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			}
		}
		v.names = append(v.names, name)
	}
	for _, w := range v.entries {
		w.plant()
	}
	return v, nil
}

func (v *Vocabulary) put(language, word string, concept int) error {
	stem, open := strings.CutSuffix(word, "*")
	e := entry{word: fold.String(stem), open: open, concept: concept}
	if e.word == "" {
		return fmt.Errorf("an empty word of %s", language)
	}
	if v.entries[language] == nil {
		v.entries[language] = &words{}
	}
	w, hashes := v.entries[language], fold.StartsOf(e.word).Hashes(0)
	e.hash = hashes[len(hashes)-1]
	w.entries = append(w.entries, e)
	w.opens.Add(e.word, e.open)
	return nil
}

// plant puts the entries into the table.
func (w *words) plant() {
	size := 2
	for w.shift = 63; size < 2*len(w.entries); size *= 2 {
		w.shift--
	}
	w.slots = make([]slot, size)
	for i := len(w.entries) - 1; i >= 0; i-- { // so that the first of a hash comes last
		e := &w.entries[i]
		at := e.hash >> w.shift
		for w.slots[at].first != 0 && w.slots[at].hash != e.hash {
			at = (at + 1) % uint64(size)
		}
		e.next = w.slots[at].first
		w.slots[at] = slot{e.hash, int32(i + 1)}
	}
}

// first gives where the first entry of a hash stands, counted from 1; 0 where there is none.
func (w *words) first(hash uint64) int32 {
	for at, last := hash>>w.shift, uint64(len(w.slots)-1); ; at++ {
		if s := &w.slots[at&last]; s.hash == hash || s.first == 0 {
			return s.first
		}
	}
}

// Len is the number of concepts.
func (v *Vocabulary) Len() int { return len(v.names) }

// Name is a concept's name in the file.
func (v *Vocabulary) Name(concept int) string { return v.names[concept] }

// Find gives the words of a text that name a concept in one of the languages (BCP 47), in order of place. Time is linear in the text.
func (v *Vocabulary) Find(text *fold.Text, languages []string) []Hit {
	return v.AppendHits(nil, text, languages)
}

// AppendHits adds what Find gives to hits.
func (v *Vocabulary) AppendHits(hits []Hit, text *fold.Text, languages []string) []Hit {
	var room [4]*words
	spoken := room[:0]
	for _, language := range languages {
		if entries := v.entries[language]; entries != nil {
			spoken = append(spoken, entries)
		}
	}
	starts := text.Starts()
	for k, last := 0, len(starts.List)-1; k < last; k++ {
		if starts.List[k].Amid || !starts.Word(k) {
			continue
		}
		for _, entries := range spoken {
			from := len(hits)
			hits = entries.appendAt(hits, text.Folded, starts, k)
			if found := hits[from:]; len(found) > 1 {
				slices.SortFunc(found, func(a, b Hit) int { return cmp.Compare(a.entry, b.entry) })
			}
		}
	}
	return hits
}

// appendAt adds the entries that begin with the word at the start at k.
func (w *words) appendAt(hits []Hit, folded string, starts *fold.Starts, k int) []Hit {
	hashes, i := starts.Hashes(k), int(starts.List[k].At)
	last := len(hashes) - 1
	from, to := w.opens.Parts(hashes)
	if starts.List[k].Of == fold.OfDense {
		from, to = 0, last
	}
	for ; from < to; from++ {
		if w.opens.Begun(hashes[from]) {
			hits = w.appendHits(hits, hashes[from], folded, i)
		}
	}
	if whole := hashes[last]; w.opens.Begun(whole) || w.opens.GoesOn(starts, k, whole) {
		hits = w.appendHits(hits, whole, folded, i)
	}
	return hits
}

// appendHits adds those of the entries of a hash that stand at place i of a text, where a word begins.
func (w *words) appendHits(hits []Hit, hash uint64, folded string, i int) []Hit {
	for n := w.first(hash); n != 0; n = w.entries[n-1].next {
		e := &w.entries[n-1]
		end := i + len(e.word)
		if !strings.HasPrefix(folded[i:], e.word) || !e.open && goesOn(folded, end) {
			continue
		}
		hits = append(hits, Hit{e.concept, i, end, n})
	}
	return hits
}

// goesOn says whether the word of which a part ends at a place of a text goes on there.
func goesOn(folded string, end int) bool {
	next, size := utf8.DecodeRuneInString(folded[end:])
	if size == 0 || !fold.Word(next) || fold.Dense(next) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(folded[:end])
	return !fold.Dense(last)
}
