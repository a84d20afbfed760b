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

// appendTokens adds the words of a folded text in their order, up to wordsMost.
func appendTokens(out []token, text *fold.Text) []token {
	folded, starts, most := text.Folded, text.Starts(), len(out)+wordsMost
	behind := int32(0) // the last word
	for k, last := 0, len(starts.List)-1; k < last && len(out) < most; k++ {
		at := starts.List[k].At
		if !starts.Word(k) || at < behind && starts.End(k) <= int(behind) {
			continue
		}
		t := token{start: max(at, behind), dense: starts.List[k].Of == fold.OfDense}
		for t.read(starts, k); !t.dense && starts.List[k+1].Amid && starts.Word(k+1); t.read(starts, k) {
			k++
		}
		if end := address(folded, int(t.start), int(t.end)); end > 0 {
			t.end, t.digits = int32(end), countDigits(folded[t.start:end]) > 0
			t.runes = int32(utf8.RuneCountInString(t.of(folded)))
		} else if at < behind { // an address ended amid the word
			t.runes = int32(utf8.RuneCountInString(t.of(folded)))
		}
		t.hash = wordHash(t.of(folded))
		out = append(out, t)
		behind = t.end
	}
	return out
}

// read makes what begins at the start at k, all letters or all digits, the end of the word.
func (t *token) read(starts *fold.Starts, k int) {
	t.end = int32(starts.End(k))
	if t.dense {
		t.runes = 1
		return
	}
	t.runes += int32(len(starts.Hashes(k)))
	t.digits = t.digits || starts.List[k].Of == fold.Digit
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
