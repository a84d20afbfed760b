package language

// pace is which words of a text are read, where those say nothing against the main language: of each so many words those with a bit here.
type pace struct{ of, read uint32 }

var (
	every = pace{1, 1}
	third = pace{3, 1}
	// fourth takes each third step one shorter: of words that are said again and again in one order the same would be read each time.
	fourth = pace{11, 1 | 1<<4 | 1<<8}
)

// reads says whether the word at i is read.
func (p pace) reads(i int) bool { return p.read>>(uint32(i)%p.of)&1 == 1 }

// pace is that of the long texts of a group, such that of a passage one word is read at least. In scripts without blanks, where a word is a
// sentence, all are. Where many languages share a script, and the words of a passage seldom speak for the main one, it is no matter that a
// passage at a text's end, where one switch is enough, may have three words: amid a text it has four, for no fewer say what two switches cost.
func (c *counter) pace(group int) pace {
	switch {
	case dense(group):
		return every
	case len(c.members[group]) > strayMembers:
		return fourth
	}
	return third
}
