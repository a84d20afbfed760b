package screening

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/details"
	"github.com/heed-line/heed/internal/screening/fold"
)

// The fingerprint's shape. docs/screening.md says how the numbers were chosen.
const (
	minima       = 128 // MinHash values, one byte each in a signature (b-bit minwise hashing, Li & König 2010)
	bandCount    = 24  // bands of two values each, from the first 48
	anchorBands  = 16  // at most so many hard details, each a band of its own
	shingleWords = 5   // characters a shingle in scripts with blanks
	shingleDense = 2   // in scripts without
	shingleMost  = 20_000
)

// Fingerprint gives what duplicates of a text are found by: bands, of which two similar texts share at least one, and a
// signature to Compare. All of it is keyed. The bands of hard details (telephone, address, account, plate, code) follow
// those of the words, so that two accounts of one happening can meet too. A text without words has no bands.
func Fingerprint(key Hasher, text string) (bands []int64, signature []byte) {
	t := fold.New(text)
	k := derive(key, "shingle")
	return fingerprint(k, shingles(k, t.Folded), details.Find(t, details.Context{}))
}

func compact(s string) string { return strings.Join(strings.Fields(s), "") }

// Compare estimates from two signatures which share of their shingles two texts have in common (Jaccard), 0..1. It is 0
// where one is not a signature.
func Compare(a, b []byte) float64 {
	if len(a) != minima || len(b) != minima {
		return 0
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	chance := 1.0 / 256
	return max(0, (float64(same)/minima-chance)/(1-chance))
}

// signatures computes the MinHash of keyed shingle hashes and its bands.
func signatures(key sipKey, hashes []uint64) (bands []int64, signature []byte) {
	if len(hashes) == 0 {
		return nil, nil
	}
	var least, odd [minima]uint64
	for i := range least {
		least[i] = math.MaxUint64
		odd[i] = (key.k0+uint64(i)*0x9E3779B97F4A7C15)*0xBF58476D1CE4E5B9 | 1
	}
	for _, h := range hashes {
		for i := range least {
			v := h * odd[i]
			v ^= v >> 29
			if v < least[i] {
				least[i] = v
			}
		}
	}
	signature = make([]byte, minima)
	for i, v := range least {
		signature[i] = byte(v * 0x94D049BB133111EB >> 56)
	}
	var b [17]byte
	for i := range bandCount {
		b[0] = byte(i)
		binary.LittleEndian.PutUint64(b[1:], least[2*i])
		binary.LittleEndian.PutUint64(b[9:], least[2*i+1])
		bands = append(bands, int64(key.hash(b[:])))
	}
	return bands, signature
}

// shingles hashes the overlapping runs of characters of a folded text, words and digits only, one blank between words.
// Each hash stands once.
func shingles(key sipKey, folded string) []uint64 {
	b := make([]byte, 0, len(folded))
	starts := make([]int, 0, len(folded))
	dense := make([]bool, 0, len(folded))
	blank := true
	for _, r := range folded {
		if !fold.Word(r) {
			if blank {
				continue
			}
			r = ' '
		}
		blank = r == ' '
		starts = append(starts, len(b))
		dense = append(dense, fold.Dense(r))
		b = utf8.AppendRune(b, r)
		if len(starts) >= shingleMost {
			break
		}
	}
	starts = append(starts, len(b))
	var out []uint64
	for i := range dense {
		n := shingleWords
		if dense[i] {
			n = shingleDense
		}
		if i+n < len(starts) {
			out = append(out, key.hash(b[starts[i]:starts[i+n]]))
		}
	}
	if len(out) == 0 && len(b) > 0 {
		out = append(out, key.hash(b))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// SearchTokens gives the words by which a report can be searched: folded words, and for scripts without blanks every two
// characters in a row. Each stands once, in order of first place; at most 2,000.
func SearchTokens(text string) []string {
	return tokens(fold.New(text).Folded, 2000)
}

func tokens(folded string, most int) []string {
	var out []string
	seen := map[string]bool{}
	add := func(w string) {
		if w != "" && len(w) <= 64 && !seen[w] && len(out) < most {
			seen[w] = true
			out = append(out, w)
		}
	}
	start, before, run := -1, -1, 0 // of a word; of the dense character before; how many in a row
	for i, r := range folded {
		switch {
		case fold.Dense(r):
			if start >= 0 {
				add(folded[start:i])
				start = -1
			}
			if before >= 0 {
				add(folded[before : i+utf8.RuneLen(r)])
			}
			before = i
			run++
		case fold.Word(r):
			if run == 1 {
				add(folded[before:i])
			}
			before, run = -1, 0
			if start < 0 {
				start = i
			}
		default:
			if start >= 0 {
				add(folded[start:i])
			}
			if run == 1 {
				add(folded[before:i])
			}
			start, before, run = -1, -1, 0
		}
	}
	if start >= 0 {
		add(folded[start:])
	}
	if run == 1 {
		add(folded[before:])
	}
	return out
}
