package look_test

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/heed-line/heed/internal/media/look"
)

// page is a picture that is drawn of even shapes and writing.
type page struct{ *image.RGBA }

func newPage(w, h int, paper byte) page {
	p := page{image.NewRGBA(image.Rect(0, 0, w, h))}
	p.box(0, 0, w, h, paper)
	return p
}

func (p page) box(x, y, w, h int, grey byte) {
	draw.Draw(p, image.Rect(x, y, x+w, y+h), image.NewUniform(color.Gray{grey}), image.Point{}, draw.Src)
}

// frame is a box's edge.
func (p page) frame(x, y, w, h int, grey byte) {
	for _, e := range [][4]int{{x, y, w, 1}, {x, y + h, w, 1}, {x, y, 1, h}, {x + w, y, 1, h}} {
		p.box(e[0], e[1], e[2], e[3], grey)
	}
}

// line writes a line of made-up words, each letter some strokes in a box of 5 by 7.
func (p page) line(r *rand.Rand, x, y, w int, ink byte) {
	for left, word := x, 2+r.IntN(7); left+5 <= x+w; left += 6 {
		if word--; word < 0 {
			word = 2 + r.IntN(7)
			continue
		}
		for range 3 {
			if r.IntN(2) == 0 {
				p.box(left+r.IntN(5), y, 1, 7, ink)
			} else {
				p.box(left, y+r.IntN(7), 5, 1, ink)
			}
		}
	}
}

// hand writes by hand: a stroke that goes up and down.
func (p page) hand(r *rand.Rand, x, y, w int) {
	at := 0
	for i := range w {
		if r.IntN(9) == 0 {
			i++ // a letter ends
		} else {
			at = min(max(at+r.IntN(7)-3, -6), 6)
		}
		p.box(x+i, y+at, 2, 3, 40)
	}
}

// chat is a screenshot of messages, all in one program on one telephone: its head is the same in all, and the keyboard.
func chat(seed uint64, keyboard bool) *image.RGBA {
	const w, h = 270, 480
	r, same := rand.New(rand.NewPCG(seed, 11)), rand.New(rand.NewPCG(1, 12))
	p, bottom := newPage(w, h, 232), h-30
	if keyboard {
		bottom = h - 190
	}
	for y := 48; y < bottom-20; {
		lines, long := 1+r.IntN(4), 60+r.IntN(130)
		x, shade := 8, byte(255)
		if r.IntN(2) == 0 {
			x, shade = w-long-24, 205
		}
		p.box(x, y, long+16, lines*11+8, shade)
		for i := range lines {
			wide := long
			if i == lines-1 {
				wide = long * (3 + r.IntN(7)) / 10
			}
			p.line(r, x+8, y+6+11*i, wide, 30)
		}
		y += lines*11 + 14 + r.IntN(10)
	}
	p.box(0, 0, w, 40, 70)
	p.box(10, 8, 24, 24, 180)
	p.line(same, 44, 10, 90, 250)
	p.line(same, 44, 24, 60, 200)
	p.box(0, bottom, w, h-bottom, 200)
	p.box(10, bottom+4, w-50, 20, 255)
	p.box(w-32, bottom+4, 22, 20, 90)
	for row := 0; keyboard && row < 4; row++ {
		for i := range 10 - row%3 {
			x, y := 4+row%3*13+i*26, bottom+34+row*38
			p.box(x, y, 22, 31, 255)
			p.line(same, x+8, y+12, 6, 20)
		}
	}
	return p.RGBA
}

// form is one printed form that is filled in by hand.
func form(seed uint64) *image.RGBA {
	const w, h = 300, 420
	r, same := rand.New(rand.NewPCG(seed, 13)), rand.New(rand.NewPCG(1, 14))
	p := newPage(w, h, 250)
	p.box(20, 16, 40, 24, 90)
	p.line(same, 80, 20, 180, 20)
	p.line(same, 80, 32, 120, 20)
	for i := range 11 {
		y := 56 + 31*i
		p.line(same, 20, y, 60+same.IntN(60), 60)
		p.frame(150, y-8, 130, 24, 80)
		if r.IntN(8) > 0 {
			p.hand(r, 156, y+4, 30+r.IntN(80))
		}
	}
	p.line(same, 20, 404, 240, 60)
	return p.RGBA
}

// pages are how many of a kind are held against each other.
const pages = 10

func TestMessagesUnderOneHeadAndFormsFilledInByOthersAreNotTakenForOneAnother(t *testing.T) {
	eye := look.NewEye()
	for kind, drawn := range map[string]func(seed uint64) *image.RGBA{
		"messages":                 func(seed uint64) *image.RGBA { return chat(seed, false) },
		"messages over a keyboard": func(seed uint64) *image.RGBA { return chat(seed, true) },
		"forms":                    form,
	} {
		var all [pages]*image.RGBA
		var kept [pages]*look.Kept
		var linked, lost atomic.Int32
		each(pages, func(i int) {
			all[i] = drawn(1000 + uint64(i))
			kept[i] = keptOf(eye, i, all[i])
		})
		// found says which of them a picture is taken for.
		found := func(p *image.RGBA) (taken [pages]bool) {
			q, err := look.NewQuestion(eye, keptOf(eye, copied, p))
			if err != nil {
				t.Error(err)
				return taken
			}
			for j, k := range kept {
				answer, err := q.Answer(k)
				if err != nil {
					t.Error(err)
				}
				taken[j] = answer.Same != ""
			}
			return taken
		}
		each(pages, func(i int) {
			for j, taken := range found(all[i]) {
				if taken && j != i {
					linked.Add(1)
				}
			}
			for w, way := range ways {
				if !found(way.copy(all[i], rand.New(rand.NewPCG(uint64(i), uint64(w)))))[i] {
					t.Logf("%s, %s: the copy of %d isn't found", kind, way.name, i)
					lost.Add(1)
				}
			}
		})
		t.Logf("%s: %d of %d pairs are linked, %d of %d copies aren't", kind, linked.Load(), pages*(pages-1), lost.Load(), len(ways)*pages)
		most := int32(4)
		if kind == "forms" {
			most = 12 // one that has little in it beside one that has much: as if that were written over
		}
		if linked.Load() > most {
			t.Errorf("%s: more than %d pairs are linked", kind, most)
		}
		if lost.Load() > 2 {
			t.Errorf("%s: %d copies aren't found", kind, lost.Load())
		}
	}
}
