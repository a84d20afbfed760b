package look

import "slices"

// Kept is what is kept of a file, as JSON, sealed: what it is known again by.
type Kept struct {
	// Digest is the SHA-256 of the safe copy: never of the file as it was sent, by which whoever finds that could tell whose it is.
	Digest []byte `json:"digest"`
	// Pictures are the Picture of a picture, and of a film those from all over it, each PictureSize bytes.
	Pictures [][]byte `json:"pictures,omitempty"`
	// Corners are what is kept of the corners of each, in 512 bytes. Greys are the pictures themselves, squeezed, each Side*Side bytes: what else has a mark in common is held against them. Of what was
	// kept before Heed did that there are neither.
	Corners [][]byte `json:"corners,omitempty"`
	Greys   [][]byte `json:"greys,omitempty"`
	// Sound is what is kept of a sound, each frame of 32 milliseconds in four bytes, 0 where it is quiet; Marked are those by which it is found.
	// Heard is the same with what is less sure in it, until others were looked for by it.
	Sound  []byte `json:"sound,omitempty"`
	Marked []int  `json:"marked,omitempty"`
	Heard  []byte `json:"heard,omitempty"`
	// Film says that the pictures are a film's.
	Film bool `json:"film,omitempty"`
}

// Add keeps a picture. Of a film it keeps one that shows what the one before does once.
func (k *Kept) Add(e *Eye, g *Grey) {
	p, c := e.keep(g)
	if n := len(k.Pictures); n > 0 {
		var before Picture
		if before.UnmarshalBinary(k.Pictures[n-1]) == nil {
			if same, _ := e.Ask(g, true).Same(&before); same {
				return
			}
		}
	}
	b, _ := p.MarshalBinary() // never fails
	k.Pictures, k.Corners, k.Greys = append(k.Pictures, b), append(k.Corners, c.bytes()), append(k.Greys, slices.Clone(g[:]))
}

// Marks are those by which the file is found.
func (k *Kept) Marks(key Hasher) ([]int64, error) {
	marks := []int64{FileMark(key, k.Digest)}
	pictures, err := k.pictures()
	for _, p := range pictures {
		marks = append(marks, p.Marks(key)...)
	}
	if err != nil {
		return nil, err
	}
	for _, b := range k.Corners {
		c, err := cornersOf(b)
		if err != nil {
			return nil, err
		}
		marks = append(marks, c.marks(key)...)
	}
	sounds, err := k.soundMarks(key)
	return distinct(append(marks, sounds...)), err
}

// Asked forgets what of a sound was needed to look for others alone.
func (k *Kept) Asked() { k.Heard = nil }

func distinct(marks []int64) []int64 {
	slices.Sort(marks)
	return slices.Compact(marks)
}

func (k *Kept) pictures() ([]Picture, error) {
	all := make([]Picture, len(k.Pictures))
	for i, b := range k.Pictures {
		if err := all[i].UnmarshalBinary(b); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Question is a file by which others are looked for.
type Question struct {
	of       *Kept
	pictures []*Asked
	heard    heard
}

// NewQuestion asks by what is kept of a file, as long as that has its Greys.
func NewQuestion(e *Eye, k *Kept) (*Question, error) {
	h, err := k.heard()
	if err != nil {
		return nil, err
	}
	q := &Question{of: k, heard: h}
	for _, b := range k.Greys {
		if len(b) != len(Grey{}) {
			return nil, errSize
		}
		q.pictures = append(q.pictures, e.Ask((*Grey)(b), k.Film))
	}
	return q, nil
}

// Marks are those by which others are looked for.
func (q *Question) Marks(key Hasher) []int64 {
	marks := []int64{FileMark(key, q.of.Digest)}
	for _, p := range q.pictures {
		marks = append(marks, p.Marks(key)...)
	}
	return distinct(append(marks, q.heard.marks(key)...))
}

// What an Answer can say is one.
const (
	SameExactly = "exact"
	SamePicture = "picture"
	SameSound   = "sound"
)

// Answer is what two files have in common: "" is nothing. Score is how much of what was compared agrees, 0..1.
type Answer struct {
	Same  string
	Score float64
}

// filmLeast is how many pictures two films have in common at least, where they have so many: a title or a test card is in many.
const filmLeast = 2

// Answer compares the file with an earlier one.
func (q *Question) Answer(k *Kept) (Answer, error) {
	if len(q.of.Digest) > 0 && slices.Equal(q.of.Digest, k.Digest) {
		return Answer{SameExactly, 1}, nil
	}
	pictures, err := k.earlier()
	if err != nil {
		return Answer{}, err
	}
	n, best := 0, 0.0
	for _, a := range q.pictures {
		for i := range pictures {
			if same, share := a.same(&pictures[i]); same {
				n++
				best = max(best, share)
				break
			}
		}
	}
	least := 1
	if q.of.Film && k.Film {
		least = min(filmLeast, len(q.pictures), len(pictures))
	}
	if n > 0 && n >= least {
		return Answer{SamePicture, best}, nil
	}
	s, err := k.sound()
	if err != nil {
		return Answer{}, err
	}
	if same, share := q.heard.same(s); same {
		return Answer{SameSound, share}, nil
	}
	return Answer{}, nil
}
