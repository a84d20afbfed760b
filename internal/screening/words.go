package screening

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// wordsMost is how many words of a text are compared: two texts that agree in so many agree.
const wordsMost = 4000

// eachWord calls f with the place of each word of a folded text, up to wordsMost: a run of letters and digits, one
// character of a script without blanks, or a whole web address, which names one thing however many words are in it.
func eachWord(folded string, f func(start, end int, dense bool)) {
	start, n := -1, 0
	emit := func(from, to int, dense bool) {
		if n < wordsMost {
			f(from, to, dense)
		}
		n++
	}
	for i := 0; i < len(folded) && n < wordsMost; {
		r, size := rune(folded[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(folded[i:])
		}
		class := fold.ClassOf(r)
		dense := class == fold.OfDense
		if start >= 0 && (dense || class == fold.None) {
			if end := address(folded, start, i); end > i {
				emit(start, end, false)
				start, i = -1, end
				continue
			}
			emit(start, i, false)
			start = -1
		}
		switch {
		case dense:
			emit(i, i+size, true)
		case start < 0 && class != fold.None:
			start = i
		}
		i += size
	}
	if start >= 0 {
		emit(start, len(folded), false)
	}
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

// token is a word of a folded text: its place and its hash. dense says that it is a character of a script without blanks.
type token struct {
	start, end int32
	hash       uint32
	dense      bool
}

func (t *token) of(folded string) string { return folded[t.start:t.end] }

// appendTokens adds the words of a folded text in their order.
func appendTokens(out []token, folded string) []token {
	eachWord(folded, func(start, end int, dense bool) {
		out = append(out, token{int32(start), int32(end), wordHash(folded[start:end]), dense})
	})
	return out
}

// wordHash is FNV-1a with a last stir. It is not keyed: it stays in memory, and in the table of common words, which the
// same text must find in every line.
func wordHash(word string) uint32 {
	h := uint64(14695981039346656037)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 1099511628211
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
	if len(hashes) < fewHashes {
		slices.Sort(hashes)
	} else {
		sortHashes(hashes, make([]uint32, len(hashes)), 0)
	}
	return slices.Compact(hashes)
}
