package heed

import "time"

// Redaction is what of a file isn't handed on, and the copy without that: made of the safe copy, which stays as it is. A package carries it
// in the safe copy's place.
type Redaction struct {
	Attachment ID
	Report     ID
	Version    int64 // of the marks; 1 at first
	By         ID
	At         time.Time
	// Marks are []Mark as JSON, sealed under the report's data key; nil where the redaction was taken back, and nothing else counts then.
	Marks []byte
	// Copy is the redacted copy of these marks, waiting, made or failed, as the SafeCopy of a file is.
	Copy SafeCopy
}

// None reports whether the file goes as its safe copy is: nobody ever redacted it, or it was taken back.
func (r *Redaction) None() bool { return r == nil || len(r.Marks) == 0 }

// Whole is how much of a picture's width or height all of it is: boxes are measured in hundredths of per cent.
const Whole = 10_000

// Mark is one thing that isn't handed on: a box of a picture, of a document's page, or of a film for a while; or a while of a recording's or
// film's sound.
type Mark struct {
	Page int `json:"page,omitempty"` // of a document, from 1 on
	// The box, from 0 to Whole, from the left and from the top whatever the language; all 0 where it is sound.
	Left   int `json:"left,omitempty"`
	Top    int `json:"top,omitempty"`
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Of films and recordings, in milliseconds.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// Blur says that a film's box is blurred beyond recognition, not black.
	Blur bool `json:"blur,omitempty"`
}

// Box reports whether it is a box, not sound.
func (m Mark) Box() bool { return m.Width > 0 }

// Exposure is how much somebody uncovered of what stays covered until they ask, on one day; of what report it was nobody keeps.
type Exposure struct {
	Staff    ID
	Day      int64 // since 1970, as the line's own zone has it
	Pictures int64 // pages of documents among them
	Films    int64
	Seconds  int64 // that those films last
}
