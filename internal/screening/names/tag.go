package names

// Label says what a word is.
type Label uint8

// The labels: none of it, or the beginning or the inside of a name.
const (
	None Label = iota
	BeginPerson
	InPerson
	BeginOrganisation
	InOrganisation
	BeginPlace
	InPlace
	labels
)

// Kind is the type of detail, "" for None.
func (l Label) Kind() string {
	return [labels]string{"", "person", "person", "organisation", "organisation", "place", "place"}[l]
}

// beginningOf is the label that starts a name of the kind; None for any other.
func beginningOf(kind string) Label {
	switch kind {
	case "person":
		return BeginPerson
	case "organisation":
		return BeginOrganisation
	case "place":
		return BeginPlace
	}
	return None
}

// begins says that the label starts a name.
func (l Label) begins() bool { return l == BeginPerson || l == BeginOrganisation || l == BeginPlace }

// Name is one name in a text.
type Name struct {
	Kind       string // person, organisation, place
	Start, End int    // byte offsets into the text
}

// Find gives the names among the words of a text, in order; hints are what rules take for names. Time is linear in their number.
func (m *Model) Find(words []Word, lang string, hints []Name) []Name {
	r := readings.Get().(*reading)
	defer r.leave()
	r.read(words, lang, hints)
	r.sift(&m.sieve, sieveLeast)
	var out []Name
	before := None
	for i, label := range m.label(r) {
		switch kind := label.Kind(); {
		case label == None:
		case !label.begins() && before.Kind() == kind:
			out[len(out)-1].End = words[i].End
		default:
			out = append(out, Name{kind, words[i].Start, words[i].End})
		}
		before = label
	}
	return out
}

// label gives the likeliest labels of a text's words together.
func (m *Model) label(r *reading) []Label {
	out := make([]Label, len(r.words))
	var keys [featureCount]uint32
	for i := 0; i < len(r.words); {
		if !r.facts[i].may {
			i++
			continue
		}
		first := i
		r.path.begin()
		for ; i < len(r.words) && r.facts[i].may; i++ {
			sums, moves := m.sums(r.features(keys[:0], i)), &m.moves[r.script(i)]
			r.path.step(&sums, distanceOf(&r.words[i], i == first), moves)
		}
		copy(out[first:], r.path.best())
	}
	return out
}

// sums adds up the labels' weights. Those of the even labels and of the odd ones are added up side by side, each in sixteen
// bits, which as many features as there are cannot fill.
func (m *Model) sums(keys []uint32) (out [labels]int) {
	const bytes = 0x00FF00FF00FF00FF
	var even, odd uint64
	var room [featureCount]uint32
	found := m.find(&room, keys)
	for _, at := range found {
		even += m.rows[at] & bytes
		odd += m.rows[at] >> 8 & bytes
	}
	for l := range labels {
		lane := even
		if l%2 == 1 {
			lane = odd
		}
		out[l] = int(lane>>(l/2*16)&0xFFFF) - high*len(found)
	}
	return out
}
