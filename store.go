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

// Tx is one transaction; each noun has its own small interface, which stands beside the noun, and a consumer names only what it uses.
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
