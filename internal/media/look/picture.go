package look

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Side is how many pixels a Grey has along each side.
const Side = 64

// Grey is a picture squeezed into Side by Side pixels of grey, row by row, 0 black.
type Grey [Side * Side]byte

const (
	// waveBits are the waves of a part whose signs are kept, the longest of waveMost by waveMost half-waves (a discrete cosine transform):
	// finer ones don't outlast a crop.
	waveBits, waveMost = 128, 16
	// waveSum is how many half-waves those have along both sides together, at most.
	waveSum = 17
	// cropStep and crops say where a cut of a picture may begin, and where it may end from the other side: whatever a tenth or less was
	// taken off of each side of, is like one of them but for a fiftieth.
	cropStep, crops = 0.04, 3
	cutsAlong       = crops * crops
	// edge is how much of a cut the parts at its edges take: writing that is laid over a picture leaves one of them as it was.
	edge = 0.42
	// strongest is how many waves of a part count: those that stand out.
	strongest = 64
	// wholeRough and edgeRough are how much a part must differ from an even slope, in shades of grey, to be known again by: of a blank page
	// nothing is kept, and of a clear sky nothing but the picture that it stands over. By cornerRough a corner is looked for, and no more.
	wholeRough, edgeRough, cornerRough = 2.5, 9, 4
	// Two cuts are one from where on their wholes are so much alike, or their wholes and the edges that are most, together (Part.alike).
	wholeSame, bothSame = 7.0, 11.8
)

// Signs are waveBits bits.
type Signs [waveBits / 64]uint64

// Part is a part of a picture as it is kept: whether each of its longest waves begins light or dark, and which of them stand out: none,
// where there is nothing to know it by.
type Part struct{ Signs, Strong Signs }

// alike says how far two parts are from agreeing as two do by chance, in standard deviations, and what share of what stands out in both
// is the same.
func (p *Part) alike(q *Part) (deviations, share float64) {
	n, differ := 0, 0
	for i := range p.Signs {
		both := p.Strong[i] & q.Strong[i]
		n += bits.OnesCount64(both)
		differ += bits.OnesCount64(both & (p.Signs[i] ^ q.Signs[i]))
	}
	if n == 0 {
		return 0, 0
	}
	return float64(n-2*differ) / math.Sqrt(float64(n+1)), float64(n-differ) / float64(n)
}

// Picture is what is kept of one: the parts of its whole, and of what is left where a cut of 8 hundredths goes off each side.
type Picture [2][partsOfCut]Part

const partSize = 2 * waveBits / 8

// PictureSize is how many bytes a Picture is written in.
const PictureSize = 2 * partsOfCut * partSize

// AppendBinary implements encoding.BinaryAppender.
func (p *Picture) AppendBinary(to []byte) ([]byte, error) {
	for i := range p {
		for j := range p[i] {
			to = p[i][j].appendTo(to)
		}
	}
	return to, nil
}

// MarshalBinary implements encoding.BinaryMarshaler: the bytes, big-endian, in their order.
func (p *Picture) MarshalBinary() ([]byte, error) { return p.AppendBinary(nil) }

// errSize says that something has another number of bytes than it must.
var errSize = errors.New("it has the wrong length")

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (p *Picture) UnmarshalBinary(b []byte) error {
	if len(b) != PictureSize {
		return errSize
	}
	for i := range p {
		for j := range p[i] {
			p[i][j] = partOf(b)
			b = b[partSize:]
		}
	}
	return nil
}

func (p *Part) appendTo(to []byte) []byte {
	for _, s := range [...]Signs{p.Signs, p.Strong} {
		for _, w := range s {
			to = binary.BigEndian.AppendUint64(to, w)
		}
	}
	return to
}

func partOf(b []byte) (p Part) {
	for _, s := range [...]*Signs{&p.Signs, &p.Strong} {
		for i := range s {
			s[i] = binary.BigEndian.Uint64(b)
			b = b[8:]
		}
	}
	return p
}

// Asked is a picture as others are looked for by it: all its cuts.
type Asked struct {
	cuts   []cut
	detail *detail
}

// Eye looks at pictures. It is safe for concurrent use.
type Eye struct {
	tables *tables
	waves  []wave
}

// NewEye makes an Eye.
func NewEye() *Eye { return &Eye{newTables(), waves()} }

// Keep gives what is kept of a picture.
func (e *Eye) Keep(g *Grey) *Picture {
	p, _ := e.keep(g)
	return p
}

func (e *Eye) keep(g *Grey) (*Picture, *corners) {
	cuts := e.look(g, func(x, y int) bool { return x == y && (x == 0 || x == cutsAlong-1) })
	p, c := &Picture{}, &corners{}
	for i := range p {
		for j, part := range cuts[i].parts {
			if j < partsOfCut {
				p[i][j] = part.Part
			} else {
				c[i][j-partsOfCut] = part.Part
			}
		}
	}
	return p, c
}

// Ask gives a picture as it is looked for: whatever was cropped. even leaves it at what was cropped evenly, as is enough for a film.
func (e *Eye) Ask(g *Grey, even bool) *Asked {
	return &Asked{e.look(g, func(x, y int) bool { return !even || x == y && x%(crops+1) == 0 }), newDetail(g)}
}

// Same says whether an earlier picture shows the same, and what share of what stands out in both agrees, where that is most.
func (a *Asked) Same(p *Picture) (same bool, share float64) {
	for i := range a.cuts {
		for j := range p {
			whole, agrees := a.cuts[i].parts[0].alike(&p[j][0])
			edge := 0.0
			for k := 1; k < partsOfCut; k++ {
				if d, s := a.cuts[i].parts[k].alike(&p[j][k]); d > edge {
					edge, agrees = d, max(agrees, s)
				}
			}
			if whole >= wholeSame || whole+edge >= bothSame {
				same, share = true, max(share, agrees)
			}
		}
	}
	return same, share
}

// seen is a part as it is looked for.
type seen struct {
	Part
	waves [waveBits]float32
}

type wave struct{ x, y int } // half-waves along a side

// waves are in their order: the longest first. Those along one side alone tell a horizon's height, and are left out.
func waves() []wave {
	var all []wave
	for y := range waveMost {
		for x := range waveMost {
			if x > 0 && y > 0 {
				all = append(all, wave{x, y})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b wave) int {
		return cmp.Or(cmp.Compare(a.x+a.y, b.x+b.y), cmp.Compare(max(a.x, a.y), max(b.x, b.y)))
	})
	return all[:waveBits]
}

// span is from where to where something goes, along one side.
type span struct{ from, to float64 }

// spans are for each cut along a side the whole of it, its beginning and its end.
func spans() (all []span) {
	for from := range crops {
		for to := range crops {
			a, b := cropStep*float64(from), 1-cropStep*float64(to)
			all = append(all, span{a, b}, span{a, a + edge*(b-a)}, span{b - edge*(b-a), b})
		}
	}
	return all
}

// partsOfCut is how many parts a cut has; whatPart says of each what it takes along x and along y: the whole, the beginning or the end.
const partsOfCut = 5

// Its corners come after them.
const (
	cornersOfCut    = 4
	partsAndCorners = partsOfCut + cornersOfCut
)

var whatPart = [partsAndCorners][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 0}, {1, 1}, {1, 2}, {2, 1}, {2, 2}}

// cut is a cut of a picture: which along x and along y, as spans numbers them, and its parts and corners.
type cut struct {
	x, y  int
	parts [partsAndCorners]seen
}

// tables weigh each pixel along a side, for each span and each wave: what a cosine over the span sums up to over the pixel.
type tables [3 * cutsAlong][waveMost][Side]float32

func newTables() *tables {
	t := &tables{}
	for c, span := range spans() {
		length := (span.to - span.from) * Side
		for k := range waveMost {
			until := func(x float64) float64 { // so that a span needn't end where a pixel does
				x = min(max(x-span.from*Side, 0), length)
				if k == 0 {
					return x
				}
				w := math.Pi * float64(k) / length
				return math.Sin(w*x) / w
			}
			for p := range Side {
				t[c][k][p] = float32((until(float64(p+1)) - until(float64(p))) / length)
			}
		}
	}
	return t
}

// look gives the parts of a picture's cuts.
func (e *Eye) look(g *Grey, wanted func(x, y int) bool) (all []cut) {
	for x := range cutsAlong {
		var rows [3]*rowSums
		for y := range cutsAlong {
			if !wanted(x, y) {
				continue
			}
			if rows[0] == nil {
				for i := range rows {
					rows[i] = e.along(g, 3*x+i)
				}
			}
			all = append(all, cut{x: x, y: y})
			for i, p := range whatPart {
				e.across(rows[p[0]], 3*y+p[1], roughOf(i), &all[len(all)-1].parts[i])
			}
		}
	}
	return all
}

func roughOf(part int) float64 {
	switch {
	case part == 0:
		return wholeRough
	case part < partsOfCut:
		return edgeRough
	}
	return cornerRough
}

// rowSums are for each row of pixels what each wave along x sums up to.
type rowSums [Side][waveMost]float32

func (e *Eye) along(g *Grey, span int) *rowSums {
	rows := &rowSums{}
	from, to := 0, Side // beyond them nothing weighs anything
	for even := &e.tables[span][0]; from < to && even[from] == 0; {
		from++
	}
	for even := &e.tables[span][0]; from < to && even[to-1] == 0; {
		to--
	}
	var line [Side]float32
	for r := range Side {
		for i, v := range g[r*Side+from : r*Side+to] {
			line[i] = float32(v)
		}
		for k := 0; k < waveMost; k += 4 { // four at once: none waits for the sum of another
			t := e.tables[span][k : k+4]
			sums := rows[r][k : k+4]
			var s0, s1, s2, s3 float32
			for i := range to - from {
				v := line[i]
				s0 += t[0][from+i] * v
				s1 += t[1][from+i] * v
				s2 += t[2][from+i] * v
				s3 += t[3][from+i] * v
			}
			sums[0], sums[1], sums[2], sums[3] = s0, s1, s2, s3
		}
	}
	return rows
}

// across sums up what along gave over a span along y.
func (e *Eye) across(rows *rowSums, span int, rough float64, s *seen) {
	var grid [waveMost][waveMost]float32
	for k := 1; k < waveMost; k++ { // no wave is along x alone
		for r, w := range e.tables[span][k] {
			if w == 0 {
				continue
			}
			sums := grid[k][:min(waveMost, waveSum+1-k)]
			for i, v := range rows[r][:len(sums)] {
				sums[i] += w * v
			}
		}
	}
	var size [waveBits]float32
	var power float64
	for i, w := range e.waves {
		v := grid[w.y][w.x]
		s.waves[i] = v
		if v > 0 {
			s.Signs[i/64] |= 1 << (i % 64)
		}
		size[i] = float32(math.Abs(float64(v)))
		power += 4 * float64(v) * float64(v)
	}
	if math.Sqrt(power) < rough {
		return
	}
	order := size
	least := nth(order[:], waveBits-strongest)
	for i, v := range size {
		if v >= least {
			s.Strong[i/64] |= 1 << (i % 64)
		}
	}
}

// nth is what stands at the place n of values once they are sorted. It moves them (Hoare's selection).
func nth(values []float32, n int) float32 {
	for len(values) > 1 {
		pivot, i, j := values[len(values)/2], 0, len(values)-1
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for pivot < values[j] {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			values = values[:j+1]
		case n >= i:
			values, n = values[i:], n-i
		default:
			return values[n]
		}
	}
	return values[0]
}
