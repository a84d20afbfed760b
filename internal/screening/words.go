package screening

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// wordsMost is how many words of a text are compared: two texts that agree in so many agree.
const wordsMost = 4000

// token is a word of a folded text: a run of letters and digits, one character of a script without blanks, or a whole web address, which
// names one thing however many words are in it.
type token struct {
	start, end int32
	runes      int32
	number     int32 // of the word among the different words of its text, in order of first place; set by Features.hash
	hash       uint32
	dense      bool // a character of a script without blanks
	digits     bool // there are ASCII digits in it
}

func (t *token) of(folded string) string { return folded[t.start:t.end] }

// appendTokens adds the words of a folded text in their order, up to wordsMost. They are cut and hashed in one pass.
func appendTokens(out []token, folded string) []token {
	most := len(out) + wordsMost
	for i := 0; i < len(folded) && len(out) < most; {
		r, size := rune(folded[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(folded[i:])
		}
		switch fold.ClassOf(r) {
		case fold.None:
			i += size
		case fold.OfDense:
			out = append(out, token{start: int32(i), end: int32(i + size), runes: 1, hash: wordHash(folded[i : i+size]), dense: true})
			i += size
		default:
			t := tokenAt(folded, i)
			out = append(out, t)
			i = int(t.end)
		}
	}
	return out
}

// tokenAt reads the word that begins at a letter or digit.
func tokenAt(folded string, start int) token {
	h, i, runes, digits := uint64(hashStart), start, int32(0), false
	for i < len(folded) {
		b := folded[i]
		if b < utf8.RuneSelf {
			class := fold.ClassOf(rune(b))
			if class == fold.None {
				break
			}
			digits = digits || class == fold.Digit
			h = (h ^ uint64(b)) * hashPrime
			i++
			runes++
			continue
		}
		r, size := utf8.DecodeRuneInString(folded[i:])
		if class := fold.ClassOf(r); class == fold.None || class == fold.OfDense {
			break
		}
		for end := i + size; i < end; i++ {
			h = (h ^ uint64(folded[i])) * hashPrime
		}
		runes++
	}
	t := token{start: int32(start), end: int32(i), runes: runes, hash: stir(h), digits: digits}
	if end := address(folded, start, i); end > i {
		word := folded[start:end]
		t.end, t.runes, t.hash, t.digits = int32(end), int32(utf8.RuneCountInString(word)), wordHash(word), countDigits(word) > 0
	}
	return t
}

// address gives the end of the web address whose scheme is folded[start:end], 0 where it is none.
func address(folded string, start, end int) int {
	if scheme := folded[start:end]; scheme != "http" && scheme != "https" || !strings.HasPrefix(folded[end:], "://") {
		return 0
	}
	rest := folded[end:]
	for i := 0; i < len(rest); i++ {
		if rest[i] == ' ' || rest[i] >= utf8.RuneSelf {
			return end + i
		}
	}
	return len(folded)
}

// wordHash is FNV-1a with a last stir. It is not keyed: it stays in memory, and in the table of common words, which the
// same text must find in every line.
func wordHash(word string) uint32 {
	h := uint64(hashStart)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * hashPrime
	}
	return stir(h)
}

// stir spreads a hash over 32 bits (the end of SplitMix64).
func stir(h uint64) uint32 {
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return uint32(h >> 32)
}

// pairReach is how far apart two words of a pair may stand: an edit between them breaks one pair and leaves others.
const pairReach = 3

// appendPairs hashes each two words that stand up to pairReach places apart, with their distance.
func appendPairs(out []uint32, words []token) []uint32 {
	for i := range words {
		a := uint64(words[i].hash) << 32
		for d := 1; d <= pairReach && i+d < len(words); d++ {
			out = append(out, stir((a|uint64(words[i+d].hash))+uint64(d)*0x9E3779B97F4A7C15))
		}
	}
	return out
}

// distinct sorts hashes in place and drops repeats.
func distinct(hashes []uint32) []uint32 {
	slices.Sort(hashes)
	return slices.Compact(hashes)
}
