package names

// path finds the likeliest labels of words that follow each other (Viterbi 1967).
type path[N int | float64] struct {
	last [labels]N       // what the likeliest way to each label adds up to
	from [][labels]Label // by word: the label before, on that way
}

const impossible = -1 << 30

func newPath[N int | float64](words int) *path[N] {
	p := &path[N]{from: make([][labels]Label, 0, words)}
	p.begin()
	return p
}

// begin starts before a first word.
func (p *path[N]) begin() {
	p.from = p.from[:0]
	for l := range p.last {
		p.last[l] = impossible
	}
	p.last[None] = 0
}

// step goes on by a word, whose labels weigh sums.
func (p *path[N]) step(sums *[labels]N, distance byte, moves *[labels][labels]N) {
	var next [labels]N
	var from [labels]Label
	for to := range labels {
		next[to] = 2 * impossible
		for before := range labels {
			if sum := p.last[before] + moves[before][to]; sum > next[to] && joins[distance][before][to] {
				next[to], from[to] = sum, before
			}
		}
		next[to] += sums[to]
	}
	p.last, p.from = next, append(p.from, from)
}

// best goes the likeliest way back.
func (p *path[N]) best() []Label {
	label := None
	for l := range labels {
		if p.last[l] > p.last[label] {
			label = l
		}
	}
	out := make([]Label, len(p.from))
	for i := len(out) - 1; i >= 0; i-- {
		out[i], label = label, p.from[i][label]
	}
	return out
}

// How far a word stands from the one before.
const (
	beside = iota
	parted // by a comma, over which an address goes on
	apart
)

func distanceOf(w *Word, first bool) byte {
	switch {
	case first:
		return apart
	case adjacent(w):
		return beside
	case w.before == ',' && !w.Opens:
		return parted
	}
	return apart
}

// adjacent says whether no more than a blank, a dot or an ampersand stands between the word before and w.
func adjacent(w *Word) bool {
	return w.before == ' ' || w.before == touching || w.before == '.' && !w.Opens || w.before == '&' || w.before == '"' || w.before == '-'
}

// joins says whether a label may stand behind another at a distance: the inside of a name only in the same one.
var joins = func() (may [apart + 1][labels][labels]bool) {
	for distance := range may {
		for before := range labels {
			for l := range labels {
				may[distance][before][l] = l == None || l.begins() ||
					before.Kind() == l.Kind() && (distance == beside || distance == parted && l == InPlace)
			}
		}
	}
	return may
}()
