// Package fold brings text into the one form in which Heed compares it, and keeps the way back: every byte of the
// folded form knows from which bytes of the original it came, so that what is found can be shown where it stands.
//
// Folding is compatibility decomposition (Unicode NFKC by character, UAX #15), lower case, Latin, Greek, Cyrillic,
// Arabic and Hebrew marks dropped, Arabic letter variants and traditional Chinese characters unified, zero-width and
// bidirectional controls removed, and every run of white space one blank. It imports only the Unicode tables and sees
// text in memory; it keeps none.
package fold

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is a text and its folded form.
type Text struct {
	Original string
	Folded   string  // valid UTF-8
	from     []int32 // offset in Original of the character that gave this byte of Folded
	uneven   bool    // a character beyond ASCII gave none, several or a blank, or nobody knows: see Undrawn
	once     sync.Once
	starts   *Starts // see Starts
}

// New folds s. Time and memory are linear in its length; s may hold invalid UTF-8, each bad byte of which becomes a
// blank.
func New(s string) *Text {
	t := &Text{Original: s}
	w := writers.Get().(*writer)
	defer writers.Put(w)
	w.reserve(0, len(s)+2*utf8.UTFMax)
	b, from, n, blank := w.folded, w.from, 0, true // n bytes are written
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			f := byte(ascii[c])
			if f != ' ' || !blank {
				b[n], from[n] = f, int32(i)
				n++
			}
			blank = f == ' '
			i++
			continue
		}
		r, size := decodeLong(s, i)
		if staysItself(r) {
			for end := i + size; i < end; i++ {
				b[n], from[n] = s[i], int32(end-size)
				n++
			}
			blank = false
			continue
		}
		folded := fold(r, size, &w.one)
		if more := utf8.UTFMax*len(folded) + len(s) - i; n+more+utf8.UTFMax > len(b) {
			w.reserve(n, more)
			b, from = w.folded, w.from
		}
		t.uneven = t.uneven || len(folded) != 1 || folded[0] == ' '
		for _, f := range folded {
			if f == ' ' && blank {
				continue
			}
			blank = f == ' '
			for end := n + utf8.EncodeRune(b[n:], f); n < end; n++ {
				from[n] = int32(i)
			}
		}
		i += size
	}
	t.Folded, t.from = string(b[:n]), from[:n]
	if len(from) > longestKept { // it keeps the room
		w.folded, w.from = nil, nil
	} else {
		t.from = slices.Clone(t.from)
	}
	return t
}

// writer is room to write a folded text in. It serves for one after another.
type writer struct {
	folded []byte
	from   []int32 // of each of those bytes
	one    [1]rune
}

// reserve makes room for so many bytes more than are written, and a character beyond.
func (w *writer) reserve(written, more int) {
	if need := written + more + utf8.UTFMax; need > len(w.folded) {
		need += need / 2
		w.folded = append(w.folded[:written:written], make([]byte, need-written)...)
		w.from = append(w.from[:written:written], make([]int32, need-written)...)
	}
}

var writers = sync.Pool{New: func() any { return &writer{} }}

// longestKept is how much room is kept for the next text.
const longestKept = 1 << 16

// Origin gives the span of Original from which Folded[start:end] came; start < end.
func (t *Text) Origin(start, end int) (int, int) {
	return int(t.from[start]), t.to(end - 1)
}

// Part is the text with no more of it folded than Folded[start:end].
func (t *Text) Part(start, end int) *Text {
	return &Text{Original: t.Original, Folded: t.Folded[start:end], from: t.from[start:end], uneven: true}
}

// At gives the place in Original of the character that gave Folded[i].
func (t *Text) At(i int) int { return int(t.from[i]) }

// to is where the character of Original ends that gave a byte of Folded.
func (t *Text) to(at int) int {
	from := int(t.from[at])
	if t.Original[from] < utf8.RuneSelf {
		return from + 1
	}
	_, size := utf8.DecodeRuneInString(t.Original[from:])
	return from + size
}

// String folds s without the way back, blanks around it cut off.
func String(s string) string {
	var short [64]byte // for a word
	b := short[:0]
	blank := true
	var one [1]rune
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		for _, f := range fold(r, size, &one) {
			if f != ' ' || !blank {
				b = utf8.AppendRune(b, f)
			}
			blank = f == ' '
		}
		i += size
	}
	return strings.TrimSpace(string(b))
}

// fold gives the folded characters of r; none where r is dropped. size 1 with r == RuneError is an invalid byte.
func fold(r rune, size int, one *[1]rune) []rune {
	switch {
	case r < 0x80:
		return ascii[r : r+1]
	case r == utf8.RuneError && size == 1:
		return ascii[' ' : ' '+1]
	case r < rune(len(low)):
		return low[r]
	case r >= 0x4E00 && r <= 0x9FFF:
		if s, ok := simplified[r]; ok {
			r = s
		}
		one[0] = r
		return one[:]
	case r >= 0x3000 && r < 0x3040:
		return chineseSigns[r-0x3000]
	case r >= 0xFF00 && r < 0xFFF0:
		return wide[r-0xFF00]
	case r >= 0x3040 && r <= 0x30FF, r >= 0xAC00 && r <= 0xD7A3:
		one[0] = r
		return one[:]
	}
	return slow(r)
}

// staysItself says of most characters beyond ASCII that fold to themselves that they do.
func staysItself(r rune) bool {
	switch {
	case r < tableSize:
		return itself[r]
	case r >= 0x4E00 && r <= 0x9FFF:
		return !traditional[r-0x4E00]
	}
	return r > 0x3040 && r <= 0x30FF || r >= 0xAC00 && r <= 0xD7A3
}

// itself are the characters below tableSize that fold to themselves, traditional those from U+4E00 on that don't.
var (
	itself = func() (t [tableSize]bool) {
		for r := range t {
			t[r] = len(low[r]) == 1 && low[r][0] == rune(r)
		}
		return t
	}()
	traditional = func() (t [0xA000 - 0x4E00]bool) {
		for r := range simplified {
			t[r-0x4E00] = true
		}
		return t
	}()
)

// tableSize covers the alphabets, so that only rare characters take the slow way.
const tableSize = 0x2100

var (
	ascii = func() []rune {
		t := make([]rune, 0x80)
		for i := range t {
			t[i] = unicode.ToLower(rune(i))
			if i <= ' ' || i == 0x7F {
				t[i] = ' '
			}
		}
		return t
	}()
	low          = table(0, tableSize)
	chineseSigns = table(0x3000, 0x3040)
	wide         = table(0xFF00, 0xFFF0)
)

// table is slow for the characters from one to before another.
func table(from, to rune) [][]rune {
	t := make([][]rune, 0, to-from)
	for r := from; r < to; r++ {
		t = append(t, slow(r))
	}
	return t
}

// letters that compatibility decomposition leaves alone but people write either way.
var variants = map[rune]string{
	'ß': "ss", 'ø': "o", 'æ': "ae", 'œ': "oe", 'ł': "l", 'đ': "d", 'ı': "i", 'ŋ': "n", 'þ': "th", 'ð': "d",
	'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ى': "ي", 'ة': "ه", 'ؤ': "و", 'ئ': "ي", 'ی': "ي", 'ک': "ك",
	'’': "'", '‘': "'", '＇': "'", '´': "'", '`': "'", '“': "\"", '”': "\"", '–': "-", '—': "-", '−': "-", '‐': "-", '‑': "-",
}

func slow(r rune) []rune {
	if dropped(r) {
		return nil
	}
	if unicode.IsSpace(r) || unicode.IsControl(r) {
		return []rune{' '}
	}
	l := unicode.ToLower(r)
	if v, ok := variants[l]; ok {
		return []rune(v)
	}
	form := norm.NFKC
	if l < 0x0700 || l >= 0x1E00 && l < 0x2000 {
		form = norm.NFKD // so that the marks come off
	}
	var out []rune
	for _, d := range form.String(string(l)) {
		if dropped(d) {
			continue
		}
		if unicode.IsSpace(d) {
			d = ' '
		}
		if v, ok := variants[d]; ok {
			out = append(out, []rune(v)...)
			continue
		}
		d = unicode.ToLower(d)
		if digit, ok := decimal(d); ok {
			d = '0' + digit
		}
		out = append(out, d)
	}
	return out
}

// dropped says which characters carry nothing that a comparison should see.
func dropped(r rune) bool {
	switch {
	case unicode.Is(unicode.Cf, r): // zero-width and bidirectional controls, soft hyphen
		return true
	case r >= 0x0300 && r <= 0x036F, r >= 0x0591 && r <= 0x05C7, r >= 0x0610 && r <= 0x061A,
		r >= 0x064B && r <= 0x065F, r == 0x0670, r == 0x0640, r >= 0x06D6 && r <= 0x06ED, r >= 0xFE00 && r <= 0xFE0F:
		return true
	}
	return false
}

// decimal gives the value of a decimal digit of any script (Unicode class Nd runs in tens from its zero).
func decimal(r rune) (rune, bool) {
	if r < 0x80 || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	zero := r
	for zero > 0 && r-zero < 10 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return (r - zero) % 10, true
}

// Class is what a folded character is to the words around it: one class ends where another begins.
type Class uint8

// The classes: of no word; a letter or mark; a decimal digit; a character of a script written without blanks, a word by itself.
const (
	None Class = iota
	Letter
	Digit
	OfDense
)

// ClassOf gives a character's class. It is small enough to be inlined.
func ClassOf(r rune) Class {
	if uint32(r) < alphabets {
		return classes[r]
	}
	return class(r)
}

func class(r rune) Class {
	switch {
	case r >= 0x4E00 && r <= 0x9FFF:
		return OfDense
	case r < 0 || !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r):
		return None
	case r >= '0' && r <= '9':
		return Digit
	case Dense(r):
		return OfDense
	}
	return Letter
}

// Word says whether r belongs to a word: a letter, mark or digit.
func Word(r rune) bool { return ClassOf(r) != None }

// alphabets is where the blocks of most alphabets end.
const alphabets = 0x3100

// classes are those of the characters below alphabets.
var classes = func() (t [alphabets]Class) {
	for r := range rune(alphabets) {
		t[r] = class(r)
	}
	return t
}()

// Dense says whether r is of a script written without blanks between words.
func Dense(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3040 && r <= 0x30FF, r >= 0x3400 && r <= 0x4DBF, r >= 0x20000 && r <= 0x3FFFF:
		return true
	case r == 0x3005, r == 0x3007:
		return true
	case r >= 0x0E00 && r <= 0x0EFF, r >= 0x1000 && r <= 0x109F, r >= 0x1780 && r <= 0x17FF, r >= 0x0F00 && r <= 0x0FFF:
		return true
	}
	return false
}

// FoldedSpan gives the span of Folded that came from Original[start:end].
func (t *Text) FoldedSpan(start, end int) (int, int) {
	a, _ := slices.BinarySearch(t.from, int32(start))
	for a > 0 && t.to(a-1) > start { // start is inside a character
		a--
	}
	b, _ := slices.BinarySearch(t.from, int32(end))
	return a, b
}

// Cursor gives what parts of Original were folded to, in the order of their places: it goes over the text once.
type Cursor struct {
	Text      *Text
	at, place int // in Folded, and in Original
}

// Of gives what Original[start:end] was folded to.
func (c *Cursor) Of(start, end int) string {
	begin := c.to(start)
	return c.Text.Folded[begin:c.to(end)]
}

// to gives the first place of Folded that came from place of Original or from behind it. Nearly always it is as far on in the one as in the
// other.
func (c *Cursor) to(place int) int {
	from := c.Text.from
	if at := c.at + place - c.place; at < len(from) && int(from[at]) >= place && (at == c.at || int(from[at-1]) < place) {
		c.at = at
	}
	for c.at < len(from) && int(from[c.at]) < place {
		c.at++
	}
	c.place = place
	return c.at
}
