package heed

import (
	"context"
	"time"
)

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

// RedactionTx keeps the Redactions of files. They go with their report's Attachments: DeleteAttachments gives their blobs too.
type RedactionTx interface {
	// PutRedaction writes the marks, which have no copy yet, in place of those of r.Version (0: of none), and raises r.Version. The blob of the copy
	// that the earlier ones had, r.Copy.Blob, is the caller's to delete. ErrConflict: r.Version is not the stored one, or its copy has another blob by now.
	PutRedaction(ctx context.Context, r *Redaction) error
	// FinishRedaction writes the copy of the marks of that version. ErrNotFound: there are others by now, or theirs is made, or failed.
	FinishRedaction(ctx context.Context, version int64, c *SafeCopy) error
	Redaction(ctx context.Context, attachment ID) (*Redaction, error)
	Redactions(ctx context.Context, report ID) ([]*Redaction, error)
}

// ExposureTx counts what people uncovered.
type ExposureTx interface {
	AddExposure(ctx context.Context, e *Exposure) error // to what there is of that person and day
	// Exposures are those of the day and later, of one person or, where staff is "", of everybody.
	Exposures(ctx context.Context, staff ID, since int64) ([]*Exposure, error)
	// DeleteExposures deletes those of earlier days and says how many there were.
	DeleteExposures(ctx context.Context, before int64) (int, error)
}
