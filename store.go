package heed

import (
	"context"
	"time"
)

// Store keeps everything but keys and file bytes. SQLite and PostgreSQL implement it; storetest holds both to these words.
type Store interface {
	// View runs fn on a consistent snapshot. fn must not write.
	View(ctx context.Context, fn func(Tx) error) error
	// Update runs fn in one transaction: all of its writes, audit leaves and jobs are durable when Update returns nil,
	// and none of them happened when it returns an error, which is fn's own where fn failed.
	//
	// fn must be quick, touch nothing but tx, and be ready to run again (a store may retry a serialisation failure).
	// ErrBusy: the store could not take the write in time.
	Update(ctx context.Context, fn func(Tx) error) error
	// Ready says why the store can't serve, or nil.
	Ready(ctx context.Context) error
	Close() error
}

// Tx is one transaction; each noun has its own small interface, and a consumer names only what it uses.
//
// Every getter returns ErrNotFound where there is no such record. Times keep milliseconds, in UTC.
type Tx interface {
	ReportTx
	ReceiptTx
	IdentityTx
	CustodianTx
	DisclosureTx
	MessageTx
	AttachmentTx
	SafeCopyTx
	RedactionTx
	ExposureTx
	LookTx
	UploadTx
	CallTx
	QueueTx
	DutyTx
	CallBackTx
	CallHourTx
	DraftTx
	ScreeningTx
	ModelTx
	DispositionTx
	ReferralTx
	StaffTx
	FactorTx
	AnnouncementTx
	AuditTx
	EventTx
	JobTx
	SettingTx
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

// DayKeyRecord is the public half of one day's identity and transit keys, signed by the audit key.
type DayKeyRecord struct {
	Day       string // "2026-11-23"
	Identity  []byte // public; nil where there was no Custodian
	Transit   []byte // public
	Signature []byte
	// DestroyedAt is when the private halves were destroyed; zero while they live.
	DestroyedAt time.Time
}

// IdentityTx keeps sealed Identities and the days' public keys.
type IdentityTx interface {
	AddDayKey(ctx context.Context, k *DayKeyRecord) error // ErrConflict: that day has one
	// ReplaceDayKey swaps the identity half of a day under whose identity half nothing was sealed yet; the transit half
	// stays. ErrConflict: something was, or the day is destroyed.
	ReplaceDayKey(ctx context.Context, k *DayKeyRecord) error
	// RotateDayKey swaps the identity half of a day whatever was sealed under the old one; the transit half stays. What
	// the old half sealed is opened with its own private half. ErrConflict: the day is destroyed or its transit half is
	// another.
	RotateDayKey(ctx context.Context, k *DayKeyRecord) error
	// RenewDayKey gives a day whose keys were destroyed before it was over new ones. ErrConflict: its keys live.
	RenewDayKey(ctx context.Context, k *DayKeyRecord) error
	DayKey(ctx context.Context, day string) (*DayKeyRecord, error)
	DayKeys(ctx context.Context) ([]*DayKeyRecord, error) // oldest day first
	MarkDayKeyDestroyed(ctx context.Context, day string, at time.Time) error
	AddIdentity(ctx context.Context, report ID, day string, sealed []byte) error
	Identities(ctx context.Context, report ID) ([]SealedIdentity, error)
	// HasIdentity says whether the report has any. Unlike Identities, a portal may ask it.
	HasIdentity(ctx context.Context, report ID) (bool, error)
	// HeldOriginals are the report's files of which the Custodians' key is stored. A portal may ask it too, which can't read that key.
	HeldOriginals(ctx context.Context, report ID) ([]ID, error)
	// DeleteIdentities deletes what was sealed on the day, wrapped file keys included, ends the day's open Disclosures as
	// lapsed, and says how many Identities there were.
	DeleteIdentities(ctx context.Context, day string) (int, error)
	// DeleteReportIdentities deletes the report's Identities and its files' keys that were wrapped with them, ends its open
	// Disclosures in the given state, and says how many Identities there were.
	DeleteReportIdentities(ctx context.Context, report ID, ended DisclosureState) (int, error)
	// CountIdentities counts the sealed Identities by day.
	CountIdentities(ctx context.Context) (map[string]int, error)
}

// SealedIdentity is one Identity under its day's key.
type SealedIdentity struct {
	Report ID
	Day    string
	Sealed []byte
}

// CustodianTx keeps who is approved as a Custodian.
type CustodianTx interface {
	PutCustodianApproval(ctx context.Context, a *CustodianApproval) error // in place of an earlier one
	CustodianApprovals(ctx context.Context) ([]*CustodianApproval, error) // by staff id
	DeleteCustodianApproval(ctx context.Context, staff ID) error          // ErrNotFound: there is none
}

// DisclosureTx keeps Disclosures.
type DisclosureTx interface {
	AddDisclosure(ctx context.Context, d *Disclosure) error
	Disclosure(ctx context.Context, id ID) (*Disclosure, error)
	Disclosures(ctx context.Context, report ID) ([]*Disclosure, error) // oldest first
	// WaitingDisclosures lists those that are asked or exported and whose Until is after now, oldest first.
	WaitingDisclosures(ctx context.Context, now time.Time, limit int) ([]*Disclosure, error)
	// UnseenDisclosures lists those that the Custodian approved and nobody has seen, oldest first.
	UnseenDisclosures(ctx context.Context, custodian ID, limit int) ([]*Disclosure, error)
	// OpenDisclosuresOfDay lists open ones whose Identity dies with the day ("2026-11-23"), oldest first.
	OpenDisclosuresOfDay(ctx context.Context, day string, limit int) ([]*Disclosure, error)
	// DisclosuresDue lists open ones whose Until is not after now.
	DisclosuresDue(ctx context.Context, now time.Time, limit int) ([]*Disclosure, error)
	// MoveDisclosure writes State, SecondBy, SecondAt, Until, Sealed, SeenAt, ExportedAt, Proof and Department where the stored State is
	// still from. ErrConflict: it is not.
	MoveDisclosure(ctx context.Context, d *Disclosure, from DisclosureState) error
	// AddDisclosureExport adds to ExportedAgain. ErrNotFound.
	AddDisclosureExport(ctx context.Context, id ID, at time.Time) error
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

// Piece is a staged blob that holds a part of an upload.
type Piece struct {
	Start int64 // offset of its first byte in the file
	Size  int64 // bytes of the file in it, not of the blob
	Blob  string
}

// UploadTx keeps the pieces of files that come bit by bit. Their blobs are staged as well, and swept as such.
type UploadTx interface {
	AddUpload(ctx context.Context, id string, at time.Time) error
	CountUploads(ctx context.Context) (int, error)
	// AddPiece adds the piece that begins where the last one ended. ErrNotFound: there is no such upload. ErrConflict: it
	// doesn't begin there, because another piece came first.
	AddPiece(ctx context.Context, upload string, p Piece) error
	// PiecesEnd is where the last piece ends: 0 where there is none. ErrNotFound: there is no such upload.
	PiecesEnd(ctx context.Context, upload string) (int64, error)
	// Pieces lists an upload's pieces in their order. ErrNotFound: there is no such upload.
	Pieces(ctx context.Context, upload string) ([]Piece, error)
	// DeleteUpload forgets an upload and its pieces, whose blobs stay staged. ErrNotFound: there is no such upload.
	DeleteUpload(ctx context.Context, id string) error
	// DeleteUploads forgets those that began before the one moment, and those that began before the other and have nothing.
	DeleteUploads(ctx context.Context, before, emptyBefore time.Time) error
}

// CallTx keeps the telephone calls in which something is being recorded, for as long as that lasts.
type CallTx interface {
	AddCall(ctx context.Context, c *Call) error // ErrConflict: there is one of that id
	// ChangeCall writes Sealed and Seen. ErrNotFound: the call is over, because somebody handed in what was said.
	ChangeCall(ctx context.Context, c *Call) error
	// SeeCall says that the call's process lives. ErrNotFound as ChangeCall.
	SeeCall(ctx context.Context, id ID, seen time.Time) error
	Call(ctx context.Context, id ID) (*Call, error)
	// CallsSeen says of every call when it was last seen.
	CallsSeen(ctx context.Context) (map[ID]time.Time, error)
	// EndCall forgets a call. ErrNotFound: somebody did first.
	EndCall(ctx context.Context, id ID) error
	// EndCallSeen forgets a call that was not seen since. ErrNotFound: it was, or somebody forgot it first.
	EndCallSeen(ctx context.Context, id ID, seen time.Time) error
}

// QueueTx keeps callers who wait for a call-taker or speak with one. What changes a call by its taker returns ErrConflict where the call
// isn't that taker's in that state any more, and ErrNotFound where it is over.
type QueueTx interface {
	JoinQueue(ctx context.Context, c *QueuedCall) error // ErrConflict: there is one of that id
	QueuedCall(ctx context.Context, id ID) (*QueuedCall, error)
	// QueuedCalls lists all, in the order in which they are to be taken.
	QueuedCalls(ctx context.Context) ([]*QueuedCall, error)
	// CallsAhead counts those who wait and are to be taken before the call.
	CallsAhead(ctx context.Context, id ID) (int, error)
	// SeeQueuedCall says that the call's process lives. ErrNotFound: the call was taken for dead.
	SeeQueuedCall(ctx context.Context, id ID, seen time.Time) error
	// TakeQueuedCall gives a waiting call to a taker whose phone is to ring. ErrConflict: somebody has it.
	TakeQueuedCall(ctx context.Context, id, taker ID, phone string) error
	// AnswerQueuedCall says that the taker's phone, which rang, was answered.
	AnswerQueuedCall(ctx context.Context, id, taker ID, at time.Time) error
	// ReturnQueuedCall puts a call back to wait before the others: its taker's phone rings no more, or they hung up.
	ReturnQueuedCall(ctx context.Context, id, taker ID) error
	// HandQueuedCall gives a call from the taker who talks to another, whose phone is to ring; "" is whoever takes it next.
	HandQueuedCall(ctx context.Context, id, from, to ID, phone string) error
	// FinishQueuedCall has the caller hear what is sealed. The taker may have hung up before, as long as nobody else has the call.
	FinishQueuedCall(ctx context.Context, id, taker ID, sealed []byte) error
	// LeaveQueue forgets a call, and counts it in its hour. how is for a call that no taker answered.
	LeaveQueue(ctx context.Context, id ID, how CallEnd, at time.Time) error
	// LeaveQueueSeen is LeaveQueue for a call that was not seen since. ErrNotFound: it was, or it is over.
	LeaveQueueSeen(ctx context.Context, id ID, seen, at time.Time) error
}

// DutyTx keeps which call-takers take calls.
type DutyTx interface {
	PutDuty(ctx context.Context, d *Duty) error // in place of an earlier one of the same account
	Duty(ctx context.Context, staff ID) (*Duty, error)
	Duties(ctx context.Context) ([]*Duty, error)
	// EndDuty forgets the account's Duty, where there is one.
	EndDuty(ctx context.Context, staff ID) error
	// CountOnDuty counts those whose Duty goes on at the time and who take callers of that language.
	CountOnDuty(ctx context.Context, language string, now time.Time) (int, error)
	// EndDutyFor writes Off. ErrNotFound: there is no such Duty.
	EndDutyFor(ctx context.Context, staff ID, why string) error
	// DeleteDuties forgets those that ended before the moment.
	DeleteDuties(ctx context.Context, before time.Time) error
}

// CallBackTx keeps wishes to be called back. One whose time is over is ErrNotFound, whether its row was deleted yet or not.
type CallBackTx interface {
	AddCallBack(ctx context.Context, b *CallBack) error
	// CallBacks lists those that live at the time, the oldest first, without their numbers and keys.
	CallBacks(ctx context.Context, now time.Time) ([]*CallBack, error)
	// CountCallBacks counts them.
	CountCallBacks(ctx context.Context, now time.Time) (int, error)
	// ClaimCallBack gives one to a taker. ErrConflict: somebody has it.
	ClaimCallBack(ctx context.Context, id, taker ID, phone string, now time.Time) error
	// NextCallBack is one that a taker has and no process dials, the first claimed first. It is without its number.
	NextCallBack(ctx context.Context, now time.Time) (*CallBack, error)
	// DialCallBack says which process dials it. ErrConflict: another does, or no taker has it any more.
	DialCallBack(ctx context.Context, id ID, key []byte, now time.Time) error
	// CallBack is without Sealed.
	CallBack(ctx context.Context, id ID, now time.Time) (*CallBack, error)
	// CallBacksToReseal lists those that a process is to dial and whose number isn't sealed to it yet, whole.
	CallBacksToReseal(ctx context.Context, now time.Time) ([]*CallBack, error)
	// ResealCallBack writes Resealed, where b.Key is still the process that dials. ErrConflict: it is not.
	ResealCallBack(ctx context.Context, b *CallBack) error
	// ReleaseCallBack has it wait for a taker again, with one more of Tries.
	ReleaseCallBack(ctx context.Context, id ID) error
	// ReleaseUndialled does that, but for Tries, to one that is claimed since then and that no QueuedCall is for: its process is gone, or
	// none dials. ErrNotFound: it is no such one.
	ReleaseUndialled(ctx context.Context, id ID, claimed time.Time) error
	// EndCallBack ends its time, and takes the number out of it.
	EndCallBack(ctx context.Context, id ID, now time.Time) error
	// DeleteCallBacks deletes those whose time is over, and says how many there were.
	DeleteCallBacks(ctx context.Context, now time.Time) (int, error)
}

// CallHourTx reads what became of the calls for call-takers.
type CallHourTx interface {
	// CallHours lists those that began in [from, before), by hour and language.
	CallHours(ctx context.Context, from, before time.Time) ([]*CallHour, error)
	DeleteCallHours(ctx context.Context, before time.Time) error
}

// ScreeningRecord is one sealed Screening of a Report.
type ScreeningRecord struct {
	Report ID
	At     time.Time
	Model  string
	Failed bool   // it could not be screened; people see it as "unscreened"
	Sealed []byte // JSON of Screening under the report's data key; nil where Failed
}

// Trace is what a Report is found by, as similar and by its words. All of it is keyed: it reveals no text.
type Trace struct {
	Report ID
	At     time.Time
	Marks  []int64  // keyed hashes
	Sketch []byte   // of what others are looked for by; whoever looks for it compares it with their own
	Tokens [][]byte // keyed search tokens, 8 bytes each
}

// Ask is by what a Report looks for others.
type Ask struct {
	Marks []int64
	Since time.Time // others from that day on
	// Promises says, where it isn't nil, which of the Reports found are answered: it is told how many have each of the marks, and a
	// Report's sketch and day.
	Promises func(counts map[int64]int, sketch []byte, day time.Time) bool
	// Close is how many of the marks a Report of the day of Lately, or later, must have to be counted in Near.Close; 0: none is counted.
	Close  int
	Lately time.Time
}

// Near is what an Ask found.
type Near struct {
	Found  []Candidate
	Counts map[int64]int // how many Reports have each of the marks
	Close  int           // how many Reports are as close as the Ask says
}

// Candidate is a Report that shares marks with what is looked for.
type Candidate struct {
	Report ID
	Day    time.Time // of its trace
	Shared int       // marks in common
	Sketch []byte
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

// ScreeningTx keeps Screenings and traces.
type ScreeningTx interface {
	// PutScreening stores the report's newest Screening in place of an earlier one.
	PutScreening(ctx context.Context, s *ScreeningRecord) error
	// PutScreenings is PutScreening for many reports, each named once.
	PutScreenings(ctx context.Context, all []*ScreeningRecord) error
	Screening(ctx context.Context, report ID) (*ScreeningRecord, error)
	// Screenings gives those of the Reports that have one.
	Screenings(ctx context.Context, reports []ID) (map[ID]*ScreeningRecord, error)
	// PutTraces stores what Reports are found by, in place of earlier traces.
	PutTraces(ctx context.Context, traces []*Trace) error
	// Candidates lists for each Ask Reports with one of its marks, those of limit at most that promise something, and says how many
	// have each mark. First come those whose shared marks tell most: one that n Reports have counts 1/n. Of a mark that very many
	// have it looks at the newest only, and may not know of what another process changed there within the last minute.
	Candidates(ctx context.Context, asks []Ask, limit int) ([]Near, error)
	// RaiseCampaign notes that each of the Reports that have a Screening is one of at least so many with nearly the same text, where not of more.
	RaiseCampaign(ctx context.Context, of []ID, reports int) error
	// Campaigns gives of those of the Reports of which that was noted of how many they are.
	Campaigns(ctx context.Context, of []ID) (map[ID]int, error)
	// DeleteTraces deletes the report's Screening, its Trace, and of what campaign it is.
	DeleteTraces(ctx context.Context, report ID) error
}

// ModelTx keeps the models that a line learned for itself.
type ModelTx interface {
	AddModel(ctx context.Context, m *LineModel, f *ModelFile) error
	Model(ctx context.Context, id ID) (*LineModel, error)
	Models(ctx context.Context, limit int) ([]*LineModel, error) // newest first
	// ModelFile is what the model holds. ErrGone: destroyed.
	ModelFile(ctx context.Context, id ID) (*ModelFile, error)
	// MoveModel writes State, ProposedBy, ProposedAt, SecondBy, SecondAt, Signature, DropBy, EndedAt and End where the stored
	// State is still from. ErrConflict: it is not, or another model is adopted already.
	MoveModel(ctx context.Context, m *LineModel, from LineModelState) error
	// DestroyModel overwrites and deletes the model's key and what it sealed; its record stays.
	DestroyModel(ctx context.Context, id ID) error
}

// DispositionTx keeps Dispositions.
type DispositionTx interface {
	AddDisposition(ctx context.Context, d *Disposition) error
	Disposition(ctx context.Context, id ID) (*Disposition, error)
	Dispositions(ctx context.Context, report ID) ([]*Disposition, error) // oldest first
	// DecideDisposition sets State, SecondBy and SecondAt where the stored State is still from. ErrConflict: it is not.
	DecideDisposition(ctx context.Context, d *Disposition, from DispositionState) error
	// ApprovalsDue lists pending Dispositions whose ApproveBy is set and not after now.
	ApprovalsDue(ctx context.Context, now time.Time, limit int) ([]*Disposition, error)
	// Conclusions lists the Dispositions from since on that refer or close and are in effect, the newest id first; before is the
	// last id of the page before, "" begins.
	Conclusions(ctx context.Context, since time.Time, before ID, limit int) ([]*Disposition, error)
	// CountConclusions counts them.
	CountConclusions(ctx context.Context, since time.Time) (int, error)
}

// ReferralTx keeps Referrals.
type ReferralTx interface {
	AddReferral(ctx context.Context, r *Referral) error
	Referral(ctx context.Context, id ID) (*Referral, error)
	UpdateReferral(ctx context.Context, r *Referral) error // ErrConflict as UpdateReport
	// Referrals lists newest first; department "" is all, report "" is all, after is the last id of the page before.
	Referrals(ctx context.Context, department string, report ID, after ID, limit int) ([]*Referral, error)
}

// StaffTx keeps accounts and credentials.
type StaffTx interface {
	AddStaff(ctx context.Context, s *Staff) error // ErrConflict: the name is taken
	UpdateStaff(ctx context.Context, s *Staff) error
	// LockStaff lets no other transaction change the account until this one ends. Who reads it afterwards and then writes
	// undoes nobody's change. ErrNotFound: there is none.
	LockStaff(ctx context.Context, id ID) error
	Staff(ctx context.Context, id ID) (*Staff, error)
	StaffByName(ctx context.Context, name string) (*Staff, error)
	AllStaff(ctx context.Context) ([]*Staff, error)         // by name
	AddCredential(ctx context.Context, c *Credential) error // ErrConflict: there is one of that hash
	Credential(ctx context.Context, hash []byte) (*Credential, error)
	Credentials(ctx context.Context, staff ID, kind CredentialKind) ([]*Credential, error) // oldest first
	TouchCredential(ctx context.Context, hash []byte, seen, expires time.Time) error
	DeleteCredential(ctx context.Context, hash []byte) error // ErrNotFound: somebody used it first
	DeleteCredentials(ctx context.Context, staff ID, kind CredentialKind) error
	DeleteExpiredCredentials(ctx context.Context, now time.Time) (int, error)
}

// FactorTx keeps the factors of accounts.
type FactorTx interface {
	AddFactor(ctx context.Context, f *Factor) error // ErrConflict: there is one of that kind and handle
	Factors(ctx context.Context, staff ID) ([]*Factor, error)
	FactorByHandle(ctx context.Context, kind FactorKind, handle []byte) (*Factor, error)
	// UseFactor sets f.Used, f.Data and f.UsedAt where the stored Used is still from. ErrConflict: it is not, or there is no
	// such factor; somebody used it first.
	UseFactor(ctx context.Context, f *Factor, from int64) error
	DeleteFactor(ctx context.Context, id ID) error // ErrNotFound: somebody used or deleted it first
	DeleteFactors(ctx context.Context, staff ID, kind FactorKind) error
}

// AnnouncementTx keeps announcements.
type AnnouncementTx interface {
	Announce(ctx context.Context, a *Announcement) error
	Announcements(ctx context.Context, staff ID, limit int) ([]*Announcement, error) // newest first
	SeeAnnouncements(ctx context.Context, staff ID) error
	DeleteAnnouncements(ctx context.Context, before time.Time) (int, error)
}

// DeskEvent tells signed-in pages that something changed. It holds no content.
type DeskEvent struct {
	Seq    int64
	At     time.Time
	Kind   string // "report.changed", "report.alert", "referral.changed", …
	Report ID
	List   List
	Level  int    // alerts: 50, 80, 100, 150
	To     string // role or department that it concerns; "" for all
	// Category is the Report's; "" where it has none yet: then who is limited to some doesn't hear of it.
	Category string
}

// EventTx publishes DeskEvents to every node through the store.
type EventTx interface {
	Publish(ctx context.Context, e *DeskEvent) error
	// PublishAll publishes events in their order. It sets no Seq.
	PublishAll(ctx context.Context, events []*DeskEvent) error
	EventsAfter(ctx context.Context, seq int64, limit int) ([]*DeskEvent, error)
	LastEvent(ctx context.Context) (int64, error)
	DeleteEvents(ctx context.Context, before time.Time) (int, error)
}

// Queues of jobs beside the default one, so that none waits behind much work of another sort.
const (
	QueueImport = "import" // screening for which no reporter waits: of imports, and once more
	QueueMail   = "mail"   // what waits for somebody else's server
	QueueMedia  = "media"  // what keeps a processor busy for long: safe copies
	QueueFilm   = "film"   // the same of films, which take longer
	QueueSpeech = "speech" // what finds words in files: it waits for the engine that hears, or reads pictures
	QueueSeen   = "seen"   // what looks whether files were sent before
	QueueTimer  = "timer"  // what only time causes
)

// Job is a piece of background work. It holds ids, never content.
type Job struct {
	Kind  string
	Args  []byte    // JSON
	At    time.Time // not before; zero: at once. Of what waits in a queue the earliest goes first, so that one of the past overtakes
	Queue string    // "" is "default": live work
	// Yields says that all of its queue that don't yield go before it, whenever they come.
	Yields bool
}

// JobTx enqueues work that happens if and only if the transaction commits.
type JobTx interface {
	Enqueue(ctx context.Context, jobs ...Job) error
}

// SettingTx keeps a few small values of the line: its id, salt, public keys, schema facts.
type SettingTx interface {
	Setting(ctx context.Context, name string) ([]byte, error)
	PutSetting(ctx context.Context, name string, value []byte) error
	// SwapSetting puts value in place of old; a nil old stands for no such setting. Of two at once one succeeds.
	// ErrConflict: the stored value isn't old.
	SwapSetting(ctx context.Context, name string, old, value []byte) error
}

// SettingScrub says, since when (RFC 3339), that something was destroyed of which the store's journal may still hold a
// copy. The transaction that destroys puts it, so that no crash loses the wish; who scrubbed empties it.
const SettingScrub = "store.scrub"

// WantScrub has the store's journal emptied soon after the transaction.
func WantScrub(ctx context.Context, tx SettingTx, now time.Time) error {
	return tx.PutSetting(ctx, SettingScrub, []byte(now.UTC().Format(time.RFC3339Nano)))
}
