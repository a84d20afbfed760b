package heed

import (
	"context"
	"time"
)

// AuditLeaf is one act. It holds codes, ids and salted commitments, never a text of anybody.
type AuditLeaf struct {
	Seq     int64     // given by the store
	At      time.Time //
	Actor   ID        // staff id; "" for the machine or the reporter
	Act     string    // "report.received", "report.read", "identity.erased", …
	Report  ID        // "" where it concerns none
	Details []byte    // canonical JSON of codes, ids and hashes
	// Commitment binds the leaf to its Note (audit.Commit), 32 bytes; nil where there is none. It stays when the note goes.
	Commitment []byte
	// Note is free text (a reason) sealed under the report's data key, and Salt the commitment's; both lie beside the leaf
	// and go with the report.
	Note, Salt []byte
}

// HungLeaf is the place in the tree that the sequencer gave a leaf.
type HungLeaf struct {
	Num  int64     // from 1, without a gap
	Seq  int64     // of the AuditLeaf
	At   time.Time // the sequencer's date; the leaf takes it on where that of the act can't be
	Hash []byte    // SHA-256 of the leaf (docs/audit.md), 32 bytes
}

// CheckpointRecord is one signed head of the audit's tree.
type CheckpointRecord struct {
	At   time.Time
	Size int64  // leaves
	Note []byte // as it is given to witnesses (docs/audit.md)
}

// AuditQuery selects leaves for an overseer. Zero fields select all.
type AuditQuery struct {
	Acts        []string
	Actor       ID
	Report      ID
	From, Until time.Time // Until is the first moment that is out
	Before      int64     // Seq of the last leaf of the page before
	Limit       int       // 0: 50; at most 200
}

// AuditTx appends to the audit and to the tree over it.
type AuditTx interface {
	AddLeaf(ctx context.Context, l *AuditLeaf) error
	// AddLeaves adds leaves without notes in their order. It sets no Seq.
	AddLeaves(ctx context.Context, leaves []*AuditLeaf) error
	// Leaves lists leaves after seq in order; report "" is all.
	Leaves(ctx context.Context, after int64, report ID, limit int) ([]*AuditLeaf, error)
	// FindLeaves lists leaves, the newest first, without their notes.
	FindLeaves(ctx context.Context, q AuditQuery) ([]*AuditLeaf, error)
	// CountActs counts the leaves of each act in [from, until).
	CountActs(ctx context.Context, from, until time.Time) (map[string]int, error)
	// DeleteNotes deletes Note and Salt of the report's leaves; the leaves stay.
	DeleteNotes(ctx context.Context, report ID) error
	// DeleteNotesOfAct deletes Note and Salt of up to limit leaves of the act that are of no report and from before the moment, and
	// says of how many; the leaves stay.
	DeleteNotesOfAct(ctx context.Context, act string, before time.Time, limit int) (int, error)
	// HangLeaf notes a leaf's place and hash, and dates the leaf. ErrConflict: the place is taken, or the leaf has one.
	HangLeaf(ctx context.Context, h *HungLeaf) error
	// LeafHashes lists the hashes of the leaves numbered from+1 to to. ErrNotFound: some aren't there.
	LeafHashes(ctx context.Context, from, to int64) ([][]byte, error)
	// Places lists the places of the leaves with store numbers from after+1 to upTo, in the order of these, without dates.
	Places(ctx context.Context, after, upTo int64) ([]*HungLeaf, error)
	AddCheckpoint(ctx context.Context, c *CheckpointRecord) error // ErrConflict: there is one of that moment
	// Checkpoints lists those signed after the moment, the oldest first.
	Checkpoints(ctx context.Context, after time.Time, limit int) ([]*CheckpointRecord, error)
	LastCheckpoint(ctx context.Context) (*CheckpointRecord, error)
}
