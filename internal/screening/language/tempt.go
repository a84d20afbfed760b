package language

// Most texts are in one language, and it need not cost a search for the best path through all lanes to know so. Take any path that
// leaves the main lane, and lead it back there: what its words say against the main lane is then paid, and each switch is saved. So a
// path is worth its switches only where
//
//   - somewhere one lane gains as much on the main lane as a switch costs, or
//   - it is never on the main lane, and its first lane and its last one gain so much together: the others don't pay for themselves.

// follow reads the words beside each that says more for another language, as far as they do: of a passage one word at least was read, and
// it leads to the others.
func (l *lanes) follow(c *counter, s string, g, main int) {
	for i := range l.words {
		if l.words[i].passed || !l.strays(c, g, main, i) {
			continue
		}
		for before := i - 1; before >= 0 && l.words[before].passed; before-- {
			if c.read(s, g, before); !l.strays(c, g, main, before) {
				break
			}
		}
		if next := i + 1; next < len(l.words) && l.words[next].passed {
			c.read(s, g, next)
		}
	}
}

// strays says whether a word that was read says more for another language than the main one: so much more that a passage may be there,
// where many languages share a script and any word says a little for some. Where few do they are kin, and every nat counts.
func (l *lanes) strays(c *counter, g, main, i int) bool {
	least := int32(0)
	if len(l.members) > strayMembers {
		least = strayGain
	}
	return l.gain(c, g, main, i) > least
}

// Chosen by the joined sentences in docs/screening.md.
const (
	strayMembers = 16
	strayGain    = 1 * perNat * plainly
)

// readAll reads all words that were passed over.
func (l *lanes) readAll(c *counter, s string, g int) {
	for i := range l.words {
		if l.words[i].passed {
			c.read(s, g, i)
		}
	}
}

// tempted says that one of the two may be, and a better path than the main lane must be looked for.
func (l *lanes) tempted(c *counter, g, main int) bool {
	all, stretch, peak, begin := int32(0), int32(0), int32(0), 0
	for i := range l.words {
		gain := l.gain(c, g, main, i)
		all += gain
		if stretch += gain; stretch <= 0 { // no lane gains anything by the words before this one
			if peak >= leastGain && l.gains(c, g, main, begin, i) {
				return true
			}
			stretch, peak, begin = 0, 0, i+1
		}
		peak = max(peak, stretch)
	}
	if peak >= leastGain && l.gains(c, g, main, begin, len(l.words)) {
		return true
	}
	last := len(l.words) - 1
	return all >= leastGain && l.end(c, g, main, 0, last, 1)+l.end(c, g, main, last, 0, -1) >= leastGain
}

// leastGain is the cheapest switch.
const leastGain = switchCosts - signSaves

// gain is how much more than for the main lane a word says for any other.
func (l *lanes) gain(c *counter, g, main, i int) int32 {
	w := &l.words[i]
	if w.passed { // between words that say the main language, or one of them
		return 0
	}
	gain := -w.margin
	if int(w.lane) != main {
		said, unseen := l.said(c, g, i)
		gain = speaks(said[w.lane], unseen[w.lane]) - speaks(said[main], unseen[main])
	}
	atMost := int32(wordSays * w.worth)
	return w.weight * max(-atMost, min(gain, atMost))
}

// said is what the languages say of a word, and what they would were it unknown.
func (l *lanes) said(c *counter, g, i int) (said []uint16, unseen []int32) {
	n := len(l.members)
	return c.said[i*n:][:n], c.unseen[g][l.words[i].length*n:][:n]
}

// eachGain adds to the sums what a word that was read says more for each lane than for the main one, and gives the greatest of them.
func (l *lanes) eachGain(c *counter, g, main, i int) int32 {
	best, w := int32(nothing), &l.words[i]
	said, unseen := l.said(c, g, i)
	unseen = unseen[:len(said)]
	floor := speaks(said[w.lane], unseen[w.lane]) - int32(wordSays*w.worth)
	of, weight, sums := max(floor, speaks(said[main], unseen[main])), w.weight, l.sum[:len(said)]
	for lane, score := range said {
		sum := sums[lane] + weight*(max(floor, speaks(score, unseen[lane]))-of)
		sums[lane], best = sum, max(best, sum)
	}
	return best
}

// gains says that a lane gains as much as a switch costs somewhere among the words from one to before another.
func (l *lanes) gains(c *counter, g, main, from, to int) bool {
	l.sum = zeros(l.sum, len(l.members))
	for i := from; i < to; i++ {
		if l.words[i].passed {
			continue
		}
		if l.eachGain(c, g, main, i) >= leastGain {
			return true
		}
		for lane, sum := range l.sum {
			l.sum[lane] = max(0, sum)
		}
	}
	return false
}

// end is the most that any lane but the main one gains by the first words, or by the last ones, one at least. After words by which all have
// lost more than any gains anywhere, no lane can come back.
func (l *lanes) end(c *counter, g, main, from, to, step int) int32 {
	l.sum = zeros(l.sum, len(l.members))
	l.sum[main] = nothing
	most := int32(nothing)
	if l.words[from].passed {
		most = 0 // as that word says nothing
	}
	for i := from; i != to+step; i += step {
		if l.words[i].passed {
			continue
		}
		best := l.eachGain(c, g, main, i)
		if most = max(most, best); best < most-leastGain {
			break
		}
	}
	return most
}
