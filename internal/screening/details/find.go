// Package details finds the key details of a report with exact byte spans: who to call, where, when, how much, which
// account, plate or batch. It works by rules over the folded text, so that full-width, Arabic-Indic or Devanagari digits
// read like others, and reports spans of the original. It imports package heed for the shape of a detail, the sibling
// packages fold and lexicon, and a telephone-number library; it sees a text and keeps nothing.
//
// An expression of time begins with the first word that itself says when, and ends with the last:
//
//   - A day, its part and its hour are one where nothing but a blank, a comma, an article or a preposition stands between ("yesterday
//     evening", "Thursday at six"); two times with "to" between are one ("Monday to Friday", "2 and 3 am" after "between"). Days that are
//     listed are several, and so are times with "about" between ("last night about 2am").
//   - Left out are prepositions and articles before it, "since", "about", "every", and what blurs behind ("or so", 左右, ごろ). "This", "last"
//     and "next" belong to it, the article with them; so do words for hours ("Uhr", "часов", الساعة).
//   - None are durations, "every day", "now", "soon", and a part of the day alone ("at night"), unless "since" stands before it. Recurring
//     weekdays and hours, feasts, and how long ago in units ("two hours ago") are.
package details

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
	"github.com/heed-line/heed/internal/screening/names"
)

// Context is what is known about a text beside its words.
type Context struct {
	Language string       // BCP 47
	Regions  []string     // countries (ISO 3166-1) whose national numbers are meant, likeliest first; none: by language
	Names    *names.Model // by which names are found; nil: the shipped one
}

// regions are the countries whose national numbers are found: those where the language is spoken too.
func (c Context) regions() []string {
	spoken := regionsOf(c.Language)
	if len(c.Regions) == 0 {
		return spoken
	}
	return slices.Concat(c.Regions, spoken)
}

// atMost bounds how many details one text gives: a flood of ten thousand addresses is no ten thousand leads.
const atMost = 400

// span is a candidate in offsets of the folded text. Where spans overlap, the higher rank wins, then the longer.
type span struct {
	kind       string
	start, end int
	rank       int
}

// finder holds one text while its details are looked for.
type finder struct {
	t       *fold.Text
	s       string // t.Folded
	lang    string // base language
	context Context
	marks   []mark
	marked  marks // those of marks
	spans   []span
	words   []word
	room    *room
	driven  *[2]bool // whether the text speaks of plates, and of vehicles; nil before it is asked
	joined  *grammar // of the text's language; nil before it is asked for
	coming  struct { // what announces an hour at a place: see hourComes
		at    int
		place stands
	}
	paidTo int                         // where the last amount ended
	lead   struct{ at, call, not int } // see named
}

// room is memory that serves for one text after another. Nothing in it is read before it is written anew.
type room struct {
	spans  []span
	words  []word
	marks  []mark
	tokens []token
	purse  purse
	named  []names.Word
	hits   []lexicon.Hit
	taken  []bool
	pieces []piece
}

var rooms = sync.Pool{New: func() any { return &room{} }}

// Find gives the details of t in order of place, none overlapping another. Time is linear in the text.
func Find(t *fold.Text, c Context) []heed.Detail {
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	f := &finder{t: t, s: t.Folded, context: c, room: r, spans: r.spans[:0], words: r.words[:0]}
	f.lang, _, _ = strings.Cut(c.Language, "-")
	f.readMarks()
	f.readWords()
	f.network()
	f.codes()
	f.accounts()
	f.money()
	f.times()
	f.phones()
	f.names()
	out := f.resolve()
	r.leave(f)
	return out
}

// longestKept is how much memory is kept for the next text, in words.
const longestKept = 1 << 13

// leave keeps what a text took, without the text.
func (r *room) leave(f *finder) {
	if cap(r.named) > longestKept || cap(f.words) > longestKept || cap(r.tokens) > longestKept || cap(r.marks) > longestKept || cap(r.taken) > 8*longestKept {
		*r = room{}
		return
	}
	r.spans, r.words = f.spans, f.words
	clear(r.named) // its words are parts of the text
	r.named = r.named[:0]
}

func (f *finder) add(kind string, start, end, rank int) {
	if start < end {
		f.spans = append(f.spans, span{kind, start, end, rank})
	}
}

// addOriginal adds a span given in offsets of the original text.
func (f *finder) addOriginal(kind string, start, end, rank int) {
	a, b := f.t.FoldedSpan(start, end)
	f.add(kind, a, b, rank)
}

// resolve keeps the best of overlapping spans and writes them in offsets of the original.
func (f *finder) resolve() []heed.Detail {
	slices.SortStableFunc(f.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.end-b.start, a.end-a.start), cmp.Compare(a.start, b.start))
	})
	taken := slices.Grow(f.room.taken[:0], len(f.s))[:len(f.s)]
	clear(taken)
	f.room.taken = taken
	var out []heed.Detail
	for _, sp := range f.spans {
		if len(out) >= atMost {
			break
		}
		if overlaps(taken, sp) {
			continue
		}
		for i := sp.start; i < sp.end; i++ {
			taken[i] = true
		}
		start, end := f.t.Origin(sp.start, sp.end)
		out = append(out, heed.Detail{Type: sp.kind, Text: f.t.Original[start:end], Start: start, End: end})
	}
	slices.SortFunc(out, func(a, b heed.Detail) int { return cmp.Compare(a.Start, b.Start) })
	end := 0
	return slices.DeleteFunc(out, func(d heed.Detail) bool { // two can share a character of the original that folds to several
		if d.Start < end {
			return true
		}
		end = d.End
		return false
	})
}

// overlaps looks at the span's bytes; each byte is taken once at most, and a refused span is bounded by its finder.
func overlaps(taken []bool, sp span) bool {
	for i := sp.start; i < sp.end; i++ {
		if taken[i] {
			return true
		}
	}
	return false
}

// before gives up to n bytes of folded text before i, cut at a sentence's end.
func (f *finder) before(i, n int) string {
	s := f.s[max(0, i-n):i]
	if k := strings.LastIndexAny(s, "!?。！？\n"); k >= 0 {
		s = s[k+1:]
	}
	return s
}

// says reports whether s holds one of words.
func says(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// runeBefore is the character before i, a blank at the start.
func (f *finder) runeBefore(i int) rune {
	if i <= 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRuneInString(f.s[:i])
	return r
}

// runeAt is the character at i, a blank at the end.
func (f *finder) runeAt(i int) rune {
	if i >= len(f.s) {
		return ' '
	}
	r, _ := utf8.DecodeRuneInString(f.s[i:])
	return r
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

// bounded says whether [start,end) is not a part of a longer run of letters or digits of an alphabet.
func (f *finder) bounded(start, end int) bool {
	return !wordRune(f.runeBefore(start)) && wordStops(f.s, end)
}
