package heed

import (
	"context"
	"time"
)

// LineModelState says how far a line's own model has come.
type LineModelState string

// The states of a line's own model. At most one is adopted; with its end its bytes are destroyed.
const (
	ModelOffered  LineModelState = "offered"  // trained; nobody stands for it yet
	ModelProposed LineModelState = "proposed" // one person does; another one's word is missing
	ModelAdopted  LineModelState = "adopted"  // two do: the line screens by it
	ModelFormer   LineModelState = "former"   // adopted until a later one was; a rollback returns to it
	ModelEnded    LineModelState = "ended"    // nothing is left of it but this record
)

// ModelEnd is why a line's own model ended.
type ModelEnd string

// The ends.
const (
	EndDeclined   ModelEnd = "declined"    // by the second person
	EndRolledBack ModelEnd = "rolled-back" // the line returned to what it had before
	EndReplaced   ModelEnd = "replaced"    // by a later one
	EndRetention  ModelEnd = "retention"   // reports that it learned from were erased too long ago
)

// LineModel is a model of the screening that a line learned for itself, beside the shipped one. What it holds lies apart:
// ModelFile.
type LineModel struct {
	ID    ID
	State LineModelState
	// Version is how Screenings name it, without that of the rules.
	Version string
	// Base is the version of the rules and of the shipped model beside which it was trained. With others it isn't used.
	Base string
	// Against is the version of the model with which it was compared; it is adopted in place of that one alone.
	Against string
	SHA256  []byte // of the model's file in clear, 32 bytes
	MadeAt  time.Time
	// From and Until bound when the reports that it learned from were decided about; Until is the first moment that is out.
	From, Until time.Time
	ProposedBy  ID // "" before
	ProposedAt  time.Time
	SecondBy    ID // who approved or declined
	SecondAt    time.Time
	// Signature is the audit key's over the two people's word (seal.Adoption); nil before.
	Signature []byte
	// DropBy is when it must be gone, because reports that it learned from were erased; zero while none was.
	DropBy  time.Time
	EndedAt time.Time
	End     ModelEnd // "" before
}

// ModelFile is what a line's own model holds, sealed under a key of its own.
type ModelFile struct {
	WrappedKey []byte // to the content key
	Sealed     []byte // the model's file
	Figures    []byte // what was compared and replayed, and the ids of the reports that it learned from
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
