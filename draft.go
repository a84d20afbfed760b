package heed

import (
	"context"
	"time"
)

// DraftLife is how long a Draft is kept, whatever its author does.
const DraftLife = 24 * time.Hour

// Draft is a report that somebody at the desk is typing in, for who calls, comes by or writes a letter. Nothing in it says who that
// is: an Identity stands in the page alone until the report is handed in.
type Draft struct {
	ID      ID // that its report will have
	Staff   ID // who types
	Call    ID // the QueuedCall that it is typed in for; "": there is none
	Sealed  []byte
	Since   time.Time
	SavedAt time.Time
}

// DraftTx keeps the reports that people at the desk are typing in.
type DraftTx interface {
	AddDraft(ctx context.Context, d *Draft) error // ErrConflict: there is one of that id, or of its call
	// ChangeDraft writes Staff, Sealed and SavedAt where it is still from's and was last saved at seen. ErrNotFound: it isn't theirs, or it
	// is gone. ErrConflict: it was saved since.
	ChangeDraft(ctx context.Context, d *Draft, from ID, seen time.Time) error
	Draft(ctx context.Context, id ID) (*Draft, error)
	DraftOfCall(ctx context.Context, call ID) (*Draft, error)
	Drafts(ctx context.Context, staff ID) ([]*Draft, error) // newest first
	// DeleteDraft deletes one that was last saved at seen. ErrNotFound: it is gone. ErrConflict: it was saved since.
	DeleteDraft(ctx context.Context, id ID, seen time.Time) error
	// DeleteDrafts deletes those begun before the moment and says how many there were.
	DeleteDrafts(ctx context.Context, before time.Time) (int, error)
}
