package heed

import (
	"context"
	"slices"
	"strings"
	"time"
)

// SafeCopyState says how far the safe copy of a file has come.
type SafeCopyState string

// The states. A file without a SafeCopy waits too.
const (
	CopyWaiting SafeCopyState = "waiting"
	CopyMade    SafeCopyState = "made"
	CopyFailed  SafeCopyState = "failed"
)

// Codes of a SafeCopy that waits or failed.
const (
	CopyNoTool     = "no-tool"    // waiting: the program that makes it isn't installed
	CopyNoRoom     = "no-room"    // waiting: the machine can't shut that program in
	CopyNoScanner  = "no-scanner" // waiting: the line's clamd doesn't answer
	CopyUnreadable = "unreadable" // failed: it is damaged, or not what it seems
	CopyTooLong    = "too-long"   // failed: it takes more time or room than any report needs
	CopyMalware    = "malware"    // failed: the line's clamd knows it as malicious
	CopyLost       = "lost"       // failed: the original's keys are destroyed
	CopyWithheld   = "withheld"   // failed: it is on the line's list of what nobody is to see; nothing is made of it, and nobody gets the original
)

// Unsafe reports whether that is the code of a copy which can't be made because of what the file is: a bomb, malicious, not what it seems.
func Unsafe(code string) bool {
	return code == CopyUnreadable || code == CopyTooLong || code == CopyMalware
}

// SafeCopy is what people look at, listen to and hand on in place of a file: of sound, with a masked voice and nothing beside the
// sound; of a picture or a document, what it shows and nothing beside that. Its bytes lie sealed in frames in the blob store.
type SafeCopy struct {
	Attachment ID
	Report     ID
	State      SafeCopyState
	Code       string // "" where made, and where it waits for its turn
	Blob       string // key in the blob store; "" until made, as all that follows is nothing until then
	Type       string // media type
	Size       int64  // bytes of the blob, which is filled up; of a copy from before that was done, of the copy
	SHA256     []byte // of the sealed bytes, 32
	SealedKey  []byte // the frames' key, under the report's data key
	MadeAt     time.Time
	// Details is a CopyDetails as JSON, sealed under the report's data key; nil where there is nothing to say.
	Details []byte
	// Transcript is a Transcript as JSON, sealed under the report's data key; nil where there is none (yet). TranscriptCode says that none
	// comes: TranscriptFailed, or "".
	Transcript     []byte
	TranscriptCode string
}

// Cleared reports whether its file was held against the lists that the line then had of what nobody is to see, and isn't on them. A nil SafeCopy says
// nothing of that.
func (c *SafeCopy) Cleared() bool {
	return c != nil && (c.State == CopyMade || c.State == CopyFailed && Unsafe(c.Code))
}

// CopyDetails is what is to be known of a copy beside what it shows.
type CopyDetails struct {
	Pages []Page `json:"pages,omitempty"` // of a document's copy, in their order
	Cut   bool   `json:"cut,omitempty"`   // the original has more
	// Known are the operator's notes of what the file is on their list of known files, or, where it is withheld, on the list of such.
	Known []string `json:"known,omitempty"`
	// Malware is the name of the signature of clamd's that the file fits; Unscanned says that the line's clamd didn't look at all of it, as it is
	// larger than that takes.
	Malware   string `json:"malware,omitempty"`
	Unscanned bool   `json:"unscanned,omitempty"`
	// Scans is of a file that waits for its copy: how often the line's clamd failed at it; nil where it didn't.
	Scans *ScanFailures `json:"scans,omitempty"`
	// Type is the copy's media type where it isn't what copies of such files are: a film without pictures is a recording.
	Type string `json:"type,omitempty"`
	// Of a film or a recording: its length in milliseconds, pictures from all over a film, and how loud it is, the loudest of each of at
	// most 240 equal parts, from 0 to 255; nothing where a film has no sound. Recordings copied before they had any of it have nothing.
	Length   int64      `json:"length,omitempty"`
	Frames   []KeyFrame `json:"frames,omitempty"`
	Waveform []byte     `json:"waveform,omitempty"`
	// SaysMasked is of a recording that says itself that the portal's page masked it before it was sent, so that its copy wasn't masked
	// again. Its sender can have written that.
	SaysMasked bool `json:"says_masked,omitempty"`
}

// ScanFailures counts how often the line's clamd failed at a file that waits for its copy: so a restart doesn't begin anew, nor does another node.
type ScanFailures struct {
	Failed int       `json:"failed,omitempty"` // while it answered, and scanned others
	Down   int       `json:"down,omitempty"`   // and was gone, perhaps by the file itself
	Last   time.Time `json:"last"`
}

// KeyFrame is a small picture of what a film shows At so many milliseconds.
type KeyFrame struct {
	At   int64  `json:"at"`
	JPEG []byte `json:"jpeg"`
}

// Page is one page of a document's copy: its JPEG is the copy's bytes from At on.
type Page struct {
	At     int64   `json:"at"`
	Size   int64   `json:"size"`  // bytes
	Width  int     `json:"width"` // pixels
	Height int     `json:"height"`
	Dots   float64 `json:"dots,omitempty"` // an inch, that it was drawn with; 0: nobody noted it
	Text   string  `json:"text,omitempty"` // what the document itself says there, which needn't be seen on the page
}

// TranscriptFailed is the TranscriptCode where the line's engine gave nothing, however often it was asked.
const TranscriptFailed = "failed"

// Transcript is what a machine heard in a recording, which may be wrong. What it reads in pictures and documents has the same form.
type Transcript struct {
	Model    string    `json:"model"`              // as the profile names it
	Language string    `json:"language,omitempty"` // as the machine was told or found it, BCP 47; "" where nobody says
	Text     string    `json:"text"`
	Passages []Passage `json:"passages,omitempty"` // in their order; what lies between them stands nowhere in particular
	Details  []Detail  `json:"details,omitempty"`  // what the machine found in Text, as screening finds it in a report's
	Cut      bool      `json:"cut,omitempty"`      // there was more than is kept
}

// Passage is Text[Start:End] of a Transcript, in bytes, and where it stands in the file: milliseconds from a recording's beginning, or
// a document's page, counted from 1.
type Passage struct {
	Start int   `json:"start"`
	End   int   `json:"end"`
	At    int64 `json:"at"`
}

// Sound reports whether the file is a recording, which is heard with a masked voice only.
func (a *Attachment) Sound() bool {
	return strings.HasPrefix(a.Type, "audio/") || a.Type == "application/ogg"
}

// Picture reports whether the file is a picture, which is seen without what its maker wrote beside it only.
func (a *Attachment) Picture() bool { return strings.HasPrefix(a.Type, "image/") }

// documents begin the media types of what is written.
var documents = [...]string{
	"application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.", "message/rfc822", "application/vnd.ms-outlook", "text/",
}

// Document reports whether the file is a document, a text or a mail, which is seen as pictures of its pages only.
func (a *Attachment) Document() bool {
	return slices.ContainsFunc(documents[:], func(kind string) bool { return strings.HasPrefix(a.Type, kind) })
}

// Film reports whether the file is a film, or a recording in the form of one: seen and heard by its copy only.
func (a *Attachment) Film() bool { return strings.HasPrefix(a.Type, "video/") }

// SafeCopyTx keeps the safe copies of files. They go with their report's Attachments: DeleteAttachments gives their blobs too.
type SafeCopyTx interface {
	PutSafeCopy(ctx context.Context, c *SafeCopy) error // in place of what it was before
	SafeCopy(ctx context.Context, attachment ID) (*SafeCopy, error)
	SafeCopies(ctx context.Context, report ID) ([]*SafeCopy, error)
	// PutTranscript notes what was heard in a copy that is made, or the code of why nothing was. PutSafeCopy leaves it as it is.
	// It returns ErrNotFound where there is no such copy, or it has its transcript.
	PutTranscript(ctx context.Context, attachment ID, sealed []byte, code string) error
	// FilesWithoutCopy lists files whose media type begins with kind ("image/") that the transit key opens and that have no SafeCopy, one that
	// waits for want of something, or one that an earlier version said it makes no copies of ("none", "unscanned"), the longest first.
	FilesWithoutCopy(ctx context.Context, kind string, limit int) ([]*Attachment, error)
	// WaitingCopies counts the copies of a report's files that a job waits for, of media types that begin with kind.
	WaitingCopies(ctx context.Context, report ID, kind string) (int, error)
	// DropTransitKey deletes the Attachment's TransitKey. ErrNotFound: it has none.
	DropTransitKey(ctx context.Context, attachment ID) error
}
