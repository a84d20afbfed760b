package look

import (
	"cmp"
	"math"
	"slices"
)

const (
	// tile is how many pixels a tile has along a side, and tiles how many there are.
	tile, tiles = 8, Side / 8
	// around is how far what is fine reaches, in pixels: of slower changes nothing counts, which pictures of one kind have in common.
	around = 2
	// tileRough is how much there must be in a tile to tell it by, in shades of grey: more than a sensor's grain leaves; tileSame how alike two are that are one (their
	// correlation).
	tileRough, tileSame = 2.5, 0.65
	// Two pictures are one where tilesLeast tiles at least are the same in both, and those are tilesShare of the tiles in which either has
	// anything. Where not even tilesTry are before the place is made exact, nothing says where one lies in the other.
	tilesLeast, tilesShare, tilesTry = 8, 0.24, 2
	// starts are the places that are tried.
	starts = 4
	// block is how many pixels a block has along a side: in it a picture has more than another from moreTimes as much and moreLeast shades of grey
	// beyond on. Two pictures each have what the other lacks where the one that has more in fewer blocks has so in lackLeast at least and in
	// lackShare of all in which either has.
	block                = 4
	moreTimes, moreLeast = 1.5, 2.5
	lackLeast, lackShare = 4, 0.15
)

// detail is what is fine in a picture: how much each pixel differs from the mean around it.
type detail [Side * Side]float32

func newDetail(g *Grey) *detail {
	d := &detail{}
	for y := range Side {
		y0, y1 := max(y-around, 0), min(y+around, Side-1)
		for x := range Side {
			x0, x1 := max(x-around, 0), min(x+around, Side-1)
			sum := 0
			for j := y0; j <= y1; j++ {
				for _, v := range g[j*Side+x0 : j*Side+x1+1] {
					sum += int(v)
				}
			}
			d[y*Side+x] = float32(g[y*Side+x]) - float32(sum)/float32((y1-y0+1)*(x1-x0+1))
		}
	}
	return d
}

// place is where a picture's edges lie in another: left, right, top and bottom, in its pixels.
type place [4]float64

// agreement is how far two pictures agree in one place: in how many tiles, of how many in which either has anything, and which those are; fit grows
// with how well.
type agreement struct {
	same, known   int
	fit           float64
	where, either [tiles * tiles]bool
}

func (a agreement) share() float64 { return float64(a.same) / float64(max(a.known, 1)) }

// sums adds a picture up with what lies in its place in another, in squares of side pixels, into to, row by row.
func (d *detail) sums(of *detail, p place, side int, to []tileSums) {
	var xs, squares [Side]int
	var fx [Side]float32
	for x := range Side {
		at := p[0] + (float64(x)+0.5)*(p[1]-p[0])/Side - 0.5
		xs[x] = int(math.Floor(at))
		fx[x] = float32(at - math.Floor(at))
		squares[x] = x / side
	}
	for y := range Side {
		at := p[2] + (float64(y)+0.5)*(p[3]-p[2])/Side - 0.5
		y0 := int(math.Floor(at))
		if y0 < 0 || y0+1 >= Side {
			continue
		}
		fy := float32(at - math.Floor(at))
		upper, lower := of[y0*Side:(y0+1)*Side], of[(y0+1)*Side:(y0+2)*Side]
		row := to[y/side*(Side/side):]
		for x, x0 := range xs {
			if x0 < 0 || x0+1 >= Side {
				continue
			}
			u := upper[x0] + fx[x]*(upper[x0+1]-upper[x0])
			l := lower[x0] + fx[x]*(lower[x0+1]-lower[x0])
			row[squares[x]].add(d[y*Side+x], u+fy*(l-u))
		}
	}
}

// at compares a picture, tile by tile, with what lies in its place in another: writing spoils the tiles that it stands in, and no more.
func (d *detail) at(of *detail, p place) (a agreement) {
	var sums [tiles * tiles]tileSums
	d.sums(of, p, tile, sums[:])
	for i := range sums {
		alike, known := sums[i].alike()
		if !known {
			continue
		}
		a.known++
		if alike >= tileSame {
			a.same++
			a.where[i] = true
		}
		if alike > 0 {
			a.fit += alike * alike
		}
		a.either[i] = true
	}
	return a
}

// lacking says whether two pictures, where they don't agree, each have what the other lacks, as two messages under one head and two who filled in one form
// do: who writes over a picture adds to it, so that nearly all of what only one of the two has is in the copy. Making it smaller takes away, from one
// alone too.
func (d *detail) lacking(of *detail, p place, agreed *agreement) bool {
	const along = Side / block
	var sums [along * along]tileSums
	d.sums(of, p, block, sums[:])
	first, second := 0, 0
	for i := range sums {
		in, s := i/along*block/tile*tiles+i%along*block/tile, &sums[i]
		if !agreed.either[in] || agreed.where[in] || s.n < block*block*3/4 {
			continue
		}
		a, b := math.Sqrt(float64(s.aa/s.n)), math.Sqrt(float64(s.bb/s.n))
		if a > moreTimes*b+moreLeast {
			first++
		}
		if b > moreTimes*a+moreLeast {
			second++
		}
	}
	fewer := min(first, second)
	return fewer >= lackLeast && float64(fewer) >= lackShare*float64(first+second)
}

type tileSums struct{ n, a, b, aa, bb, ab float32 }

func (s *tileSums) add(a, b float32) {
	s.n++
	s.a += a
	s.b += b
	s.aa += a * a
	s.bb += b * b
	s.ab += a * b
}

// alike is the correlation of two tiles; known, whether there is anything in either to tell it by.
func (s *tileSums) alike() (alike float64, known bool) {
	if s.n < tile*tile*3/4 {
		return 0, false
	}
	va, vb := s.aa-s.a*s.a/s.n, s.bb-s.b*s.b/s.n
	least := float32(tileRough * tileRough * s.n)
	if va < least && vb < least {
		return 0, false
	}
	if va < least/4 || vb < least/4 {
		return 0, true
	}
	return float64(s.ab-s.a*s.b/s.n) / math.Sqrt(float64(va)*float64(vb)), true
}

// placeOf is where a kept picture's edges lie in the one that is asked by, where a cut of the one is the whole of the other or, cropped, its cut.
func placeOf(asked *cut, cropped bool) (p place) {
	off := 0.0
	if cropped {
		off = cropStep * (crops - 1)
	}
	for i, along := range [...]int{asked.x, asked.y} {
		from, to := cropStep*float64(along/crops), 1-cropStep*float64(along%crops)
		scale := (to - from) / (1 - 2*off)
		p[2*i] = Side * (from - scale*off)
		p[2*i+1] = p[2*i] + Side*scale
	}
	return p
}

// earlier is a kept picture that others are compared with. What was kept before Heed looked for what is fine has a print alone.
type earlier struct {
	print   Picture
	corners *corners
	detail  *detail
}

// earlier are the pictures of a file.
func (k *Kept) earlier() ([]earlier, error) {
	prints, err := k.pictures()
	if err != nil {
		return nil, err
	}
	all := make([]earlier, len(prints))
	fine := len(k.Greys) == len(prints) && len(k.Corners) == len(prints)
	for i := range prints {
		all[i].print = prints[i]
		if !fine {
			continue
		}
		if all[i].corners, err = cornersOf(k.Corners[i]); err != nil || len(k.Greys[i]) != len(Grey{}) {
			return nil, errSize
		}
		all[i].detail = newDetail((*Grey)(k.Greys[i]))
	}
	return all, nil
}

// same says whether an earlier picture shows the same, by its print or by what is fine in both, and in what share of that it agrees.
//
// Different pictures agree in a sixth of the tiles at most, as measured, and copies that are written over in a quarter to all, but for screenshots of one program
// and forms, of which each has what the other lacks.
func (a *Asked) same(p *earlier) (same bool, share float64) {
	same, share = a.Same(&p.print)
	if p.detail == nil {
		return same, share
	}
	agreed, at := a.lay(p)
	if agreed.same < tilesTry { // where they lie isn't known
		return same, share
	}
	if !same {
		same, share = agreed.same >= tilesLeast && agreed.share() >= tilesShare, agreed.share()
	}
	return same && !p.detail.lacking(a.detail, at, &agreed), share
}

// lay finds where an earlier picture lies in the one that is asked by: print and corners say where to begin. Where hardly a tile agrees then, at isn't exact.
func (a *Asked) lay(p *earlier) (best agreement, at place) {
	type pair struct {
		score float64
		at    place
	}
	var pairs []pair
	for i := range a.cuts {
		for j := range p.print {
			pairs = append(pairs, pair{a.cuts[i].near(&p.print[j], &p.corners[j]), placeOf(&a.cuts[i], j == 1)})
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Compare(y.score, x.score) })
	for _, try := range pairs[:min(starts, len(pairs))] {
		if got := p.detail.at(a.detail, try.at); got.fit > best.fit {
			best, at = got, try.at
		}
	}
	if best.same < tilesTry {
		return best, at
	}
	for _, step := range [...]float64{1, 0.5, 0.25} {
		for i := range at {
			for _, by := range [...]float64{-step, step} {
				moved := at
				moved[i] += by
				if got := p.detail.at(a.detail, moved); got.fit > best.fit {
					best, at = got, moved
					break
				}
			}
		}
	}
	return best, at
}

// near says how much two cuts have in common: by their wholes, and the three edges or corners that agree most.
func (c *cut) near(p *[partsOfCut]Part, corners *[cornersOfCut]Part) float64 {
	var all [partsAndCorners]float64
	for i := range all {
		if i < partsOfCut {
			all[i], _ = c.parts[i].alike(&p[i])
		} else {
			all[i], _ = c.parts[i].alike(&corners[i-partsOfCut])
		}
	}
	slices.Sort(all[1:])
	return all[0] + all[partsAndCorners-1] + all[partsAndCorners-2] + all[partsAndCorners-3]
}
