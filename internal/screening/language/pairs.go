package language

// pairs remembers what the languages of a group say of two characters in a row and of the first of them. Nearly all know them, in a script
// of many languages, so that most of what a word never met before costs would be to add that up again.
type pairs struct {
	keys  []uint64 // the two characters; 0 is none
	rows  []uint64 // [pair][member], four members in each, of sixteen bits: longest pairs can't fill them
	total []uint64 // of a word
}

const (
	pairsKept   = 1 << 11
	manyMembers = 8 // from which to remember pairs is less than to add them up
	rowMembers  = 4 // in 64 bits
)

func newPairs(members int) *pairs {
	row := (members + rowMembers - 1) / rowMembers
	return &pairs{make([]uint64, pairsKept), make([]uint64, pairsKept*row), make([]uint64, row)}
}

// remembered adds up what the members of a group say of the n-grams of one and two characters of a word.
func (c *counter) remembered(word []rune, group int) *pairs {
	p := c.pairs[group]
	if p == nil {
		p = newPairs(len(c.members[group]))
		c.pairs[group] = p
	}
	n := len(p.total)
	clear(p.total)
	for i := range len(word) - 1 {
		key := uint64(word[i])<<32 | uint64(word[i+1])
		at := int(key * 0x9E3779B97F4A7C15 >> 53)
		row := p.rows[at*n:][:n]
		if p.keys[at] != key {
			p.keys[at] = key
			c.addPair(word[i], word[i+1], group, row)
		}
		for k, sums := range row {
			p.total[k] += sums
		}
	}
	return p
}

// addPair writes what the members of a group say of two characters in a row and of the first.
func (c *counter) addPair(a, b rune, group int, row []uint64) {
	clear(c.score[:])
	one := longer(gramStart, a)
	if a != '_' { // a boundary by itself is no n-gram
		c.addBucket(bucketOf(one))
	}
	c.addBucket(bucketOf(longer(one, b)))
	clear(row)
	for k, l := range c.members[group] {
		row[k/rowMembers] |= uint64(min(c.score[l], 1<<16/longest)) << (k % rowMembers * 16)
	}
}

// sum is what a member says of the pairs of the word.
func (p *pairs) sum(member int) int32 {
	return int32(p.total[member/rowMembers] >> (member % rowMembers * 16) & 0xFFFF)
}
