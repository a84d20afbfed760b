package screening

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/concepts"
	"github.com/heed-line/heed/internal/screening/details"
	"github.com/heed-line/heed/internal/screening/fold"
)

// Features is what two texts are compared by once both may be read. It holds hashes of a text's words and the text, and
// must be treated like the text itself: in memory only.
type Features struct {
	text     string
	at       time.Time // when it came; zero where unknown
	words    []uint32  // each once
	weights  []float32 // of the words: their rarity
	weight   float64   // the sum of the weights
	pairs    []uint32  // of words near each other; each once
	outline  []uint32  // of the pairs: see outlineOf
	order    []uint16  // of all words, by their places in words; nil where what was read is not the text
	whole    uint32    // of all words in their order
	signs    []sign    // sorted by hash
	signed   []uint32  // the hashes of the signs: of another report's they are asked for before all else, and lie together
	script   byte      // of most of its letters
	category string
	kind     string // the class of noise, where the text was found irrelevant
	refused  bool
}

// Features reads a text for Relate. Features made with different Screeners compare.
func (s *Screener) Features(text string) Features {
	_, f := s.Assess(Input{Text: text})
	return f
}

// Recall makes again the Features of a text that was screened before, from that Screening: far cheaper than to assess it anew.
func (s *Screener) Recall(in Input, screened heed.Screening) Features {
	return s.features(fold.New(in.Text), in, screened)
}

// Assess is Screen and Features in one reading.
func (s *Screener) Assess(in Input) (heed.Screening, Features) {
	a := s.take(in, toAssess)
	return a.out, a.features
}

func (s *Screener) features(t *fold.Text, in Input, sc heed.Screening) Features {
	f := Features{text: in.Text, at: in.ReceivedAt, refused: sc.Refuse, category: sc.Category, script: scriptOf(t.Folded)}
	r := featureRooms.Get().(*featureRoom)
	defer featureRooms.Put(r)
	r.tokens = appendTokens(r.tokens[:0], t)
	f.hash(r)
	if t.Original != in.Text {
		f.order = nil
	}
	f.weigh()
	f.signs, f.signed = signs(r, t, f.weights, sc.Details, details.Context{Language: sc.Language, Regions: s.regions}, spoken(t, sc.Language, sc.Languages))
	for _, reason := range sc.Reasons {
		if reason.For == "relevance" && sc.Category == "none" && f.kind == "" {
			f.kind = reason.Rule
		}
	}
	return f
}

// featureRoom is memory that serves for one text after another: its words' hashes and places, and no word. What it grows to is bounded by
// wordsMost.
type featureRoom struct {
	tokens  []token
	hashes  []uint32
	rarity  []float32 // of the words
	signs   []sign
	signed  []uint32 // their hashes
	named   []concepts.Hit
	order   []uint64
	numbers hashNumbers
	set     hashSet
}

var featureRooms = sync.Pool{New: func() any { return &featureRoom{} }}

// hash takes the words that were read, each of whose tokens it gives its number, and those near each other. What is compared together lies
// together in memory.
func (f *Features) hash(r *featureRoom) {
	whole := uint64(len(r.tokens))
	r.hashes, r.rarity = r.hashes[:0], r.rarity[:0]
	r.numbers.begin(len(r.tokens))
	f.order = make([]uint16, len(r.tokens)) // at most wordsMost
	for i := range r.tokens {
		t := &r.tokens[i]
		whole = uint64(stir(whole<<32 | uint64(t.hash)))
		t.number = int32(r.numbers.of(t.hash, len(r.hashes)))
		f.order[i] = uint16(t.number)
		if t.number == int32(len(r.hashes)) {
			r.hashes, r.rarity = append(r.hashes, t.hash), append(r.rarity, rarityOfHash(t.hash))
		}
	}
	f.whole, f.weights = uint32(whole), slices.Clone(r.rarity)
	words := len(r.hashes)
	r.hashes = appendPairs(r.hashes, r.tokens)
	pairs := len(r.set.distinct(r.hashes[words:]))
	all := make([]uint32, words+pairs+outlineLength)
	copy(all, r.hashes[:words+pairs])
	f.words, f.pairs, f.outline = all[:words:words], all[words:words+pairs:words+pairs], all[words+pairs:]
	outlineOf(f.pairs, f.outline)
}

// sequence adds the hashes of all words of the text in their order.
func (f *Features) sequence(out []uint32) []uint32 {
	for _, of := range f.order {
		out = append(out, f.words[of])
	}
	if f.order == nil {
		out = appendHashes(out, appendTokens(nil, fold.New(f.text)))
	}
	return out
}

// weigh adds up the weights. Those of 4,000 words have a sum that a float64 holds exactly, whatever the order.
func (f *Features) weigh() {
	f.weight = 0
	for _, w := range f.weights {
		f.weight += float64(w)
	}
}

// spoken names the languages whose concepts a text may hold: its own and those mixed in, and English in Hindi that is
// written in Latin letters.
func spoken(t *fold.Text, main string, mixed []string) []string {
	var out []string
	for _, tag := range append([]string{main}, mixed...) {
		if strings.HasPrefix(tag, "zh") || tag == "yue" {
			tag = "zh-Hans"
		}
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	if main == "hi" && !slices.Contains(out, "en") && letters(t.Folded) >= 6 {
		out = append(out, "en")
	}
	return out
}

// scriptOf names the script of most of a folded text's letters, by the byte of a range: texts of one script share
// spellings, those of two share sounds.
func scriptOf(folded string) byte {
	var n [scriptsOfLeads]int
	for i := range len(folded) {
		of := scripts[folded[i]]
		if of == bySecond {
			r, _ := utf8.DecodeRuneInString(folded[i:])
			of = scriptOfRune(r)
		}
		n[of%scriptsOfLeads]++
	}
	n[3] *= 2 // a character of these is more than a letter
	best := 0
	for i := range n[:4] {
		if n[i] > n[best] {
			best = i
		}
	}
	return byte(best)
}

// What else than a script a byte may begin: nothing that has one, or characters of two ranges.
const (
	noScript = 4 + iota
	bySecond
	scriptsOfLeads = 8 // and room, so that no place need be checked
)

// scripts are those of the characters that begin with a byte in UTF-8 (RFC 3629, section 3), none of bytes that begin none.
var scripts = func() (of [256]byte) {
	for b := range of {
		lead := rune(b)
		first, last := lead, lead
		switch {
		case lead >= 0xF0:
			first, last = 0x10000, utf8.MaxRune
		case lead >= 0xE0:
			first, last = max(0x800, lead&0x0F<<12), lead&0x0F<<12|0xFFF
		case lead >= 0xC0:
			first, last = lead&0x1F<<6, lead&0x1F<<6|0x3F
		}
		of[b] = scriptOfRune(first)
		if of[b] != scriptOfRune(last) {
			of[b] = bySecond
		}
		if lead >= 0x80 && lead < 0xC0 {
			of[b] = noScript
		}
	}
	return of
}()

func scriptOfRune(r rune) byte {
	switch {
	case r < 0x80:
		if r >= 'a' && r <= 'z' {
			return 0
		}
	case r < 0x370:
		return 0
	case r < 0x590: // Greek, Cyrillic, Armenian
		return 1
	case r < 0x2000:
		return 2
	case r >= 0x2E80:
		return 3
	}
	return noScript
}

// compact takes the blanks out of a detail, which people write where they like.
func compact(s string) string { return strings.Join(strings.Fields(s), "") }
