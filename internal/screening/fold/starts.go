package fold

// Start is a place of a folded text where a phrase may begin: where a word does, or at a sign.
type Start struct {
	At   int32
	from int32 // in Starts.hashes, those of this start; where the next one's begin they end
	Amid bool  // digits behind letters or letters behind digits: for who takes both for one word, none begins here
}

// Starts are the places of a text where a phrase may begin, in their order, with the hashes by which Openings know what begins there. Four or
// five vocabularies are sought in one text: it is cut up and hashed once for all.
type Starts struct {
	List   []Start // and one more, behind the last
	hashes []uint32
	folded string
}

// Starts gives where phrases may begin in the folded text.
func (t *Text) Starts() *Starts {
	t.once.Do(func() { t.starts = startsOf(t.Folded) })
	return t.starts
}

// startsOf cuts a text up. Time and memory are linear in its length.
func startsOf(s string) *Starts {
	out := &Starts{List: make([]Start, 0, len(s)/3+2), hashes: make([]uint32, 0, len(s)+dense), folded: s}
	before := None
	for i := 0; i < len(s); {
		if s[i] == ' ' { // no phrase begins so
			before = None
			i++
			continue
		}
		r, size := decode(s, i)
		class := ClassOf(r)
		amid := class != OfDense && (before == Letter || before == Digit)
		out.List = append(out.List, Start{int32(i), int32(len(out.hashes)), amid})
		before = class
		switch class {
		case None:
			i += size
		case OfDense:
			out.hash(s, i, class)
			i += size
		default:
			i = out.hash(s, i, class)
		}
	}
	out.List = append(out.List, Start{int32(len(s)), int32(len(out.hashes)), false})
	return out
}

// hash adds the hashes of all beginnings of the word at i, as Openings.Add takes them, and gives where it ends.
func (o *Starts) hash(s string, i int, of Class) int {
	hash := uint32(hashStart)
	for n := 0; i < len(s); n++ {
		r, size := decode(s, i)
		if of == OfDense && n == dense || of != OfDense && ClassOf(r) != of {
			break
		}
		for end := i + size; i < end; i++ {
			hash = (hash ^ uint32(s[i])) * hashPrime
		}
		o.hashes = append(o.hashes, hash)
	}
	return i
}

// Word says whether the start at k of the list is that of a word, or of a character that is one; else it is a sign's.
func (o *Starts) Word(k int) bool { return o.List[k].from < o.List[k+1].from }

// May says whether a phrase may begin at the start at k of the list.
func (o *Openings) May(s *Starts, k int) bool {
	hashes := s.opening(k)
	if len(hashes) == 0 {
		return true
	}
	for _, hash := range hashes {
		if o.begun.has(hash) {
			return true
		}
	}
	first := hashes[len(hashes)-1]
	return o.whole.has(first) && (o.alone.has(first) || o.goesOn(s, k+1, first))
}

// goesOn says whether a phrase that has begun with a word may go on with the start at k.
func (o *Openings) goesOn(s *Starts, k int, first uint32) bool {
	if k == len(s.List)-1 || s.folded[s.List[k].At-1] != ' ' {
		return false
	}
	second := s.opening(k)
	return len(second) > 0 && o.followed.has(followedBy(first, second[min(len(second), followerLength)-1]))
}

// opening gives the hashes of all beginnings of the word at the start at k; none at a sign.
func (s *Starts) opening(k int) []uint32 { return s.hashes[s.List[k].from:s.List[k+1].from] }
