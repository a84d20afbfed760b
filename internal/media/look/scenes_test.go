package look_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/heed-line/heed/internal/media/look"
)

// scene draws a picture
func scene(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 7))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	noise := newNoise(r)
	kind := r.IntN(5)
	base := [3]float64{r.Float64() * 255, r.Float64() * 255, r.Float64() * 255}
	top := [3]float64{r.Float64() * 255, r.Float64() * 255, r.Float64() * 255}
	type shape struct {
		kind           int
		x, y, a, b, sn float64
		cs             float64
		c              [3]float64
		alpha          float64
	}
	var shapes []shape
	n := 2 + r.IntN(14)
	for range n {
		th := r.Float64() * math.Pi
		shapes = append(shapes, shape{r.IntN(3), r.Float64(), r.Float64(), 0.03 + 0.25*r.Float64()*r.Float64()*2, 0.03 + 0.25*r.Float64(), math.Sin(th), math.Cos(th),
			[3]float64{r.Float64() * 255, r.Float64() * 255, r.Float64() * 255}, 0.5 + 0.5*r.Float64()})
	}
	horizon := 0.3 + 0.4*r.Float64()
	scale := 1.5 + 4*r.Float64()
	light := r.Float64() * 2 * math.Pi
	amp := 60 + 120*r.Float64()
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			var c [3]float64
			f := noise.fbm(u*scale, v*scale)
			switch kind {
			case 0: // plasma
				for i := range c {
					c[i] = base[i] + amp*(f-0.5)*2 + 60*math.Sin(6*f+float64(i))
				}
			case 1, 2: // a landscape
				for i := range c {
					t := v / horizon
					if v < horizon+0.1*(noise.fbm(u*4, 9)-0.5) {
						c[i] = top[i]*(1-t) + 230*t
					} else {
						c[i] = base[i] * (0.4 + 0.9*f)
					}
				}
			case 3: // a gradient with a light
				d := math.Cos(light)*(u-0.5) + math.Sin(light)*(v-0.5)
				for i := range c {
					c[i] = base[i]*(0.5+d) + top[i]*(0.5-d) + 0.7*amp*(f-0.5)
				}
			case 4: // clouded room
				for i := range c {
					c[i] = 128 + amp*(noise.fbm(u*scale+float64(i)*0.1, v*scale)-0.5)*2
				}
			}
			for _, s := range shapes {
				dx, dy := (u-s.x)*s.cs+(v-s.y)*s.sn, -(u-s.x)*s.sn+(v-s.y)*s.cs
				in := false
				switch s.kind {
				case 0:
					in = dx*dx/(s.a*s.a)+dy*dy/(s.b*s.b) < 1
				case 1:
					in = math.Abs(dx) < s.a && math.Abs(dy) < s.b
				case 2:
					in = math.Abs(dx) < s.a && math.Abs(dy) < 0.01
				}
				if in {
					sh := 0.7 + 0.5*dx/s.a*0.5
					for i := range c {
						c[i] = c[i]*(1-s.alpha) + s.c[i]*s.alpha*sh
					}
				}
			}
			vig := 1 - 0.5*((u-0.5)*(u-0.5)+(v-0.5)*(v-0.5))
			g := (r.Float64() - 0.5) * 16
			img.SetRGBA(x, y, color.RGBA{cl(c[0]*vig + g), cl(c[1]*vig + g), cl(c[2]*vig + g), 255})
		}
	}
	return img
}
func cl(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

type noiseT [32][32]float64

func newNoise(r *rand.Rand) *noiseT {
	var n noiseT
	for y := range n {
		for x := range n[y] {
			n[y][x] = r.Float64()
		}
	}
	return &n
}
func (n *noiseT) at(x, y float64) float64 {
	xi, yi := int(x), int(y)
	fx, fy := x-float64(xi), y-float64(yi)
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	g := func(a, b int) float64 { return n[b&31][a&31] }
	return (g(xi, yi)*(1-fx)+g(xi+1, yi)*fx)*(1-fy) + (g(xi, yi+1)*(1-fx)+g(xi+1, yi+1)*fx)*fy
}
func (n *noiseT) fbm(x, y float64) float64 {
	s, a := 0.0, 0.5
	for range 4 {
		s += a * n.at(x, y)
		x, y, a = x*2+5, y*2+3, a/2
	}
	return s / 0.9375
}

func squeeze(img *image.RGBA) *look.Grey {
	var g look.Grey
	b := img.Bounds()
	for y := range look.Side {
		for x := range look.Side {
			x0, x1 := b.Min.X+x*b.Dx()/look.Side, b.Min.X+max((x+1)*b.Dx()/look.Side, x*b.Dx()/look.Side+1)
			y0, y1 := b.Min.Y+y*b.Dy()/look.Side, b.Min.Y+max((y+1)*b.Dy()/look.Side, y*b.Dy()/look.Side+1)
			s, n := 0, 0
			for j := y0; j < y1; j++ {
				for i := x0; i < x1; i++ {
					p := img.Pix[img.PixOffset(i, j):]
					s += (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000
					n++
				}
			}
			g[y*look.Side+x] = byte(s / n)
		}
	}
	return &g
}
func rejpeg(img image.Image, q int) *image.RGBA {
	var b bytes.Buffer
	jpeg.Encode(&b, img, &jpeg.Options{Quality: q})
	d, _ := jpeg.Decode(&b)
	out := image.NewRGBA(d.Bounds())
	for y := range d.Bounds().Dy() {
		for x := range d.Bounds().Dx() {
			out.Set(x, y, d.At(x, y))
		}
	}
	return out
}
func cropped(img *image.RGBA, l, t, r, b float64) *image.RGBA {
	w, h := float64(img.Bounds().Dx()), float64(img.Bounds().Dy())
	from := image.Rect(int(l*w), int(t*h), int(w-r*w), int(h-b*h))
	out := image.NewRGBA(image.Rect(0, 0, from.Dx(), from.Dy()))
	draw.Draw(out, out.Bounds(), img, from.Min, draw.Src)
	return out
}
func watermarked(img *image.RGBA, r *rand.Rand) *image.RGBA {
	out := image.NewRGBA(img.Bounds())
	copy(out.Pix, img.Pix)
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	for y := range h {
		for x := range w {
			// letters: blocks with gaps
			letter := (x*40/w)%4 != 3 && ((x*80/w+y*60/h)%3 != 0)
			mid := y > h*43/100 && y < h*57/100 && x > w/5 && x < w*4/5 && letter
			cor := y > h*88/100 && y < h*96/100 && x > w*6/10 && x < w*97/100 && letter
			a := 0
			if mid {
				a = 33
			}
			if cor {
				a = 90
			}
			if a > 0 {
				p := out.Pix[out.PixOffset(x, y):]
				for i := range 3 {
					p[i] = byte((int(p[i])*(100-a) + 255*a) / 100)
				}
			}
		}
	}
	return out
}

// smaller is a picture of a part of its sides, in quarters.
func smaller(img *image.RGBA, quarters int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx()*quarters/4, img.Bounds().Dy()*quarters/4))
	for y := range out.Bounds().Dy() {
		for x := range out.Bounds().Dx() {
			out.SetRGBA(x, y, img.RGBAAt(x*4/quarters, y*4/quarters))
		}
	}
	return out
}
