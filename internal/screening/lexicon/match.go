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
	m := matcher{Lexicon: l, s: t.Folded, hits: hits, waiting: l.await()}
	defer l.waiting.Put(m.waiting)
	starts := t.Starts()
	for k, last := 0, len(starts.List)-1; k < last; k++ {
		m.begin(starts, k)
	}
	return m.hits
}

// begin looks for the entries that begin at one of the places where they may.
func (m *matcher) begin(starts *fold.Starts, k int) {
	i := int(starts.List[k].At)
	r, _ := decode(m.s, i)
	arabic := r >= 0x0600 && r <= 0x06FF
	if (arabic || m.trie.begins(r)) && m.opens.May(starts, k) {
		m.from(i, i)
	}
	if !arabic {
		return
	}
	lengths, n := arabicPrefixes(m.s[i:])
	for _, skip := range lengths[:n] {
		if i+skip < len(m.s) && m.opens.MayAt(m.s, i+skip) {
			m.from(i, i+skip)
		}
	}
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
	text  uint32    // counts them
	leads []pending // where each beginning of entries of several parts was found last
	of    []pending // of each such entry, how far beyond its beginning it was found
}

type pending struct {
	text              uint32 // in which it was found: in another than this it is nothing
	index, start, end int32
}

// await gives what nothing waits in.
func (l *Lexicon) await() *waiting {
	w, ok := l.waiting.Get().(*waiting)
	if !ok {
		w = &waiting{leads: make([]pending, l.leads), of: make([]pending, l.gapped)}
	}
	if w.text++; w.text == 0 { // after four thousand million texts
		clear(w.leads)
		clear(w.of)
		w.text = 1
	}
	return w
}

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
		parts := m.parts[m.trie.nodes[node].ends:m.trie.nodes[node+1].ends]
		for k := range parts {
			p, end := &parts[k], i
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
func (m *matcher) complete(p *part, start, end int) {
	if p.of == 1 {
		m.hits = append(m.hits, Hit{m.classes[p.class], p.weight, start, end})
		return
	}
	text, lead := m.waiting.text, &m.waiting.leads[p.lead]
	if p.index == 0 {
		*lead = pending{text: text, start: int32(start), end: int32(end)}
		return
	}
	if lead.text != text {
		return
	}
	before, w := lead, &m.waiting.of[p.gapped]
	found := w.text == text && w.start == lead.start // beyond this beginning
	if p.index > 1 {
		before = w
	}
	if found != (p.index > 1) || found && w.index != int32(p.index)-1 {
		return
	}
	if start < int(before.end) || start-int(before.end) > gap || strings.ContainsAny(m.s[before.end:start], ".!?。！？؟") {
		return
	}
	*w = pending{text, int32(p.index), lead.start, int32(end)}
	if p.index == p.of-1 {
		m.hits = append(m.hits, Hit{m.classes[p.class], p.weight, int(lead.start), end})
	}
}

// ends says whether a word can end before place i of s, last being the character before it.
func ends(s string, i int, last rune) bool {
	if i >= len(s) {
		return true
	}
	r, _ := decode(s, i)
	next := fold.ClassOf(r)
	return next == fold.None || next == fold.OfDense || next != fold.ClassOf(last)
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
