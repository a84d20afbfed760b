package screening

// besides are the parts of a text between sentences that are plainly noise each by itself, such as thanks, wishes, and orders to whoever
// reads it. They are read by themselves too: nothing that is written beside a danger takes it away.
type besides struct {
	parts []place
	noise bool // whether any sentence was
	open  bool // whether the last part goes on
}

// add takes the next sentence.
func (b *besides) add(start, end int, noise bool) {
	switch {
	case noise:
		b.noise, b.open = true, false
	case b.open:
		b.parts[len(b.parts)-1].end = end
	case len(b.parts) < mostBesides:
		b.parts, b.open = append(b.parts, place{start, end}), true
	}
}

// besideNoise are the readings of those parts; none where no sentence is noise, or all are.
func (s *Screener) besideNoise(j *judgement) []*reading {
	if j.refuse || j.loudest == nil || !j.loudest.besides.noise {
		return nil
	}
	var readings []*reading
	for _, part := range j.loudest.besides.parts {
		r := &reading{text: j.r.text.Part(part.start, part.end), found: j.r.found, tag: j.r.tag}
		s.match(r)
		readings = append(readings, r)
	}
	return readings
}

// noiseAtMost is the log-odds of relevance at which a sentence by itself is noise, if no word for an act stands in it.
const noiseAtMost = -1

// besideMargin is by how many log-odds such a part must say more than a whole text would have to, and twice that of a life in danger now: it
// has less to say against itself.
const besideMargin = 1

// mostBesides bounds how many parts of a text are read by themselves.
const mostBesides = 4
