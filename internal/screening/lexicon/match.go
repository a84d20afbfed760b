package lexicon

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// gap is how far apart, in bytes of folded text, the parts of an "a .. b" entry may stand.
const gap = 80

// Match finds every entry in t, in order of place. Time is linear in the text for a given lexicon.
func (l *Lexicon) Match(t *fold.Text) []Hit {
	hits := l.AppendHits(nil, t)
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(a.Start, b.Start) })
	return hits
}

// AppendHits adds what Match finds to hits, in whatever order.
func (l *Lexicon) AppendHits(hits []Hit, t *fold.Text) []Hit {
	if l.load != nil {
		l.load()
	}
	s, before := t.Folded, ' '
	m := matcher{Lexicon: l, s: s, hits: hits, waiting: l.await()}
	defer l.waiting.Put(m.waiting)
	for i := 0; i < len(s); {
		r, size := decode(s, i)
		switch {
		case r >= 0x0600 && r <= 0x06FF:
			if !starts(before, r) {
				break
			}
			m.from(i, i)
			lengths, n := arabicPrefixes(s[i:])
			for _, skip := range lengths[:n] {
				m.from(i, i+skip)
			}
		case m.trie.begins(r) && starts(before, r):
			m.from(i, i)
		}
		before = r
		i += size
	}
	return m.hits
}

// decode is utf8.DecodeRuneInString, quick at ASCII.
func decode(s string, i int) (rune, int) {
	if i < len(s) && s[i] < utf8.RuneSelf {
		return rune(s[i]), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

// matcher is one text while its entries are found.
type matcher struct {
	*Lexicon
	s       string
	hits    []Hit
	waiting *waiting
}

// waiting are the entries of which the beginning was found in a text. It serves for one text after another.
type waiting struct {
	text uint32 // counts them
	of   []pending
}

type pending struct {
	text              uint32 // in which it was found: in another than this it is nothing
	index, start, end int32
}

// await gives what nothing waits in.
func (l *Lexicon) await() *waiting {
	w, ok := l.waiting.Get().(*waiting)
	if !ok {
		w = &waiting{of: make([]pending, l.gapped)}
	}
	if w.text++; w.text == 0 { // after four thousand million texts
		clear(w.of)
		w.text = 1
	}
	return w
}

// starts says whether a word can begin with r after before.
func starts(before, r rune) bool {
	return !fold.Word(before) || !fold.Word(r) || fold.Dense(r) || fold.Dense(before) || digit(before) != digit(r)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// from walks the trie at place i of the text; shown is where the word that holds i starts.
func (m *matcher) from(shown, i int) {
	node := int32(0)
	for i < len(m.s) {
		r, size := decode(m.s, i)
		if node = m.trie.step(node, r); node == 0 {
			return
		}
		i += size
		if n := &m.trie.nodes[node]; n.skipped > 0 {
			skip := m.trie.skips[n.skip:][:n.skipped]
			if !strings.HasPrefix(m.s[i:], skip) {
				return
			}
			i += len(skip)
			r, _ = utf8.DecodeLastRuneInString(skip)
		}
		for _, p := range m.parts[m.trie.nodes[node].ends:m.trie.nodes[node+1].ends] {
			end := i
			if p.prefix {
				end = wordEnd(m.s, i)
			} else if !ends(m.s, i, r) {
				continue
			}
			m.complete(p, shown, end)
		}
	}
}

// complete notes a part of an entry, and the hit once its last part is there.
func (m *matcher) complete(p part, start, end int) {
	e := &m.entries[p.entry]
	if e.parts == 1 {
		m.hits = append(m.hits, Hit{m.classes[e.class], e.weight, start, end})
		return
	}
	w := &m.waiting.of[e.gapped]
	if p.index > 0 {
		if w.text != m.waiting.text || w.index != int32(p.index)-1 || start < int(w.end) || start-int(w.end) > gap || strings.ContainsAny(m.s[w.end:start], ".!?。！？؟") {
			return
		}
		start = int(w.start)
		if p.index == e.parts-1 {
			w.text = 0
			m.hits = append(m.hits, Hit{m.classes[e.class], e.weight, start, end})
			return
		}
	}
	*w = pending{m.waiting.text, int32(p.index), int32(start), int32(end)}
}

// ends says whether a word can end before place i of s, last being the character before it.
func ends(s string, i int, last rune) bool {
	if i >= len(s) {
		return true
	}
	r, _ := decode(s, i)
	return !fold.Word(r) || !fold.Word(last) || fold.Dense(last) || fold.Dense(r) || digit(last) != digit(r)
}

func wordEnd(s string, i int) int {
	for range 40 {
		r, size := decode(s, i)
		if size == 0 || !fold.Word(r) || fold.Dense(r) {
			break
		}
		i += size
	}
	return i
}

// arabicPrefixes gives the lengths in bytes, so many, of the conjunctions, prepositions and article that may be written on to the
// word at the start of s ("وبالبيت" holds "بيت").
func arabicPrefixes(s string) (lengths [3]int, n int) {
	i := 0
	for _, group := range [...]string{"وف", "بكلس"} {
		if r, size := utf8.DecodeRuneInString(s[i:]); size == 2 && strings.ContainsRune(group, r) {
			i += size
			lengths[n] = i
			n++
		}
	}
	for _, article := range [...]string{"ال", "ل"} {
		if strings.HasPrefix(s[i:], article) {
			lengths[n] = i + len(article)
			n++
			break
		}
	}
	return lengths, n
}
