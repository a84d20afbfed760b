package language

// counter counts the n-grams of a text before the model is asked about them: most of a text's are its commonest, and each is then
// looked up once. It serves for one text after another.
type counter struct {
	seen  [maxGram + 1]int // n-grams by length
	kinds []counted
	table [2 << tableBits]uint16 // 1 + a place in kinds, by bucket
	score [256]int32

	touched uint8
}

type counted struct {
	bucket   uint32
	times    int32
	from, to uint32 // its entries in the model
	at       uint16 // in table
}

// tableBits makes the table twice as large as the n-grams of rankAtMost bytes can be.
const tableBits = 12

// scores adds up, in weight's steps, what each language's weights say of the n-grams of s that belong to a group; s is of at most
// rankAtMost bytes. They are good until the next text.
func (c *counter) scores(m *Model, s string, group int) []int32 {
	for _, k := range c.kinds {
		c.table[k.at] = 0
	}
	c.kinds, c.seen = c.kinds[:0], [maxGram + 1]int{}
	clear(c.score[:])
	grams(s, group, func(bucket uint32, n int) {
		c.seen[n]++
		at := bucket * 0x9E3779B1 >> (32 - tableBits - 1)
		for c.table[at] != 0 {
			if k := &c.kinds[c.table[at]-1]; k.bucket == bucket {
				k.times++
				return
			}
			at = (at + 1) % (2 << tableBits)
		}
		c.kinds = append(c.kinds, counted{bucket: bucket, times: 1, at: uint16(at)})
		c.table[at] = uint16(len(c.kinds))
	})
	c.fetch(m)
	for _, k := range c.kinds {
		for _, e := range m.entries[k.from:k.to] {
			c.score[e.language] += int32(e.weight) * k.times
		}
	}
	return c.score[:]
}

// fetch finds the entries of each kind, and looks at the first and the last: without a branch that waits for one, memory brings
// many at a time. It is most of what telling a language costs.
func (c *counter) fetch(m *Model) {
	for i := range c.kinds {
		k := &c.kinds[i]
		k.from, k.to = m.bucket(k.bucket)
	}
	touched := uint8(0)
	for i := range c.kinds {
		if k := &c.kinds[i]; k.from < k.to {
			touched += m.entries[k.from].weight + m.entries[k.to-1].weight
		}
	}
	c.touched = touched // or the compiler leaves the looks out
}
