// Package concepts finds what a report speaks of, whatever its language: fire, a ferry, a locked door. By the concepts
// that two texts share, accounts of one happening are found that have no word in common.
//
// They stand in concepts.txt, one a line, which a translator can read and mend; the file says how. The package imports
// package fold only, and sees texts in memory.
package concepts

import (
	"bytes"
	"compress/bzip2"
	_ "embed"
	"fmt"
	"io"
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
}

// Vocabulary is the file, ready to be matched. It is read-only and safe for concurrent use.
type Vocabulary struct {
	names   []string
	entries map[string]*words // by language
}

// words are the entries of a language by their first characters. Most words of a text begin like none of them, which opens says without
// a look into the map.
type words struct {
	by    map[head][]entry
	opens fold.Openings
}

type entry struct {
	word    string // folded
	open    bool   // stands for all that begin so
	concept int
}

// keyLength is how many characters of a word its entries are found by.
const keyLength = 3

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
	return v, nil
}

func (v *Vocabulary) put(language, word string, concept int) error {
	stem, open := strings.CutSuffix(word, "*")
	e := entry{fold.String(stem), open, concept}
	if e.word == "" {
		return fmt.Errorf("an empty word of %s", language)
	}
	if v.entries[language] == nil {
		v.entries[language] = &words{by: map[head][]entry{}}
	}
	key := headOf(e.word, keyLength)
	if r, _ := utf8.DecodeRuneInString(e.word); fold.Dense(r) {
		key = headOf(e.word, 1)
	}
	in := v.entries[language]
	in.by[key] = append(in.by[key], e)
	in.opens.Add(e.word, e.open)
	return nil
}

// head is the first characters of a word, up to keyLength, of 21 bits each: a key that a map finds sooner than a string.
type head uint64

// headOf is the first n characters of s, or all of it.
func headOf(s string, n int) (h head) {
	for _, r := range s {
		if n == 0 {
			break
		}
		h = h<<21 | head(r)
		n--
	}
	return h
}

// Len is the number of concepts.
func (v *Vocabulary) Len() int { return len(v.names) }

// Name is a concept's name in the file.
func (v *Vocabulary) Name(concept int) string { return v.names[concept] }

// Find gives the words of a text that name a concept in one of the languages (BCP 47), in order of place. Time is linear in the text.
func (v *Vocabulary) Find(text *fold.Text, languages []string) []Hit {
	var out []Hit
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
		i := int(starts.List[k].At)
		for _, entries := range spoken {
			if entries.opens.May(starts, k) {
				out = entries.appendAt(out, text.Folded[i:], i)
			}
		}
	}
	return out
}

// appendAt adds the entries that begin at i, where a word begins and the rest of a text.
func (w *words) appendAt(out []Hit, rest string, i int) []Hit {
	if r, _ := utf8.DecodeRuneInString(rest); fold.Dense(r) {
		return appendHits(out, w.by[head(r)], rest, i)
	}
	key, short := wordHead(rest)
	out = appendHits(out, w.by[key], rest, i)
	if short != key {
		out = appendHits(out, w.by[short], rest, i)
	}
	return out
}

// wordHead is the first characters of the word that s begins with, and those of them that come before the third.
func wordHead(s string) (key, short head) {
	n := 0
	for _, r := range s {
		if n == keyLength || !fold.Word(r) {
			break
		}
		key = key<<21 | head(r)
		if n++; n < keyLength {
			short = key
		}
	}
	return key, short
}

func appendHits(out []Hit, entries []entry, rest string, i int) []Hit {
	for _, e := range entries {
		if !strings.HasPrefix(rest, e.word) {
			continue
		}
		end := len(e.word)
		if next, _ := utf8.DecodeRuneInString(rest[end:]); !e.open && end < len(rest) && fold.Word(next) && !fold.Dense(next) {
			if last, _ := utf8.DecodeLastRuneInString(e.word); !fold.Dense(last) {
				continue // the word goes on
			}
		}
		out = append(out, Hit{e.concept, i, i + end})
	}
	return out
}
