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
	m := matcher{Lexicon: l, s: t.Folded, starts: t.Starts(), hits: hits, waiting: l.await()}
	defer m.leave()
	for k := range len(m.starts.List) - 1 {
		m.begin(k)
	}
	return m.hits
}

// begin looks for the entries that begin at one of the places where they may.
func (m *matcher) begin(k int) {
	at := int(m.starts.List[k].At)
	m.at(k, at)
	if c := m.s[at]; c < 0xD8 || c > 0xDB { // of the bytes that Arabic letters begin with
		return
	}
	lengths, n := arabicPrefixes(m.s[at:])
	for _, skip := range lengths[:n] {
		switch end := m.starts.End(k); {
		case at+skip < end:
			m.waiting.rest = m.starts.AppendRest(m.waiting.rest[:0], k, at+skip)
			m.word(k, at, m.waiting.rest)
		case !m.starts.Apart(k + 1):
			m.at(k+1, at)
		}
	}
}

// matcher is one text while its entries are found.
type matcher struct {
	*Lexicon
	s       string
	starts  *fold.Starts
	hits    []Hit
	waiting *waiting
}

// waiting are the entries of which the beginning was found in a text. It serves for one text after another.
type waiting struct {
	text  uint32    // counts them
	leads []pending // where each beginning of entries of several parts was found last
	of    []pending // of each such entry, how far beyond its beginning it was found
	rest  []uint64  // the hashes of a word without what is written on to it
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

// leave lets another text wait in what this one did.
func (m *matcher) leave() {
	if cap(m.waiting.rest) > longestRest {
		m.waiting.rest = nil
	}
	m.Lexicon.waiting.Put(m.waiting)
}

// longestRest is of how many characters room for a word is kept.
const longestRest = 1 << 10

// at finds the entries that begin at the start at k; shown is where the word that holds it starts.
func (m *matcher) at(k, shown int) {
	if k == len(m.starts.List)-1 {
		return
	}
	hashes := m.starts.Hashes(k)
	switch {
	case m.starts.List[k].Of != fold.OfDense:
		m.word(k, shown, hashes)
	case len(hashes) == 2 && m.starts.List[k+1].Of == fold.OfDense && !m.starts.Apart(k+1):
		if m.opens.Begun(hashes[0]) {
			m.ended(m.table.find(hashes[0]), k, shown)
		}
		if m.opens.Begun(hashes[1]) || m.opens.GoesOn(m.starts, k, hashes[1]) {
			m.from(hashes[1], k+1, shown)
		}
	case m.opens.May(m.starts, k):
		m.from(hashes[0], k, shown)
	}
}

// word finds the entries that begin with the word or the sign at the start at k, or with the end of it whose hashes are given.
func (m *matcher) word(k, shown int, hashes []uint64) {
	for n, to := m.opens.Parts(hashes); n < to; n++ {
		if m.opens.Begun(hashes[n]) {
			m.stem(hashes[n], k, shown, len(hashes), n+1)
		}
	}
	if whole := hashes[len(hashes)-1]; m.opens.Begun(whole) || m.opens.GoesOn(m.starts, k, whole) {
		m.from(whole, k, shown)
	}
}

// from goes on with the entries of which so much as has a hash ends with the word at the start at k.
func (m *matcher) from(hash uint64, k, shown int) {
	for s := m.table.find(hash); s != nil; s = m.table.find(hash) {
		if s.parts > 0 {
			m.ended(s, k, shown)
		}
		if k++; s.next == 0 || k == len(m.starts.List)-1 {
			return
		}
		if s.stems != 0 && m.starts.List[k].Of != fold.OfDense {
			hashes := m.starts.Hashes(k)
			for n, begun := range hashes[:len(hashes)-1] {
				if !s.mayEndIn(n + 1) {
					continue
				}
				if begun = m.starts.Join(hash, k, begun); s.leadsTo(begun) {
					m.stem(begun, k, shown, len(hashes), n+1)
				}
			}
		}
		if hash = m.starts.Join(hash, k, m.starts.Whole(k)); !s.leadsTo(hash) {
			return
		}
	}
}

// ended completes the entries that end with the word at the start at k.
func (m *matcher) ended(s *slot, k, shown int) {
	if s == nil {
		return
	}
	end := m.starts.End(k)
	parts := m.parts[s.ends:][:s.parts]
	for i := range parts {
		if p := &parts[i]; p.prefix && m.runsOn(k) {
			m.complete(p, shown, wordEnd(m.s, end))
		} else {
			m.complete(p, shown, end)
		}
	}
}

// stem completes the entries that end with so many of all the characters up to the end of the word at the start at k, if that may go on.
func (m *matcher) stem(hash uint64, k, shown, all, characters int) {
	s := m.table.find(hash)
	if s == nil {
		return
	}
	end := m.starts.End(k)
	if beyond := all - characters; beyond > longestEnd || m.runsOn(k) {
		for range beyond {
			_, size := utf8.DecodeLastRuneInString(m.s[:end])
			end -= size
		}
		end = wordEnd(m.s, end)
	}
	parts := m.parts[s.ends:][:s.parts]
	for i := range parts {
		if p := &parts[i]; p.prefix {
			m.complete(p, shown, end)
		}
	}
}

// runsOn says whether digits stand behind the letters at the start at k, or letters behind digits.
func (m *matcher) runsOn(k int) bool {
	of := m.starts.List[k+1].Of
	return (of == fold.Letter || of == fold.Digit) && !m.starts.Apart(k+1)
}

// complete notes a part of an entry, and the hit once its last part is there.
func (m *matcher) complete(p *part, start, end int) {
	if p.of == 1 {
		m.hits = append(m.hits, Hit{m.classes[p.class], p.weight, start, end, m.numbers[p.class]})
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
		m.hits = append(m.hits, Hit{m.classes[p.class], p.weight, int(lead.start), end, m.numbers[p.class]})
	}
}

// longestEnd is how many characters of a word are shown beyond those that an entry has of it.
const longestEnd = 40

// wordEnd is where a word ends that goes on at place i of s.
func wordEnd(s string, i int) int {
	for range longestEnd {
		r, size := utf8.DecodeRuneInString(s[i:])
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
