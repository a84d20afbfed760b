package screening

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed cries.txt
var criesFile string

// criedWithin is how many bytes of a text are read for cries: whoever writes more says what has happened.
const criedWithin = 600

// sosSign is the one sign that is a cry and no word.
const sosSign = "🆘"

// cries are the phrases of cries.txt, folded, by the hashes of their words.
type cries struct {
	cry     map[uint64]bool // true for a cry, false for what stands beside one
	opening map[uint64]int  // of how many words the longest is that begins with a word
}

var listedCries = sync.OnceValue(func() *cries {
	c := &cries{cry: map[uint64]bool{}, opening: map[uint64]int{}}
	isCry := false
	for line := range strings.Lines(criesFile) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[[") {
			isCry = line == "[[cry]]"
			continue
		}
		folded := fold.String(line)
		words := criedWords(nil, fold.StartsOf(folded), len(folded))
		if len(words) == 0 {
			continue
		}
		key := keyOf(words)
		c.cry[key] = c.cry[key] || isCry
		first := words[0].hash
		c.opening[first] = max(c.opening[first], len(words))
	}
	return c
})

// criedWord is a word of a folded text, and its hash.
type criedWord struct {
	place
	hash uint64
}

const (
	hashStart = 14695981039346656037
	hashPrime = 1099511628211
)

// criedWords adds the words of a text within so many bytes, each character of a script without blanks one, letters and digits next to each other
// another. Of what stands on both sides of the end it takes the part within.
func criedWords(words []criedWord, starts *fold.Starts, within int) []criedWord {
	for k, start := range starts.List[:len(starts.List)-1] {
		begins, ends, hash := int(start.At), starts.End(k), starts.Whole(k)
		if begins >= within {
			break
		}
		if ends > within {
			if begins, ends, hash = starts.Cut(k, within); ends == begins {
				break
			}
		}
		switch last := len(words) - 1; {
		case start.Of == fold.None && !starts.Is(k, sosSign):
		case start.Amid && start.Of != fold.None:
			words[last].end, words[last].hash = ends, words[last].hash*hashPrime^hash
		default:
			words = append(words, criedWord{place{begins, ends}, hash})
		}
	}
	return words
}

// place is a part of a folded text.
type place struct{ start, end int }

// keyOf is the hash of words in a row.
func keyOf(words []criedWord) uint64 {
	key := uint64(hashStart)
	for _, w := range words {
		key = (key ^ w.hash) * hashPrime
	}
	return key
}

// longest gives how many of the words at the beginning are the longest phrase listed, 0 where none is, and whether it is a cry.
func (c *cries) longest(words []criedWord) (n int, cry bool) {
	for n = min(len(words), c.opening[words[0].hash]); n > 0; n-- {
		if is, listed := c.cry[keyOf(words[:n])]; listed {
			return n, is
		}
	}
	return 0, false
}

// cry is where a text cries for help.
type cry struct {
	found   bool
	alone   bool  // the text is nothing else
	pressed bool  // it is said twice at once, or drawn out
	of      place // the first
	rest    place // of the folded text, what stands between the cries it begins and ends with
}

// urgent says whether the cry by itself calls for somebody to read it soon. In another text it says what its other words make of it
// ("help with my password").
func (c *cry) urgent() bool { return c.alone || c.pressed }

// cry looks for one in the text's beginning.
func (r *reading) cry() (c cry) {
	folded := r.text.Folded
	cut := len(folded) > criedWithin
	words, list := criedWords(r.room.words[:0], r.text.Starts(), criedWithin), listedCries()
	r.room.words = words
	strange, row, end := cut, 0, len(r.text.Folded)
	c.rest.end = end
	for i := 0; i < len(words); {
		n, cry := list.longest(words[i:])
		at := place{words[i].start, words[i+max(n, 1)-1].end}
		i += max(n, 1)
		if n == 0 {
			strange, row, c.rest.end = true, 0, end
			continue
		}
		long := r.undrawn && drawn(r.text, at)
		c.pressed = c.pressed || long && (cry || row > 0) // "救命啊啊啊啊"
		if !cry {
			row = 0
			continue
		}
		if row++; row >= 2 && !number(folded[at.start]) { // numbers stand beside each other in lists
			c.pressed = true
		}
		if !c.found {
			c.found, c.of = true, at
		}
		switch {
		case !strange:
			c.rest.start = at.end
		case c.rest.end == end && !cut:
			c.rest.end = at.start
		}
	}
	c.alone = c.found && !strange
	return c
}

func number(c byte) bool { return c >= '0' && c <= '9' }

// framing says whether the text begins or ends with a cry, and says something else.
func (c *cry) framing(t *fold.Text) bool {
	return !c.alone && (c.rest.start > 0 || c.rest.end < len(t.Folded))
}

// besideCry is what else a text says that begins or ends with a cry; nil where it is all, or nothing cries. Its words are read by themselves:
// many a joke begins with a cry, and what follows on one may be none.
func (r *reading) besideCry() *fold.Text {
	c := &r.cries
	if !c.framing(r.text) {
		return nil
	}
	return r.text.Part(c.rest.start, c.rest.end)
}

// drawn says whether a part of an undrawn text was written with more letters than it has.
func drawn(t *fold.Text, at place) bool {
	start, end := t.At(at.start), len(t.Original)
	if at.end < len(t.Folded) {
		end = t.At(at.end)
	}
	return letterCount(t.Original[start:end]) >= letterCount(t.Folded[at.start:at.end])+2
}

func letterCount(s string) (n int) {
	for _, c := range s {
		if fold.Word(c) {
			n++
		}
	}
	return n
}
