package screening

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/concepts"
	"github.com/heed-line/heed/internal/screening/details"
	"github.com/heed-line/heed/internal/screening/fold"
)

// sign is one thing by which a happening is known again when somebody else tells of it.
type sign struct {
	kind       signKind
	rarity     float32 // 0 (everybody writes it) to 1, from texts like reports; a history of a line's own corrects it
	start, end int32   // where it first stands in the original; equal where nowhere
}

type signKind uint8

// The kinds of signs, each a reason's rule.
const (
	signWord    signKind = iota // a word by its stem, or two characters of a script without blanks
	signSound                   // the consonants of what may be a name, which most scripts spell alike
	signNumber                  // a number or code
	signConcept                 // what is spoken of, whatever the language
	signDetail                  // a key detail: telephone, address, account, plate
	signName                    // a person, organisation or place
	signKinds
)

// signRules name the kinds to people.
var signRules = [signKinds]string{
	eventRules + "words", eventRules + "sounds", eventRules + "numbers", eventRules + "concepts", eventRules + "details", eventRules + "names",
}

// signsMost bounds the signs of one text.
const signsMost = 1200

// signReader gathers the signs of one reading.
type signReader struct {
	room   *featureRoom
	text   *fold.Text
	folded string
	rarity []float32 // of the words, by number
	cased  bool      // whether who wrote the text writes capitals
	out    []sign
	hashes []uint32 // of those
	seen   hashes
}

// signs gives a text's signs and their hashes, by which they are sorted, each once. Its words are in the room and have the given rarity. The details were found in the
// context c.
func signs(r *featureRoom, text *fold.Text, rarity []float32, found []heed.Detail, c details.Context, languages []string) ([]sign, []uint32) {
	g := signReader{room: r, text: text, folded: text.Folded, rarity: rarity, cased: strings.IndexFunc(text.Original, unicode.IsUpper) >= 0, out: r.signs[:0], hashes: r.signed[:0]}
	for _, d := range found {
		g.detail(d, c)
	}
	g.words()
	r.named = concepts.Shipped().AppendHits(r.named[:0], text, languages)
	for _, hit := range r.named {
		g.add(signConcept, noWord, uint64(hit.Concept)<<8|'c', rarityOfConcept(hit.Concept), hit.Start, hit.End)
	}
	r.signs, r.signed = g.out, g.hashes
	return r.byHash(g.out, g.hashes)
}

// byHash gives different signs and their hashes sorted by these.
func (r *featureRoom) byHash(signs []sign, hashes []uint32) ([]sign, []uint32) {
	r.order = slices.Grow(r.order[:0], 2*len(signs))[:2*len(signs)]
	order, room := r.order[:len(signs)], r.order[len(signs):]
	for i, hash := range hashes {
		order[i] = uint64(hash)<<32 | uint64(i)
	}
	sortSpread(order, room, 64-8)
	sorted, theirs := make([]sign, len(signs)), make([]uint32, len(signs))
	for i, of := range order {
		sorted[i], theirs[i] = signs[uint32(of)], uint32(of>>32)
	}
	return sorted, theirs
}

// noWord is the hash of no word.
var noWord = wordHash("")

// add takes a sign, given the hash of its word, at a place of the folded text. What is common tells nothing and is left out.
func (g *signReader) add(kind signKind, word uint32, salt uint64, rarity float32, start, end int) {
	if rarity < leastRarity || len(g.out) >= signsMost {
		return
	}
	hash := stir(uint64(word)<<16 ^ salt)
	if !g.seen.first(hash) {
		return
	}
	from, to := g.text.Origin(start, end)
	if g.cased && (kind == signWord || kind == signSound) && small(g.text.Original[from:]) {
		rarity *= noName
	}
	g.out, g.hashes = append(g.out, sign{kind, rarity, int32(from), int32(to)}), append(g.hashes, hash)
}

// noName is how much less telling a rare word is that is written small, beside others that aren't: it is hardly a name.
const noName = 0.9

// small says whether a text begins with a small letter.
func small(text string) bool {
	if first := text[0]; first < utf8.RuneSelf {
		return first >= 'a' && first <= 'z'
	}
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(r)
}

// hashes is a set of at most signsMost hashes, in a table: a map would be made anew for each text.
type hashes struct {
	table [2 << hashesBits]uint32
	zero  bool // whether 0, which marks a free place, is in the set
}

const hashesBits = 10 // of half the table, which signsMost fill to three fifths

// first puts a hash into the set and says whether it is new there.
func (h *hashes) first(hash uint32) bool {
	if hash == 0 {
		was := h.zero
		h.zero = true
		return !was
	}
	for at := hash; ; at++ {
		switch place := &h.table[at%uint32(len(h.table))]; *place {
		case 0:
			*place = hash
			return true
		case hash:
			return false
		}
	}
}

// leastRarity is that of a word which one text in six has.
const leastRarity = 0.3

// detail adds a key detail, whole, by its normal form: one number is one thing, with its country or without. Money and times are found as
// numbers.
func (g *signReader) detail(d heed.Detail, c details.Context) {
	start, end := g.text.FoldedSpan(d.Start, d.End)
	if end <= start {
		return
	}
	switch d.Type {
	case "person", "organisation", "place":
		g.add(signName, wordHash(compact(fold.String(d.Text))), 'p', 1, start, end)
	case "time", "money":
	default:
		g.add(signDetail, wordHash(details.Normal(d, c, time.Time{})), 'd', 1, start, end)
	}
}

// words adds what the words of the text give.
func (g *signReader) words() {
	seen := int32(0)  // so many different ones
	var before *token // where it was dense
	for i := range g.room.tokens {
		t := &g.room.tokens[i]
		if !t.dense {
			if t.number == seen { // else all that it gives was added before
				g.word(t)
			}
			seen = max(seen, t.number+1)
			continue
		}
		seen = max(seen, t.number+1)
		if before != nil && before.end == t.start {
			two := wordHash(g.folded[before.start:t.end])
			g.add(signWord, two, 'w', rarityOfTwo(two, g.rarity[before.number], g.rarity[t.number]), int(before.start), int(t.end))
		}
		before = t
	}
}

func (g *signReader) word(t *token) {
	word, start, end, runes := t.of(g.folded), int(t.start), int(t.end), int(t.runes)
	if t.digits {
		digits := countDigits(word)
		if rarity := rarityOfNumber(word, digits); runes >= 2 {
			g.add(signNumber, t.hash, 'n', rarity, start, end)
			if runes >= 8 && digits < runes { // a batch "AB2609…" is the head of its numbers
				g.add(signNumber, wordHash(word[:6]), 'n', rarity*0.8, start, end)
			}
		}
		return
	}
	if runes < 4 {
		return // shorter words join sentences, they name nothing
	}
	stem, rarity := t.hash, g.rarity[t.number]
	if of := stemOf(word, runes); len(of) < len(word) {
		stem = wordHash(of)
		rarity = rarityOfHash(stem)
	}
	g.add(signWord, stem, 'w', rarity, start, end)
	if soundly := rarity * 0.9; soundly >= leastRarity { // else no need to listen
		if sound, ok := soundOf(word); ok {
			g.add(signSound, sound, 's', soundly, start, end)
		}
	}
}

// stemOf cuts a word where its endings may begin, and the article off an Arabic one.
func stemOf(word string, runes int) string {
	if rest, ok := strings.CutPrefix(word, "ال"); ok && runes >= 6 {
		word, runes = rest, runes-2
	}
	if runes <= stemLength {
		return word
	}
	n := 0
	for i := range word {
		if n == stemLength {
			return word[:i]
		}
		n++
	}
	return word
}

const stemLength = 6

func countDigits(word string) int {
	n := 0
	for i := range len(word) {
		if word[i] >= '0' && word[i] <= '9' {
			n++
		}
	}
	return n
}

// rarityOfNumber goes by the digits: many things are 12, few are 3307. Years are said by everybody.
func rarityOfNumber(word string, digits int) float32 {
	switch {
	case digits == 4 && len(word) == 4 && (strings.HasPrefix(word, "19") || strings.HasPrefix(word, "20")):
		return 0
	case digits < len(word) && len(word) >= 4:
		return 1
	case digits >= 4 && word[digits-2:] != "00":
		return 0.9
	case digits >= 3:
		return 0.6
	case digits == 2:
		return 0.4
	}
	return 0
}
