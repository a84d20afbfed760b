package heed

import "context"

// Part is one of the two parts of a backup.
type Part string

// The parts. What PartKeys holds goes with a report when it is erased, so that part is kept a few days only; what PartData holds opens nothing without it.
const (
	PartData Part = "data"
	PartKeys Part = "keys"
)

// CopiedRow is a row on its way out of a store and into another, of either engine. Values are nil, int64, bool, string or
// []byte. Both slices are the giver's again when the taker returns.
type CopiedRow struct {
	Part    Part
	Table   string
	Columns []string
	Values  []any
	Blob    string // key of a sealed file that the row names and that belongs to the backup; "" for none
}

// CopiedJobs is the name under which CopyOut gives the jobs that wait, each as kind, args, queue and at, whatever tables the
// engine keeps them in. Who takes a backup in enqueues them anew.
const CopiedJobs = "jobs"

// Copier is a Store whose rows can be copied while it serves.
type Copier interface {
	Store
	// CopyOut gives every row that a backup holds, as of one moment. Nobody waits for it. What gives the Identities and what
	// their days' keys open is left out: nothing of them may outlive the day.
	CopyOut(ctx context.Context, give func(*CopiedRow) error) error
	// SchemaVersion is the number of the last migration.
	SchemaVersion(ctx context.Context) (int64, error)
}

// SettingRestoring stands in a store that is being filled from a backup, and holds something until all of it is done. Nobody
// may serve from such a store: what was erased since could still be in it.
const SettingRestoring = "line.restoring"
