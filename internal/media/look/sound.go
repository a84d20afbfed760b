package look

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"math/bits"
	"math/cmplx"
	"slices"
	"time"
)

// Rate is how many samples a second a sound has, of 16 bits, of one channel.
const Rate = 8000

// Longest is how much of a sound is kept, from its beginning.
const Longest = 30 * time.Minute

const (
	// window and hop are how many samples a frame has, and how far the next one is from it.
	window, hop = 512, 256
	// before is how many frames back a frame is held against: a tenth of a second.
	before = 3
	// lowTone and highTone bound the tones whose loudness counts, in hertz: those that a telephone lets through.
	lowTone, highTone = 300, 3000
	soundBits         = 32
	// floor is how much weaker than the loudest frame, in nepers of power, what isn't heard any more is; grown by how much, at least, a frame is
	// louder than one before where it has grown: what only rustles doesn't.
	floor, grown = 7.0, 0.25
	// silence is the power, of a window, below which is nothing but what a recorder adds.
	silence = -4.0
	// soundMost is how many frames of a sound are kept.
	soundMost = int(Longest/time.Second) * Rate / hop
	// markApart is within how many frames one is marked, of those that are kept and of those that are asked for: the surest.
	markApart, askApart = 8, 2
	// markedMost and askedMost are how many frames are marked, and asked for: of a long sound those that are further apart.
	markedMost, askedMost = 4000, 2000
	// soundUnsure is how many of the weakest bits are asked for either way.
	soundUnsure = 4
	// shiftsMost is at how many places two sounds are held against each other, and sameMost how often bits may come in one to tell where:
	// what repeats itself, as a hum does, tells nowhere, and would take long.
	shiftsMost, sameMost = 32, 32
	// stretch is how many frames two sounds are held against each other for: eight seconds. A shorter sound is not known again.
	stretch = 8 * Rate / hop
	// differ is which share of bits differs in one sound that was encoded twice, at most: 7 in 100 did, and of others 36 in 100 at least.
	differ = 0.12
)

// Ear listens to samples as they come, and keeps what they are known by.
type Ear struct {
	shape  [window]float64
	turns  [window / 2]complex128
	half   []byte
	recent []float64 // samples of the window that is being filled
	loud   []float64 // each frame's power, in nepers
}

// NewEar makes an Ear for one sound.
func NewEar() *Ear {
	e := &Ear{}
	for i := range e.shape { // after Hann
		e.shape[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window)
	}
	for i := range e.turns {
		e.turns[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/window)
	}
	return e
}

// Write takes samples of 16 bits, little-endian. What is longer than is kept is heard and forgotten.
func (e *Ear) Write(p []byte) (int, error) {
	n := len(p)
	if len(e.half) > 0 {
		p = append(e.half, p...)
	}
	for ; len(p) >= 2 && len(e.loud) < soundMost; p = p[2:] {
		e.recent = append(e.recent, float64(int16(binary.LittleEndian.Uint16(p)))/(1<<15))
		if len(e.recent) == window {
			e.listen()
			e.recent = append(e.recent[:0], e.recent[hop:]...)
		}
	}
	e.half = nil
	if len(p) == 1 {
		e.half = []byte{p[0]}
	}
	return n, nil
}

// listen hears one window.
func (e *Ear) listen() {
	var x [window]complex128
	for i, v := range e.recent {
		x[bits.Reverse16(uint16(i))>>(16-9)] = complex(v*e.shape[i], 0)
	}
	for size := 2; size <= window; size *= 2 { // Cooley and Tukey, 1965
		for from := 0; from < window; from += size {
			for k := range size / 2 {
				a, b := x[from+k], x[from+k+size/2]*e.turns[k*(window/size)]
				x[from+k], x[from+k+size/2] = a+b, a-b
			}
		}
	}
	sum := 0.0
	for k := lowTone * window / Rate; k < highTone*window/Rate; k++ {
		sum += real(x[k])*real(x[k]) + imag(x[k])*imag(x[k])
	}
	e.loud = append(e.loud, math.Log(sum+1e-6))
}

// subprint is one frame of a sound: whether it, and each of the frames before it, the last of them first, had grown louder.
type subprint struct {
	bits uint32
	weak [soundUnsure]byte // which of the bits are the least sure
	sure byte              // how sure the rest is; 0 where nothing grows
}

const printSize = 4 + soundUnsure + 1

func (e *Ear) prints() []subprint {
	loudest := math.Inf(-1)
	for _, l := range e.loud {
		loudest = max(loudest, l)
	}
	least := math.Exp(max(loudest-floor, silence))
	grows := make([]float64, len(e.loud)) // by how much more than grown
	heardAt := func(i int) float64 { return math.Log(math.Exp(e.loud[i]) + least) }
	for i := before; i < len(grows); i++ {
		grows[i] = heardAt(i) - heardAt(i-before) - grown
	}
	out := make([]subprint, len(e.loud))
	for i := before + soundBits - 1; i < len(out); i++ {
		out[i] = printOf(grows[i-soundBits+1 : i+1])
	}
	return out
}

func printOf(grows []float64) (p subprint) {
	var order [soundBits]byte
	var sizes [soundBits]float64
	for b := range soundBits {
		d := grows[soundBits-1-b]
		if d > 0 {
			p.bits |= 1 << b
		}
		order[b], sizes[b] = byte(b), math.Abs(d)
	}
	if p.bits == 0 {
		return subprint{}
	}
	slices.SortFunc(order[:], func(a, b byte) int { return cmp.Compare(sizes[a], sizes[b]) })
	copy(p.weak[:], order[:])
	p.sure = byte(1 + min(254, 100*sizes[order[soundUnsure]]))
	return p
}

// asked are the bits that are asked for: the weakest either way.
func (p *subprint) asked() (all [1 << soundUnsure]uint32) {
	for way := range all {
		all[way] = p.bits
		for i, b := range p.weak {
			if way>>i&1 == 1 {
				all[way] ^= 1 << b
			}
		}
	}
	return all
}

// sound is what is kept of one: of each frame its bits, 0 where it is quiet.
type sound []uint32

// heard is a sound as others are looked for by it.
type heard []subprint

// keep gives what is kept of it; nothing of what is too short or quiet.
func (h heard) keep() sound {
	s := make(sound, len(h))
	n := 0
	for i, p := range h {
		if p.sure > 0 {
			s[i] = p.bits
			n++
		}
	}
	if n < stretch {
		return nil
	}
	return s
}

// surest are the frames that are surer than those around them, so many of them at most.
func (h heard) surest(apart, most int) (at []int) {
	apart = max(apart, (len(h)+most-1)/most)
	for from := 0; from < len(h); from += apart {
		best := from
		for i := from; i < min(from+apart, len(h)); i++ {
			if h[i].sure > h[best].sure {
				best = i
			}
		}
		if h[best].sure > 0 {
			at = append(at, best)
		}
	}
	return at
}

// same says whether an earlier sound is in this one, or this one in it, and what share of a stretch agrees, where that is most.
func (h heard) same(s sound) (same bool, share float64) {
	for _, by := range h.shifts(s) {
		if agrees := h.agrees(s, by); agrees >= 1-differ {
			same, share = true, max(share, agrees)
		}
	}
	return same, share
}

// shifts are by how many frames the other sound may be later: those at which most frames are one.
func (h heard) shifts(s sound) []int {
	at := map[uint32][]int{}
	for j, b := range s {
		if b != 0 {
			at[b] = append(at[b], j)
		}
	}
	votes := map[int]int{}
	for _, i := range h.surest(askApart, askedMost) {
		for _, b := range h[i].asked() {
			if len(at[b]) > sameMost {
				continue
			}
			for _, j := range at[b] {
				votes[j-i]++
			}
		}
	}
	all := slices.Collect(maps.Keys(votes))
	slices.SortFunc(all, func(a, b int) int { return cmp.Or(cmp.Compare(votes[b], votes[a]), cmp.Compare(a, b)) })
	return all[:min(len(all), shiftsMost)]
}

// agrees is the share of bits that agree over the best stretch, where the other sound is shifted.
func (h heard) agrees(s sound, by int) float64 {
	var apart []int
	for i, p := range h {
		if j := i + by; p.sure > 0 && j >= 0 && j < len(s) && s[j] != 0 {
			apart = append(apart, bits.OnesCount32(p.bits^s[j]))
		}
	}
	const length = stretch
	if len(apart) < length {
		return 0
	}
	sum := 0
	for _, d := range apart[:length] {
		sum += d
	}
	best := sum
	for i := length; i < len(apart); i++ {
		sum += apart[i] - apart[i-length]
		best = min(best, sum)
	}
	return 1 - float64(best)/float64(length*soundBits)
}

// Hear keeps what an Ear heard.
func (k *Kept) Hear(e *Ear) {
	h := heard(e.prints())
	s := h.keep()
	if s == nil {
		return
	}
	k.Marked = h.surest(markApart, markedMost)
	for i, p := range h {
		k.Sound = binary.BigEndian.AppendUint32(k.Sound, s[i])
		k.Heard = append(binary.BigEndian.AppendUint32(k.Heard, p.bits), p.weak[:]...)
		k.Heard = append(k.Heard, p.sure)
	}
}

func (k *Kept) sound() (sound, error) {
	if len(k.Sound)%4 != 0 {
		return nil, errSize
	}
	s := make(sound, 0, len(k.Sound)/4)
	for b := range slices.Chunk(k.Sound, 4) {
		s = append(s, binary.BigEndian.Uint32(b))
	}
	return s, nil
}

func (k *Kept) heard() (heard, error) {
	if len(k.Heard)%printSize != 0 {
		return nil, errSize
	}
	h := make(heard, 0, len(k.Heard)/printSize)
	for b := range slices.Chunk(k.Heard, printSize) {
		p := subprint{bits: binary.BigEndian.Uint32(b), sure: b[printSize-1]}
		copy(p.weak[:], b[4:])
		for _, w := range p.weak {
			if w >= soundBits {
				return nil, errSize
			}
		}
		h = append(h, p)
	}
	return h, nil
}

func soundMark(key Hasher, bits uint32) int64 {
	return mark(key, markSound, binary.BigEndian.AppendUint32(nil, bits))
}

// soundMarks are those by which a kept sound is found.
func (k *Kept) soundMarks(key Hasher) (marks []int64, err error) {
	s, err := k.sound()
	for _, i := range k.Marked {
		if err == nil && (i < 0 || i >= len(s)) {
			err = errSize
		}
		if err != nil {
			return nil, err
		}
		marks = append(marks, soundMark(key, s[i]))
	}
	return marks, err
}

// marks are those by which others are looked for.
func (h heard) marks(key Hasher) []int64 {
	all := map[uint32]bool{}
	for _, i := range h.surest(askApart, askedMost) {
		for _, b := range h[i].asked() {
			all[b] = true
		}
	}
	marks := make([]int64, 0, len(all))
	for b := range all {
		marks = append(marks, soundMark(key, b))
	}
	return marks
}
