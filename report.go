package heed

import (
	"context"
	"time"
)

// Channel is the way by which a Report arrived.
type Channel string

// The channels.
const (
	ChannelWeb    Channel = "web"
	ChannelPhone  Channel = "phone"
	ChannelAPI    Channel = "api"
	ChannelImport Channel = "import"
	ChannelStaff  Channel = "staff" // typed in by a call-taker
)

// Urgency orders the queue. The machine may raise it in any state; only a person, with a reason, lowers it.
type Urgency string

// The urgencies, most pressing first.
const (
	Immediate Urgency = "immediate"
	High      Urgency = "high"
	Normal    Urgency = "normal"
	Low       Urgency = "low"
)

// Urgencies lists the urgencies, most pressing first.
var Urgencies = [...]Urgency{Immediate, High, Normal, Low}

// Rank is 0 for immediate to 3 for low, and 2 (normal) for a value that is none of Urgencies.
func (u Urgency) Rank() int {
	for i, v := range Urgencies {
		if u == v {
			return i
		}
	}
	return 2
}

// Report is one submission as the store holds it: what may stand in clear for the queue, and sealed bytes.
type Report struct {
	ID         ID
	Channel    Channel
	State      State
	ReceivedAt time.Time
	Language   string // what the reporter wrote in: as declared by the form, then as screened
	Category   string // "" until screened; then as proposed, then as decided
	Urgency    Urgency
	// UrgencyBy is the staff member who last set Urgency; "" where the machine did. A machine never lowers what a person set.
	UrgencyBy ID
	Lead      ID     // the lead Report, where this one is a duplicate
	DayKey    string // the day ("2026-11-23", UTC) whose identity and transit keys sealed what came with it
	Named     bool   // the reporter gave an Identity
	Files     int    // number of Attachments
	Copies    int    // number of Reports that have this one as their Lead
	Content   []byte // sealed Content, under the report's data key
	// Deadlines; zero where that clock is met or not running. They count from ReceivedAt and no transition resets them.
	ScreenBy, DecideBy, ConcludeBy time.Time
	// NextDue is the nearest of the deadlines still running; the queue's second order. Zero where none runs.
	NextDue time.Time
	// NextAlert is when any of the running clocks next crosses 50%, 80%, 100% or its escalation, or did and it was not said
	// yet; AlertLevel is the highest that was said of those that run (0, 50, 80, 100, 150).
	NextAlert  time.Time
	AlertLevel int
	StateSince time.Time
	// The Claim, where a specialist holds one. ClaimFrom is the state to which a lapsed one gives it back.
	ClaimedBy    ID
	ClaimedUntil time.Time
	ClaimFrom    State
	ClosedAt     time.Time // zero while open
	// Handed says that a Department had the report or may have: one of its Referrals is not cancelled.
	Handed bool
	// ReviewSince is when its span was over and a person was asked what becomes of it; zero before.
	ReviewSince time.Time
	// CopyOf is the Report in the queue under which this one waits, because the machine finds the same words in both; "" where
	// it waits by itself, as it does once the reporter or anybody at the desk does something about it. It is no Duplicate link:
	// nobody decided anything.
	CopyOf  ID
	Version int64 // raised by every UpdateReport, which refuses a stale one with ErrConflict
}

// List is the desk's list in which the report stands: that of its State, but for what is urgent, though the machine would refuse it or has
// set it aside, which has its place in the queue, and for copies of what stands there.
func (r *Report) List() List {
	if r.State == Queued && r.CopyOf != "" {
		return ListCopies
	}
	if (r.State == RefusalProposed || r.State == SetAside) && r.Urgency.Rank() <= High.Rank() {
		return ListReview
	}
	return r.State.List()
}

// Kept is the class by which a Report's content is kept.
type Kept string

// The classes. Each span counts from StateSince.
const (
	KeptSetAside Kept = "set_aside" // a person closed what the machine had set aside
	KeptClosed   Kept = "closed"    // closed, and no Department ever had it
	KeptReferred Kept = "referred"  // a Department has it or had it
	KeptReview   Kept = "review"    // referred, its span is over, and a person was asked
)

// Kept is by which class the content is kept; "" where no span runs: the line still owes a decision, or it is erased.
//
// A duplicate was no irrelevance, whichever list it came from. What the machine alone set aside has no span, for nobody
// has read it.
func (r *Report) Kept() Kept {
	switch r.State {
	case Referred, Accepted, OutcomeGiven:
	case Closed:
		if r.Handed {
			break
		}
		if r.ClaimFrom == SetAside && r.Lead == "" {
			return KeptSetAside
		}
		return KeptClosed
	default:
		return ""
	}
	if !r.ReviewSince.IsZero() && !r.ReviewSince.Before(r.StateSince) {
		return KeptReview
	}
	return KeptReferred
}

// Content is what the reporter said, sealed as JSON in Report.Content. Its text never changes but for the masking of
// the reporter's own details.
type Content struct {
	Text     string `json:"text"`
	Occurred string `json:"occurred,omitempty"` // when, in the reporter's words
	Place    string `json:"place,omitempty"`    // where, in the reporter's words
	Category string `json:"category,omitempty"` // what the reporter chose, if asked
	AgeBand  string `json:"age_band,omitempty"` // under-13, 13-17, 18-plus
}

// Spoken says that nothing was written: what was said lies in a recording among the report's files, to which people listen.
func (c Content) Spoken() bool { return c.Text == "" }

// MessageKind says what a Message is for.
type MessageKind string

// The kinds of message. Question, Notice and Outcome come from the line; Answer, Addition and Withdrawal from the reporter.
const (
	Question   MessageKind = "question"
	Notice     MessageKind = "notice"
	Outcome    MessageKind = "outcome"
	Answer     MessageKind = "answer"
	Addition   MessageKind = "addition"
	Withdrawal MessageKind = "withdrawal"
)

// FromReporter reports whether the reporter wrote it.
func (k MessageKind) FromReporter() bool { return k == Answer || k == Addition || k == Withdrawal }

// Message hangs on a Report. Sealed is its text under the report's mailbox key, which the desk and the Receipt both open.
type Message struct {
	ID     ID
	Report ID
	Kind   MessageKind
	Author ID // staff id; "" where the reporter wrote it
	At     time.Time
	Sealed []byte
}

// Attachment is one file of a Report. The bytes lie sealed in frames in the blob store under a file key of their own,
// which is wrapped to the day's transit key (worker) and, where there is a Custodian, to the day's identity key.
type Attachment struct {
	ID         ID
	Report     ID
	Blob       string // key in the blob store
	Type       string // media type as found in the bytes, not as claimed
	Size       int64  // bytes of the blob, which is filled up; of a file from before that was done, of the original
	Day        string // the day whose keys wrap the file key
	SealedName []byte // the file's name as given and its own length, under the report's mailbox key
	TransitKey []byte // file key wrapped to the day's transit key; nil once that is destroyed
	DayKey     []byte // file key wrapped to the day's identity key; nil without a Custodian
	At         time.Time
}

// ReportTx reads and writes Reports and the wrapped keys that open them.
type ReportTx interface {
	// AddReport inserts r with Version 1 and its wrapped keys (which live in a table of their own).
	AddReport(ctx context.Context, r *Report, wrappedKey []byte) error
	Report(ctx context.Context, id ID) (*Report, error)
	// WrappedKey is the report's data and mailbox keys, wrapped to the content key. ErrGone: destroyed.
	WrappedKey(ctx context.Context, report ID) ([]byte, error)
	// ReportsOf gives those of the Reports that there are, and WrappedKeys the keys of those whose keys aren't destroyed.
	ReportsOf(ctx context.Context, ids []ID) (map[ID]*Report, error)
	WrappedKeys(ctx context.Context, reports []ID) (map[ID][]byte, error)
	// DestroyKey overwrites and deletes the wrapped key; what it sealed can't be opened again.
	DestroyKey(ctx context.Context, report ID) error
	// UpdateReport writes every field and raises r.Version. ErrConflict: r.Version is not the stored one.
	UpdateReport(ctx context.Context, r *Report) error
	// Reports lists by urgency, then NextDue (zero last), then ID.
	Reports(ctx context.Context, q ReportQuery) ([]*Report, error)
	// CountReports counts what q selects, up to limit.
	CountReports(ctx context.Context, q ReportQuery, limit int) (int, error)
	// Duplicates lists the Reports whose Lead is lead, oldest first.
	Duplicates(ctx context.Context, lead ID, limit int) ([]*Report, error)
	// CountCopies counts the Reports of ListCopies that wait under each of these, up to limit under each, of the categories only
	// where there are any.
	CountCopies(ctx context.Context, of []ID, categories []string, limit int) (map[ID]int, error)
	// CopiesAlone lists Reports of ListCopies whose CopyOf no longer stands in ListReview, or is less urgent or of another category
	// than they are. It asks once for all copies of one text, by their most urgent: they are of one category.
	CopiesAlone(ctx context.Context, limit int) ([]*Report, error)
	// AlertsDue lists open Reports whose NextAlert is not after now, earliest first.
	AlertsDue(ctx context.Context, now time.Time, limit int) ([]*Report, error)
	// ClaimsLapsed lists Reports whose Claim ended before now.
	ClaimsLapsed(ctx context.Context, now time.Time, limit int) ([]*Report, error)
	// Unscreened lists Reports that are received or in screening since before the moment, the longest first. What an
	// import brought counts from its import, however old it is.
	Unscreened(ctx context.Context, before time.Time, limit int) ([]*Report, error)
	// Kept lists Reports of that Kept which have stood in their State since the moment or longer, the longest first.
	Kept(ctx context.Context, kept Kept, until time.Time, limit int) ([]*Report, error)
}

// ReportQuery selects Reports. Zero fields select all. After is the last Report of the page before.
type ReportQuery struct {
	List     List
	State    State
	Category string
	// Categories cuts the list down to Reports of any of them, for who is to know of no others; nil is all.
	Categories []string
	Urgency    Urgency
	Claimed    ID       // claimed by this staff member
	CopyOf     ID       // those of ListCopies that wait under this one
	Tokens     [][]byte // keyed search tokens, all of which must be there; only open reports are searched
	OrTokens   [][]byte // others, all of which do instead of all of Tokens; only beside Tokens
	After      *Report
	Limit      int // 0: 50; at most 200
}

// ReceiptTx links Receipts to Reports. A Receipt itself is never stored: lookup is derived from it.
type ReceiptTx interface {
	// AddReceipt stores the report's mailbox key, sealed under the receipt's key. ErrConflict: the lookup is taken.
	AddReceipt(ctx context.Context, lookup []byte, report ID, sealedMailboxKey []byte) error
	Receipt(ctx context.Context, lookup []byte) (report ID, sealedMailboxKey []byte, err error)
	// DeleteReceipts deletes the lookups of Reports closed in [from, before), those of about limit Reports, earliest
	// closed first. reached is from where to go on; it is before when all are deleted.
	DeleteReceipts(ctx context.Context, from, before time.Time, limit int) (deleted int, reached time.Time, err error)
}

// MessageTx keeps Messages.
type MessageTx interface {
	AddMessage(ctx context.Context, m *Message) error
	Messages(ctx context.Context, report ID) ([]*Message, error) // oldest first
	DeleteMessages(ctx context.Context, report ID) error
}

// AttachmentTx keeps Attachments and the blobs that wait for their Report.
type AttachmentTx interface {
	// AddAttachment takes a staged blob for a Report. ErrNotFound: the blob isn't staged, because it was discarded or
	// another Report has it already.
	AddAttachment(ctx context.Context, a *Attachment) error
	Attachment(ctx context.Context, id ID) (*Attachment, error)
	Attachments(ctx context.Context, report ID) ([]*Attachment, error) // oldest first
	DeleteAttachments(ctx context.Context, report ID) (blobs []string, err error)
	// AddStaged notes a sealed blob that no Report names yet. AddAttachment or DiscardStaged ends that, whichever is first.
	AddStaged(ctx context.Context, blob string, at time.Time) error
	// StagedBefore lists blobs that were staged before the moment, and those discarded but not deleted yet.
	StagedBefore(ctx context.Context, before time.Time, limit int) ([]string, error)
	// DiscardStaged keeps every Report from taking the blob from now on, so that its bytes may be deleted, and then its
	// note by DeleteStaged. ErrNotFound: it isn't staged; a Report may have it.
	DiscardStaged(ctx context.Context, blob string) error
	DeleteStaged(ctx context.Context, blob string) error
	// DiscardFilesOfDay has the bytes of a day's files deleted, as those of discarded blobs: nothing opens them any more. Their Attachments stay.
	DiscardFilesOfDay(ctx context.Context, day string) error
}
