package language

// counter counts the n-grams of a text before the model is asked about them: most of a text's are its commonest, and each is then
// looked up once. It serves for one text after another.
type counter struct {
	seen  [maxGram + 1]int // n-grams by length
	kinds []counted
	table [2 << tableBits]uint16 // 1 + a place in kinds, by bucket
	score [256]int32
}

type counted struct {
	bucket uint32
	times  int32
	at     uint16 // in table
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
		c.kinds = append(c.kinds, counted{bucket, 1, uint16(at)})
		c.table[at] = uint16(len(c.kinds))
	})
	for _, k := range c.kinds {
		for _, e := range m.bucket(k.bucket) {
			c.score[e.language] += int32(e.weight) * k.times
		}
	}
	return c.score[:]
}
