package fold

import (
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"
)

// Start is a place of a folded text where a phrase may begin: where a word does, or at a sign.
type Start struct {
	At   int32
	from int32 // in Starts.hashes, those of this start; where the next one's begin they end
	Of   Class // what begins: None is a sign
	Amid bool  // digits behind letters or letters behind digits: for who takes both for one word, none begins here
}

// Starts are the places of a text where a phrase may begin, in their order, with the hashes by which Openings and word lists know what stands
// there. Four or five vocabularies are sought in one text: it is cut up and hashed once for all.
type Starts struct {
	List   []Start // and one more, behind the last
	hashes []uint64
	folded string
	thrice bool // some letter, digit or character of a script without blanks stands three times in a row
}

// Starts gives where phrases may begin in the folded text.
func (t *Text) Starts() *Starts {
	t.once.Do(func() { t.starts = StartsOf(t.Folded) })
	return t.starts
}

// StartsOf cuts a folded text up. Time and memory are linear in its length.
func StartsOf(folded string) *Starts {
	room := startRooms.Get().(*Starts)
	room.List, room.hashes, room.thrice = room.List[:0], room.hashes[:0], false
	room.cut(folded)
	if len(folded) > longestKept { // it keeps the room
		room.folded = folded
		return room
	}
	out := &Starts{List: slices.Clone(room.List), hashes: slices.Clone(room.hashes), folded: folded, thrice: room.thrice}
	startRooms.Put(room)
	return out
}

// startRooms is room to cut one text after another up in.
var startRooms = sync.Pool{New: func() any { return &Starts{} }}

func (o *Starts) cut(s string) {
	before, last, times := None, rune(0), 0 // last is the character before, of which so many stand in a row
	for i := 0; i < len(s); {
		if s[i] == ' ' { // no phrase begins so
			before, last = None, 0
			i++
			continue
		}
		r, size := decode(s, i)
		of := ClassOf(r)
		o.List = append(o.List, Start{int32(i), int32(len(o.hashes)), of, of != OfDense && (before == Letter || before == Digit)})
		before = of
		hash := hashed(hashStart, r)
		o.hashes = append(o.hashes, hash)
		i += size
		if r != last {
			last, times = r, 0
		}
		times++
		switch of {
		case None:
			last = 0
		case OfDense:
			o.thrice = o.thrice || times == drawnOut
			if i < len(s) {
				r, _ = decode(s, i)
				o.hashes = append(o.hashes, hashed(hash, r))
			}
		default:
			for i < len(s) {
				r, size = decode(s, i)
				if ClassOf(r) != of {
					break
				}
				if r != last {
					last, times = r, 0
				}
				if times++; times == drawnOut {
					o.thrice = true
				}
				hash = hashed(hash, r)
				o.hashes = append(o.hashes, hash)
				i += size
			}
		}
	}
	o.List = append(o.List, Start{At: int32(len(s)), from: int32(len(o.hashes))})
}

// hashStart is the hash of nothing, hashPrime what spreads each character over the bits above it (Knuth, "The Art of Computer Programming" 3,
// 6.4: the golden ratio).
const (
	hashStart = 0xCBF29CE484222325
	hashPrime = 0x9E3779B97F4A7C15
)

// hashed is the hash of what has a hash and, next to it, a character. Its upper bits are the good ones.
func hashed(hash uint64, r rune) uint64 { return (hash ^ uint64(r)) * hashPrime }

// Word says whether the start at k of the list is that of a word, or of a character that is one; else it is a sign's.
func (o *Starts) Word(k int) bool { return o.List[k].Of != None }

// Hashes gives the hashes of all beginnings of the word at the start at k, by its characters: the last is that of all of it. A character of a
// script without blanks has another behind its own: that of it and what stands next to it, if anything does. A sign has one.
func (o *Starts) Hashes(k int) []uint64 { return o.hashes[o.List[k].from:o.List[k+1].from] }

// AppendRest adds the hashes of all beginnings of the rest, from a place on, of the word at the start at k.
func (o *Starts) AppendRest(hashes []uint64, k, from int) []uint64 {
	hash := uint64(hashStart)
	for end := o.End(k); from < end; {
		r, size := decode(o.folded, from)
		hash = hashed(hash, r)
		hashes = append(hashes, hash)
		from += size
	}
	return hashes
}

// Cut gives where the part of the word at the start at k begins and ends that stands in the first so many bytes of the text, in whole characters,
// and its hash, 0 where it has none.
func (o *Starts) Cut(k, within int) (start, end int, hash uint64) {
	start = int(o.List[k].At)
	end = start
	for _, next := range o.Hashes(k) {
		_, size := decode(o.folded, end)
		if end+size > within {
			break
		}
		end, hash = end+size, next
	}
	return start, end, hash
}

// Is says whether what begins at the start at k is s.
func (o *Starts) Is(k int, s string) bool { return o.folded[o.List[k].At:o.End(k)] == s }

// Apart says whether a blank stands before the start at k, or before the end of the text.
func (o *Starts) Apart(k int) bool {
	at := o.List[k].At
	return at > 0 && o.folded[at-1] == ' '
}

// End is where what begins at the start at k ends.
func (o *Starts) End(k int) int {
	end := int(o.List[k+1].At)
	if o.folded[end-1] == ' ' {
		end--
	}
	return end
}

// Whole gives the hash of the word, or the sign, at the start at k.
func (o *Starts) Whole(k int) uint64 {
	if o.List[k].Of == OfDense {
		return o.hashes[o.List[k].from]
	}
	return o.hashes[o.List[k+1].from-1]
}

// Join is the hash of a phrase that has one and goes on at the start at k, with as much of the word there as has a hash.
func (o *Starts) Join(phrase uint64, k int, word uint64) uint64 {
	apart := o.Apart(k)
	if o.List[k].Of == OfDense && !apart {
		r, _ := decode(o.folded, int(o.List[k].At))
		return hashed(phrase, r)
	}
	return join(phrase, word, apart)
}

// join is the hash of a phrase that has one and goes on, next to it or apart, with a word that has one.
func join(phrase, word uint64, apart bool) uint64 {
	turn := 25 // one order of words is not another
	if apart {
		turn = 38
	}
	return (bits.RotateLeft64(phrase, turn) ^ word) * hashPrime
}

// May says whether a phrase may begin at the start at k of the list.
func (o *Openings) May(s *Starts, k int) bool {
	hashes := s.Hashes(k)
	for _, hash := range hashes {
		if o.begun.has(hash) {
			return true
		}
	}
	return s.Word(k) && o.GoesOn(s, k, hashes[len(hashes)-1])
}

// Begun says whether a phrase may be all that has a hash: a word, or the beginning of one where the phrase's may go on.
func (o *Openings) Begun(hash uint64) bool { return o.begun.has(hash) }

// GoesOn says whether a phrase may begin with the whole word at the start at k, or with its end, of which the hash is given.
func (o *Openings) GoesOn(s *Starts, k int, hash uint64) bool {
	return o.whole.has(hash) && (o.alone.has(hash) || o.follows(s, k+1, hash))
}

// follows says whether a phrase that has begun with a word may go on with the start at k.
func (o *Openings) follows(s *Starts, k int, first uint64) bool {
	if k == len(s.List)-1 || !s.Apart(k) || !s.Word(k) {
		return false
	}
	second := s.Hashes(k)
	return o.followed.has(join(first, second[min(len(second), followerLength)-1], true))
}

// decode is utf8.DecodeRuneInString, quick at ASCII.
func decode(s string, i int) (rune, int) {
	if i < len(s) && s[i] < utf8.RuneSelf {
		return rune(s[i]), 1
	}
	return decodeLong(s, i)
}

// decodeLong is utf8.DecodeRuneInString, quick at what is two or three bytes long.
func decodeLong(s string, i int) (rune, int) {
	if i+2 < len(s) {
		a, b, c := rune(s[i]), rune(s[i+1]), rune(s[i+2])
		switch {
		case a >= 0xC2 && a < 0xE0 && b&0xC0 == 0x80:
			return a&0x1F<<6 | b&0x3F, 2
		case a > 0xE0 && a < 0xED && b&0xC0 == 0x80 && c&0xC0 == 0x80, a == 0xE0 && b&0xE0 == 0xA0 && c&0xC0 == 0x80:
			return a&0x0F<<12 | b&0x3F<<6 | c&0x3F, 3
		}
	}
	return utf8.DecodeRuneInString(s[i:])
}
