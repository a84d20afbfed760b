package names

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Label says what a word is.
type Label uint8

// The labels: none of it, or the beginning or the inside of a name.
const (
	None Label = iota
	BeginPerson
	InPerson
	BeginOrganisation
	InOrganisation
	BeginPlace
	InPlace
	labels
)

// Kind is the type of detail, "" for None.
func (l Label) Kind() string {
	return [labels]string{"", "person", "person", "organisation", "organisation", "place", "place"}[l]
}

// begins says that the label starts a name.
func (l Label) begins() bool { return l == BeginPerson || l == BeginOrganisation || l == BeginPlace }

// Name is one name in a text.
type Name struct {
	Kind       string // person, organisation, place
	Start, End int    // byte offsets into the text
}

const (
	bucketBits = 18
	magic      = "HNM1"
)

// Model holds the weights. It is read-only after Load and safe for concurrent use.
type Model struct {
	rows []uint64 // by bucket: the labels' weights, each in a byte and 128 too high
}

//go:embed model.bin.gz
var shipped []byte

// Default is the model that Heed ships, read at the first call.
var Default = sync.OnceValue(func() *Model {
	m, err := Load(bytes.NewReader(shipped))
	if err != nil {
		panic("names: " + err.Error()) // the file is part of the program
	}
	return m
})

// Load reads a model as Write wrote it.
func Load(r io.Reader) (*Model, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the model of names: %w", err)
	}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(z, head); err != nil || string(head) != magic {
		return nil, errors.New("this is no model of names")
	}
	b := make([]byte, int(labels)<<bucketBits)
	if _, err := io.ReadFull(z, b); err != nil {
		return nil, fmt.Errorf("read the model of names: %w", err)
	}
	m := &Model{rows: make([]uint64, 1<<bucketBits)}
	for i, v := range b {
		m.put(i, int8(v))
	}
	return m, nil
}

// Write packs the model. The same model gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("pack the model of names: %w", err)
	}
	b := make([]byte, 0, int(labels)*len(m.rows)+len(magic))
	b = append(b, magic...)
	for _, row := range m.rows {
		for range labels {
			b = append(b, byte(row)^high)
			row >>= 8
		}
	}
	if _, err := z.Write(b); err != nil {
		return fmt.Errorf("pack the model of names: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack the model of names: %w", err)
	}
	return nil
}

// Find gives the names among the words of a text, in order. Time is linear in their number.
func (m *Model) Find(words []Word) []Name {
	var out []Name
	before := None
	var c context
	cased := casing(words)
	var keys [featureCount]uint32
	for i := range words {
		label := None
		if considered(words, i, cased, before) {
			c = context{words, i, cased, before}
			label = m.best(c.features(keys[:0]))
		}
		switch kind := label.Kind(); {
		case label == None:
		case !label.begins() && before.Kind() == kind && adjacent(&words[i]):
			out[len(out)-1].End = words[i].End
		default:
			out = append(out, Name{kind, words[i].Start, words[i].End})
		}
		before = label
	}
	if cased == without {
		return slices.DeleteFunc(out, func(n Name) bool { return !likelyUncased(words, n) }) // a transcript: words alone tell too little
	}
	return slices.DeleteFunc(out, func(n Name) bool { return plainOpening(words, n) })
}

// likelyUncased says whether a name without capitals is likely one: a place in known.txt, or several words of which one
// is in it and another is no common word.
func likelyUncased(words []Word, n Name) bool {
	count, isKnown, own := 0, false, false
	for i := wordAt(words, n.Start); i < len(words) && words[i].Start < n.End; i++ {
		w := &words[i]
		kinds := known()[w.Lower]
		count++
		isKnown = isKnown || kinds != ""
		own = own || strings.ContainsAny(kinds, "gkp") || kinds == "" && !particle[w.Lower] && !plain[w.Lower] && w.shape != numeral
		if count == 1 && w.End >= n.End {
			return strings.Contains(kinds, "p")
		}
	}
	return isKnown && own
}

// plainOpening says whether all words of the name are plain ones, the first with a capital from its sentence's beginning, or
// written in capitals.
func plainOpening(words []Word, n Name) bool {
	first := wordAt(words, n.Start)
	for i := first; i < len(words) && words[i].Start < n.End; i++ {
		if !plain[words[i].Lower] {
			return false
		}
	}
	return words[first].Opens || words[first].shape == shout
}

func wordAt(words []Word, start int) int {
	i, _ := slices.BinarySearchFunc(words, start, func(w Word, at int) int { return w.Start - at })
	return i
}

// considered says whether the word at i may be part of a name at all, before being the label of the word before.
func considered(words []Word, i, cased int, before Label) bool {
	w := &words[i]
	switch w.shape {
	case other:
		return false
	case small:
		return cased != normal || before != None && joins(words, i)
	case numeral:
		return cased != normal || before != None || capitalFollows(words, i)
	}
	opensOnly := cased == normal && before == None && (w.Opens || w.Lower == "i") && plain[w.Lower]
	return !opensOnly || capitalFollows(words, i) || i+1 < len(words) && particle[words[i+1].Lower]
}

// capitalFollows says whether the word after the one at i is written as a name's is: else a plain word that begins a sentence, or a number,
// begins no name.
func capitalFollows(words []Word, i int) bool { return i+1 < len(words) && words[i+1].Capital() }

// adjacent says whether no more than a blank, a dot or an ampersand stands between the word before and w.
func adjacent(w *Word) bool {
	return w.before == ' ' || w.before == '.' && !w.Opens || w.before == '&' || w.before == '"' || w.before == '-'
}

// joins says whether the small word at i can stand inside a name, which must then go on with a capital.
func joins(words []Word, i int) bool {
	if !particle[words[i].Lower] || i+1 >= len(words) {
		return false
	}
	return words[i+1].shape != small || i+2 < len(words) && particle[words[i+1].Lower] && words[i+2].shape != small
}

// best is the label with the highest sum. The sums of the even labels and of the odd ones are added up side by side, each in sixteen
// bits, which as many features as there are cannot fill.
func (m *Model) best(keys []uint32) Label {
	const bytes = 0x00FF00FF00FF00FF
	var even, odd uint64
	for _, k := range keys {
		row := m.rows[k]
		even += row & bytes
		odd += row >> 8 & bytes
	}
	best, most := None, -1
	for l := range labels {
		lane := even
		if l%2 == 1 {
			lane = odd
		}
		if sum := int(lane >> (l / 2 * 16) & 0xFFFF); sum > most { // all are 128 too high as often
			best, most = l, sum
		}
	}
	return best
}

// put sets the weight of a label for a bucket, i being the place among all, one bucket's after the other's.
func (m *Model) put(i int, weight int8) {
	m.rows[i/int(labels)] |= uint64(byte(weight)^high) << (i % int(labels) * 8)
}

// high makes -128..127 to 0..255.
const high = 0x80

// How a text uses capitals.
const (
	normal = iota
	without
	shouted
)

func casing(words []Word) int {
	capitals, shouts := 0, 0
	for i := range words {
		w := &words[i]
		if w.Capital() && w.Lower != "i" {
			capitals++
		}
		if w.shape == shout {
			shouts++
		}
	}
	switch {
	case 2*shouts > len(words):
		return shouted
	case capitals == 0 || len(words) >= 15 && capitals*40 < len(words):
		return without
	}
	return normal
}

// context is a word whose label is looked for.
type context struct {
	words  []Word
	at     int
	cased  int
	before Label
}

func (c *context) word(d int) string {
	if i := c.at + d; i >= 0 && i < len(c.words) {
		return c.words[i].Lower
	}
	return "|"
}

func (c *context) form(d int) byte {
	if i := c.at + d; i >= 0 && i < len(c.words) {
		w := c.words[i]
		if w.Opens && w.shape == capital {
			return 'O'
		}
		return w.shape
	}
	return '|'
}

const featureCount = 40

// kinds gives the kinds of the word d places on.
func (c *context) kinds(d int) string {
	i := c.at + d
	if i < 0 || i >= len(c.words) {
		return known()["|"]
	}
	w := &c.words[i]
	if !w.asked {
		w.kinds, w.asked = known()[w.Lower], true
	}
	return w.kinds
}

// features are the hashed features of the word: each is a letter that tells it from the others, and its parts.
func (c *context) features(out []uint32) []uint32 {
	word, label := &c.words[c.at], byte(c.before)
	lower, before, after, beforeIt, afterIt := word.Lower, c.word(-1), c.word(1), c.word(-2), c.word(2)
	shape, cased := c.form(0), byte('0'+c.cased)
	here := func(h hash) uint32 { return h.signs(shape, word.before, cased).bucket() }
	shapeBefore, shapeAfter := c.form(-1), c.form(1)
	forms := func(h hash) hash { return h.signs(shapeBefore, shape, shapeAfter) }

	it := hashes{of('w'), of('W'), of('r'), of('m').sign(label)}.part(lower)
	prior := hashes{of('p'), of('q'), of('h'), of('j')}.part(before)
	next := hashes{a: of('n'), b: of('N'), c: of('i')}.part(after)
	second := hashes{a: of('x'), b: of('P')}.part(beforeIt)
	pairs := hashes{a: it.c, b: prior.d}.part(after)
	priors := hashes{a: second.b, b: of('o').sign(label)}.part(before)
	afters := hashes{a: next.b, b: of('y')}.part(afterIt)
	out = append(out,
		it.a.bucket(), here(it.b), it.d.bucket(), prior.a.bucket(), prior.b.part(lower).bucket(), here(prior.c), next.a.bucket(), here(next.c),
		second.a.bucket(), pairs.a.bucket(), pairs.b.bucket(), priors.a.bucket(), priors.b.bucket(), afters.a.bucket(), afters.b.bucket(),
		here(of('b')), forms(of('f')).bucket(), forms(of('F')).signs2(c.form(-2), c.form(2)).bucket(), here(of('l').sign(label)), forms(of('L').sign(label)).bucket(),
		here(of('3').part(prefix(lower, 3))), here(of('s').part(suffix(lower, 2))), here(of('t').part(suffix(lower, 3))), of('u').part(suffix(lower, 4)).bucket(),
		here(of('v').part(suffix(after, 3))), here(of('z').part(suffix(before, 3))),
	)
	kinds, kindsAfter := c.kinds(0), c.kinds(1)
	kind := hashes{a: of('0'), b: of('5'), c: of('6').sign(label)}.part(kinds)
	kindBefore := hashes{a: of('1'), b: of('4'), c: of('7').sign(label)}.part(c.kinds(-1))
	two := hashes{a: kindBefore.b, b: kindBefore.c}.part(kinds)
	kindAfter := hashes{of('2'), of('8'), kind.c, two.a}.part(kindsAfter)
	out = append(out,
		here(kind.a), forms(kind.b).bucket(), here(kindBefore.a), two.b.bucket(), here(kindAfter.a), kindAfter.c.bucket(), kindAfter.d.bucket(),
	)
	if len(c.words) > c.at+2 {
		out = append(out, here(kindAfter.b.part(c.kinds(2))))
	}
	return out
}

// prefix and suffix give so many bytes, widened to whole characters.
func prefix(s string, n int) string {
	for n < len(s) && !utf8.RuneStart(s[n]) {
		n++
	}
	return s[:min(n, len(s))]
}

func suffix(s string, n int) string {
	i := max(0, len(s)-n)
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[i:]
}
