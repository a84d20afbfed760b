package language

import (
	"math/bits"
	"math/rand/v2"
)

// counter adds up what a model says of a text, word by word: the n-grams of one word are none of another's. What the commonest
// words say is kept, for the weights lie far apart in memory, and to fetch those of a text was most of what telling a language
// cost. Of a word no more than a hash is kept, under a key that nobody has. It serves for one text after another.
type counter struct {
	model   *Model
	members [len(groups)][]uint8   // the languages of each group
	unseen  [len(groups)][]float32 // [length of a word][member]: nats, where the model knows none of its n-grams

	key   uint64 // nobody's to know
	known [len(groups)]known

	words []readWord
	said  []int32          // [word][member]
	seen  [maxGram + 1]int // n-grams of the text by length
	grams []span
	score [256]int32 // by language
	total [256]int32 // of the text, by place among the members

	lanes lanes

	touched uint8
}

// longest is the length of the longest word as eachWord gives it.
const longest = 50

// known are the words of a group whose sums are kept.
type known struct {
	hashes []uint64 // each in the place of its last bits; 0 is none
	sums   []int16  // as many a word as the group has members
}

// readWord is a word of the text: its bytes' place, and its letters with the two boundary marks.
type readWord struct{ from, to, length int }

// seen is how many n-grams of n characters a word has.
func (w readWord) seen(n int) int {
	if n == 1 {
		return w.length - 2
	}
	return max(0, w.length-n+1)
}

// span is some of the model's entries.
type span struct{ from, to uint32 }

const (
	knownWords = 1 << 13 // of a group: more would be slower, for they would lie further from the processor, and take more memory than a language may
	// keptLetters is the length of the longest word that is kept, boundary marks included: it has 128 n-grams, of which each says at
	// most 255, and an int16 holds that.
	keptLetters = 28
)

func newCounter(m *Model) *counter {
	c := &counter{model: m, key: rand.Uint64()}
	for l, g := range m.group {
		c.members[g] = append(c.members[g], uint8(l))
	}
	for g, members := range c.members {
		for length := range longest + 1 {
			for _, l := range members {
				sum := float32(0)
				for n := 1; n <= maxGram; n++ {
					sum += float32(readWord{length: length}.seen(n)) * m.floor[l][n]
				}
				c.unseen[g] = append(c.unseen[g], sum)
			}
		}
	}
	return c
}

// scores adds up, in weight's steps, what the weights of each language of a group say of the n-grams of s that belong to it, in the
// order of members, and keeps what each word said. They are good until the next text.
func (c *counter) scores(s string, group int) []int32 {
	members := c.members[group]
	total := c.total[:len(members)]
	clear(total)
	c.seen, c.words, c.said = [maxGram + 1]int{}, c.words[:0], c.said[:0]
	eachWord(s, group, func(word []rune, from, to int) {
		w := readWord{from, to, len(word)}
		c.words = append(c.words, w)
		for n := 1; n <= maxGram; n++ {
			c.seen[n] += w.seen(n)
		}
		begin := len(c.said)
		if len(word) > keptLetters {
			c.weigh(word)
			for _, l := range members {
				c.said = append(c.said, c.score[l])
			}
		} else {
			for _, sum := range c.sumsOf(word, group) {
				c.said = append(c.said, int32(sum))
			}
		}
		for k, said := range c.said[begin:] {
			total[k] += said
		}
	})
	return total
}

// sumsOf gives what the members of a group say of a word.
func (c *counter) sumsOf(word []rune, group int) []int16 {
	hash := c.hash(word)
	at, known, members := int(hash>>1)%knownWords, &c.known[group], c.members[group]
	if known.hashes == nil {
		known.hashes, known.sums = make([]uint64, knownWords), make([]int16, knownWords*len(members))
	}
	if known.hashes[at] != hash && known.hashes[at^1] == hash { // of two that want one place the other has the place beside it
		at ^= 1
	}
	sums := known.sums[at*len(members):][:len(members)]
	if known.hashes[at] == hash {
		return sums
	}
	if known.hashes[at] != 0 && known.hashes[at^1] == 0 {
		at ^= 1
		sums = known.sums[at*len(members):][:len(members)]
	}
	c.weigh(word)
	for k, l := range members {
		sums[k] = int16(c.score[l])
	}
	known.hashes[at] = hash
	return sums
}

// hash is a word's under the counter's key, never 0. Each character goes through a product of 128 bits (Wang Yi's wyhash).
func (c *counter) hash(word []rune) uint64 {
	h := c.key
	for _, r := range word {
		high, low := bits.Mul64(h^uint64(r), 0x9E3779B97F4A7C15^c.key)
		h = high ^ low
	}
	return h | 1
}

// weigh adds up what all languages' weights say of the n-grams of one word, in score.
func (c *counter) weigh(word []rune) {
	c.grams = c.grams[:0]
	clear(c.score[:])
	wordGrams(word, func(bucket uint32, _ int) {
		from, to := c.model.bucket(bucket)
		c.grams = append(c.grams, span{from, to})
	})
	c.touch()
	for _, k := range c.grams {
		for _, e := range c.model.entries[k.from:k.to] {
			c.score[e.language] += int32(e.weight)
		}
	}
}

// touch looks at the first and the last entry of each n-gram: without a branch that waits for one, memory brings many at a time.
func (c *counter) touch() {
	touched := uint8(0)
	for i := range c.grams {
		if k := &c.grams[i]; k.from < k.to {
			touched += c.model.entries[k.from].weight + c.model.entries[k.to-1].weight
		}
	}
	c.touched = touched // or the compiler leaves the looks out
}
