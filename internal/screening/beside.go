package screening

import (
	"cmp"
	"slices"
)

// besides are the parts of a text between sentences that are plainly noise each by itself, such as thanks, wishes, and orders to whoever
// reads it. They are read by themselves too: nothing that is written beside a danger takes it away.
type besides struct {
	parts []besidePart
	noise bool // whether any sentence was
	open  bool // whether the last part goes on
}

type besidePart struct {
	place
	says float64 // the strongest log-odds of one of its sentences that it presses
}

// add takes the next sentence.
func (b *besides) add(start, end int, noise bool, says float64) {
	if noise {
		b.noise, b.open = true, false
		return
	}
	if !b.open {
		b.parts, b.open = append(b.parts, besidePart{place{start, end}, says}), true
		return
	}
	last := &b.parts[len(b.parts)-1]
	last.end, last.says = end, max(last.says, says)
}

// besideNoise are the readings of those parts that say most; none where no sentence is noise, or all are.
func (s *Screener) besideNoise(j *judgement) []*reading {
	if j.refuse || j.loudest == nil || !j.loudest.besides.noise {
		return nil
	}
	parts := j.loudest.besides.parts
	slices.SortStableFunc(parts, func(a, b besidePart) int { return cmp.Compare(b.says, a.says) })
	var readings []*reading
	for _, part := range parts[:min(len(parts), mostBesides)] {
		r := &reading{text: j.r.text.Part(part.start, part.end), found: j.r.found, tag: j.r.tag, of: j.learnt, at: part.place}
		r.takeHits(j.r, part.place)
		readings = append(readings, r)
	}
	return readings
}

// takeHits has a reading of a part of a text have those hits of the whole that stand in it, which the lists would find there again.
func (r *reading) takeHits(whole *reading, part place) {
	r.room = hitRooms.Get().(*hitRoom)
	r.hits, r.classes = r.room.hits[:0], r.room.classes[:0]
	for i, h := range whole.hits {
		if h.Start >= part.start && h.End <= part.end {
			h.Start, h.End = h.Start-part.start, h.End-part.start
			r.hits, r.classes = append(r.hits, h), append(r.classes, whole.classes[i])
		}
	}
	r.room.hits, r.room.classes = r.hits, r.classes
	r.deny()
}

// noiseAtMost is the log-odds of relevance at which a sentence by itself is noise, if no word for an act stands in it.
const noiseAtMost = -1

// besideMargin is by how many log-odds such a part must say more than a whole text would have to (its answers joined: twice that), as it
// has less to say against itself; half of it where a plain word for an act stands in it.
const besideMargin = 1

// mostBesides bounds how many parts of a text are read by themselves.
const mostBesides = 4
