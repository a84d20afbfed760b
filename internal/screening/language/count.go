package language

import (
	"math"
	"slices"
)

// counter adds up what a model says of a text, word by word: the n-grams of one word are none of another's. What common words say is
// remembered, for the weights lie far apart in memory. It serves for one text after another.
type counter struct {
	model   *Model
	members [len(groups)][]uint8 // the languages of each group
	unseen  [len(groups)][]int32 // [length of a word][member]: what is said of it where the model knows none of its n-grams
	known   [len(groups)]*known
	pairs   [len(groups)]*pairs // of groups with many members

	words []readWord
	said  []uint16         // [word][member]: the sum of the weights of its n-grams; nothing of a word that was passed over
	end   int              // how much of the text was ranked by
	total []int32          // of the words read to rank, by member
	seen  [maxGram + 1]int // their n-grams by length

	buckets [maxGram * longest]uint32
	score   [most + 1]int32 // by language
	row     []uint16
	room    wordRoom

	guesses []Guess
	lanes   lanes
	touched uint8
}

// readWord is a word of the text: its bytes' place, its letters with the two boundary marks, and whose it is.
type readWord struct {
	from, to, length int
	worth            int   // words: more than one in scripts without blanks; this and what follows for the passages
	weight           int32 // plainly, asName or not
	verdict
	path   uint8 // the lane that the best path is on
	passed bool  // over, and not read: nothing is known of it
}

// letters is how many letters a word has.
func (w *readWord) letters() int { return w.length - 2 }

// verdict is for which member of its group a word speaks most, and by how many points more than for any other.
type verdict struct {
	margin int32
	lane   uint8
}

// seen is how many n-grams of n characters a word has.
func (w *readWord) seen(n int) int {
	if n == 1 {
		return w.letters()
	}
	return max(0, w.length-n+1)
}

func newCounter(m *Model) *counter {
	c := &counter{model: m}
	for l, g := range m.group {
		c.members[g] = append(c.members[g], uint8(l))
	}
	for g, members := range c.members {
		for length := range longest + 1 {
			for _, l := range members {
				nats, word := 0.0, readWord{length: length}
				for n := 1; n <= maxGram; n++ {
					nats += float64(word.seen(n)) * float64(m.floor[l][n])
				}
				c.unseen[g] = append(c.unseen[g], int32(math.Round(nats/maxGram*perNat)))
			}
		}
	}
	return c
}

// begin forgets the text before.
func (c *counter) begin(group int) {
	c.total = zeros(c.total, len(c.members[group]))
	c.seen, c.words, c.said, c.end = [maxGram + 1]int{}, c.words[:0], c.said[:0], 0
}

// rank goes on in a text, of which what comes next is s, reads some of its words and adds up what the languages of a group say of those.
func (c *counter) rank(s string, group int, each pace) {
	first := len(c.words)
	c.skim(s, c.end, group, each)
	c.end += len(s)
	for i := first; i < len(c.words); i++ {
		if !c.words[i].passed {
			c.count(i)
		}
	}
}

// rankPassed reads the words of s that were passed over, and adds up what is said of those too.
func (c *counter) rankPassed(s string, group int) {
	for i := range c.words {
		if c.words[i].passed {
			c.read(s, group, i)
			c.count(i)
		}
	}
}

// count adds up, in weight's steps, what the weights of each language say of the n-grams of the word at i.
func (c *counter) count(i int) {
	for n := 1; n <= maxGram; n++ {
		c.seen[n] += c.words[i].seen(n)
	}
	for k, said := range c.said[i*len(c.total):][:len(c.total)] {
		c.total[k] += int32(said)
	}
}

// skim takes up the words of s that belong to a group, s being a text from so many bytes on, and reads some of them.
func (c *counter) skim(s string, offset, group int, each pace) {
	members := len(c.members[group])
	eachWord(s, group, &c.room, func(word []rune, from, to int) {
		w := readWord{from: offset + from, to: offset + to, length: len(word), passed: !each.reads(len(c.words))}
		if w.passed {
			c.said = slices.Grow(c.said, members)[:len(c.said)+members]
		} else {
			var said []uint16
			said, w.verdict = c.ask(word, group)
			c.said = append(c.said, said...)
		}
		c.words = append(c.words, w)
	})
}

// read reads a word of s that was passed over, the one at i.
func (c *counter) read(s string, group, i int) {
	w := &c.words[i]
	eachWord(s[w.from:w.to], group, &c.room, func(word []rune, _, _ int) {
		var said []uint16
		said, w.verdict = c.ask(word, group)
		copy(c.said[i*len(said):], said)
	})
	w.passed = false
}

// ask gives what the members of a group say of a word, and which says most.
func (c *counter) ask(word []rune, group int) ([]uint16, verdict) {
	k := c.known[group]
	if k == nil {
		k = newKnown(len(c.members[group]))
		c.known[group] = k
	}
	place, met := noPlace, false
	if len(word) <= keptLetters {
		place, met = k.place(word)
	}
	if place == noPlace {
		c.row = c.weigh(word, group, c.row[:0])
		return c.row, c.judge(c.row, len(word), group)
	}
	sums, w := k.sums[place*k.members:][:k.members], &k.words[place]
	if !met {
		c.weigh(word, group, sums[:0])
		v := c.judge(sums, len(word), group)
		w.margin, w.lane = v.margin, v.lane
	}
	return sums, verdict{w.margin, w.lane}
}

// weigh adds up what the weights of a group's languages say of the n-grams of one word.
func (c *counter) weigh(word []rune, group int, sums []uint16) []uint16 {
	members, shortest := c.members[group], 1
	var of *pairs
	if len(members) >= manyMembers {
		of, shortest = c.remembered(word, group), 3
	}
	clear(c.score[:])
	c.add(c.full(word, shortest))
	for k, l := range members {
		sum := c.score[l]
		if of != nil {
			sum += of.sum(k)
		}
		sums = append(sums, uint16(min(sum, 1<<16-1)))
	}
	return sums
}

// add adds the weights of buckets that have entries to the scores.
func (c *counter) add(full []uint32) {
	for _, bucket := range full {
		c.addBucket(bucket)
	}
}

// addBucket adds the weights of one bucket to the scores.
func (c *counter) addBucket(bucket uint32) {
	at, ok := c.model.find(bucket)
	for entries := c.model.entries; ok; at += entrySize {
		e := entries[at:][:entrySize]
		c.score[e[0]&^last] += int32(e[1])
		ok = e[0] < last
	}
}

// full gives the buckets of a word's n-grams, of so many characters at least, that have entries. It looks at the place of each: without a
// branch that waits for one, memory brings many at a time.
func (c *counter) full(word []rune, shortest int) []uint32 {
	n := 0
	for i := range word {
		h := uint64(gramStart)
		for length, r := range word[i:min(i+maxGram, len(word))] {
			h = longer(h, r)
			if length+1 < shortest || length == 0 && r == '_' {
				continue
			}
			b := bucketOf(h)
			c.buckets[n] = b
			n += int(c.model.blocks[b/blockLength].full >> (b % blockLength) & 1)
		}
	}
	touched := uint8(0)
	for _, b := range c.buckets[:n] {
		touched += c.model.entries[c.model.blocks[b/blockLength].begins]
	}
	c.touched = touched // or the compiler leaves the looks out
	return c.buckets[:n]
}

// judge says for which member a word of a length speaks most.
func (c *counter) judge(said []uint16, length, group int) (v verdict) {
	best, second := int32(nothing), int32(nothing)
	for lane, unseen := range c.unseen[group][length*len(said):][:len(said)] {
		of := speaks(said[lane], unseen)
		switch {
		case of > best:
			best, second, v.lane = of, best, uint8(lane)
		case of > second:
			second = of
		}
	}
	v.margin = best - second
	return v
}

// What words say is counted in points: whole numbers are added and compared in half the time, and the order of adding changes nothing.
// Overlapping n-grams count the same evidence several times: so their sum is divided by maxGram, as in soften.
const (
	perStep = 60                             // points of a weight's step, divided so
	perNat  = perStep * maxGram / weightStep // 5000
	nothing = -1 << 30                       // less than any word or any path says
)

// speaks is how many points a word says for a language, by its score in weight's steps and what it would say were it unknown.
func speaks(score uint16, unseen int32) int32 { return int32(score)*perStep + unseen }
