// Package intake accepts a Report from any channel: it checks the Submission, seals it, stores it with its audit leaf
// and screening job in one transaction, and only then gives out the Receipt. It also serves the mailbox that a Receipt
// opens.
//
// It may import seal, blob and profile. It holds public keys only: nothing in it can open a stored report or identity,
// so a portal or phone process may run it alone.
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/seal"
)

// Job kinds that intake causes, with their args in JSON.
const (
	JobScreen        = "screen"               // {"reports":[id,…]}
	JobErase         = "erase-report"         // {"report":id}
	JobTakenBack     = "identity-taken-back"  // {}
	JobOriginals     = "originals-taken-back" // {"report":id}
	JobScreenMessage = "screen-message"       // {"report":id,"message":id}
)

// Days seals to the current day's keys. identity implements it.
type Days interface {
	// Day is the record of the day to which now belongs, its signature checked.
	Day(ctx context.Context, now time.Time) (*heed.DayKeyRecord, error)
	SealIdentity(day *heed.DayKeyRecord, report heed.ID, who heed.Identity) ([]byte, error)
	// WrapFileKey wraps a file's key to the day's transit key and, where there is one, identity key (else day is nil).
	WrapFileKey(day *heed.DayKeyRecord, a *heed.Attachment, key seal.Key) (transit, identity []byte, err error)
}

// Limits bound one Submission.
type Limits struct {
	Text       int   // characters of the text
	Message    int   // characters of one message
	Messages   int   // of one report, the line's own among them; three quarters of them may be the reporter's
	Field      int   // characters of each short field
	Files      int   // of one report, later messages' included
	FileBytes  int64 // of one file
	TotalBytes int64 // of one report's files together
}

// Config is what intake works with. Every field but Room is needed.
type Config struct {
	Store      heed.Store
	Blobs      blob.Store
	Line       string
	ContentKey *seal.PublicKey
	// Submissions and Lookups derive receipts' keys in pools of their own, so that a flood of one never starves the other.
	Submissions, Lookups *seal.Deriver
	Days                 Days
	Limits               Limits
	Room                 Room
	Languages            []string // the line's, first is its default
	Categories           []string // ids that a reporter may choose
	// StartClocks sets a new report's deadlines; RunClocks sets NextDue and NextAlert after any change.
	StartClocks, RunClocks func(*heed.Report)
	Now                    func() time.Time
	Log                    *slog.Logger
}

// Service is the one way in for every channel. It is safe for concurrent use.
type Service struct {
	cfg     Config
	room    *room
	joining *joining
}

// New makes the service.
func New(cfg Config) *Service {
	s := &Service{cfg: cfg, joining: newJoining()}
	s.room = &room{cfg: &s.cfg}
	return s
}

// Submission is what a channel gathered, in memory only.
type Submission struct {
	// ID and Receipt may be chosen before sending, so that sending the same Submission twice (a double click, a lost
	// answer) yields one Report and the same Receipt. Zero: chosen here.
	ID      heed.ID
	Receipt seal.Receipt

	Channel  heed.Channel
	Language string
	Content  heed.Content
	Identity heed.Identity
	Files    []StagedFile
	Uploads  []Upload // files that came bit by bit; they follow Files
	// By is who typed it in at the desk; "" is the reporter. Urgency is what they set, "" for none: a machine never lowers it.
	By      heed.ID
	Urgency heed.Urgency
	// ReceivedAt is for imports; zero is now.
	ReceivedAt time.Time
	// Lasting has the Uploads put together to the end, and the report stored, although the context ends meanwhile. Who leaves before
	// that has left the line to it.
	Lasting bool
	// Also, where it is set, happens in the transaction that stores the report, or the report isn't stored.
	Also func(context.Context, heed.Tx) error
}

// StagedFile is a file that lies sealed in the blob store while its report is being written. Its Key exists only in the
// reporter's own sealed draft.
type StagedFile struct {
	Blob string   `json:"blob"`
	Key  seal.Key `json:"key"`
	Name string   `json:"name"`
	Type string   `json:"type"`
	Size int64    `json:"size"` // bytes of the file
	// Sealed is how many bytes its blob has, which is filled up; 0 in a draft from before that was done.
	Sealed int64 `json:"sealed,omitempty"`
}

// Acceptance says that a Submission is durably stored.
type Acceptance struct {
	Receipt    seal.Receipt
	ReceivedAt time.Time
	Report     heed.ID
}

// Limits are what the service was made with.
func (s *Service) Limits() Limits { return s.cfg.Limits }

// day finds the day's keys. Where they are missing, destroyed or not the audit key's, that is the line's fault: none of these
// words of the domain may reach a caller, who would take it for the reporter's Receipt or Submission.
func (s *Service) day(ctx context.Context, now time.Time) (*heed.DayKeyRecord, error) {
	day, err := s.cfg.Days.Day(ctx, now)
	switch {
	case errors.Is(err, heed.ErrInvalid), errors.Is(err, heed.ErrNotFound), errors.Is(err, heed.ErrGone):
		return nil, fmt.Errorf("find the day's keys: %v", err)
	case err != nil:
		return nil, fmt.Errorf("find the day's keys: %w", err)
	}
	return day, nil
}
