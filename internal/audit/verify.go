package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/heed-line/heed"
)

// Record is one leaf as a store or an export holds it.
type Record struct {
	Seq  uint64 // the number under which it stands there
	Leaf []byte // what Entry.Encode gave
}

// Records walks leaves in the order in which they stand. It can be walked again, and then gives the same.
type Records = iter.Seq2[Record, error]

// FaultKind says what was done to the first leaf that isn't as it was signed.
type FaultKind string

// What can have been done.
const (
	Changed   FaultKind = "changed"
	Removed   FaultKind = "removed"
	Reordered FaultKind = "reordered" // it stands at another place
	Added     FaultKind = "added"     // it never was in the tree; the one that was stands behind it
	// Altered is any of these, to one of the leaves from Seq to Last: what would tell more is missing.
	Altered FaultKind = "altered"
)

// Fault is the first leaf that isn't as it was signed. It wraps ErrInvalid.
type Fault struct {
	Kind  FaultKind
	Seq   uint64 // the place; that of the first leaf that may be meant where Kind is Altered
	Last  uint64 // the last leaf that may be meant; Seq where the place is known
	Sound uint64 // leaves 1 to Sound are proven to be as they were signed
	// Proven says that no leaf before Seq has a fault. Otherwise one between Sound and Seq may have one too.
	Proven bool
}

func (f *Fault) Error() string {
	switch {
	case f.Kind == Altered:
		return fmt.Sprintf("one of the leaves %d to %d was changed, removed, reordered or added: %v", f.Seq, f.Last, heed.ErrInvalid)
	case !f.Proven:
		return fmt.Sprintf("leaf %d was %s, and of those from leaf %d on nothing is proven: %v", f.Seq, f.Kind, f.Sound+1, heed.ErrInvalid)
	default:
		return fmt.Sprintf("leaf %d was %s: %v", f.Seq, f.Kind, heed.ErrInvalid)
	}
}

func (f *Fault) Unwrap() error { return heed.ErrInvalid }

// Verdict is what Verify found in order.
type Verdict struct {
	Leaves uint64 // that were walked
	Signed uint64 // of these, how many the last Checkpoint covers; nobody vouches for the others yet
	Root   Hash   // of all of them
}

// Verify walks all leaves from the first and holds them against a line's Checkpoints, oldest first, whose signatures Open has
// checked. recorded may be nil; else it is the leaf hashes that were kept apart from the leaves, which are believed only as far
// as a Checkpoint bears them out. With them a fault is named to the leaf, without them to the two Checkpoints between which it lies.
//
// A *Fault: the leaves aren't those that were signed. ErrConflict: two Checkpoints contradict each other, so that the line
// signed two histories. ErrInvalid: the Checkpoints are of several lines or out of order.
func Verify(ctx context.Context, leaves Records, checkpoints []Checkpoint, recorded Hashes) (Verdict, error) {
	if err := checkSeries(checkpoints); err != nil {
		return Verdict{}, err
	}
	w := &walk{leaves: leaves, checkpoints: checkpoints, recorded: recorded}
	fault, err := w.run(ctx)
	if err == nil && fault != nil {
		fault, err = w.locate(ctx, fault)
	}
	verdict := Verdict{Leaves: w.frontier.Size(), Signed: w.sound(), Root: w.frontier.Root()}
	if err != nil {
		return verdict, fmt.Errorf("verify the audit after leaf %d: %w", w.frontier.Size(), err)
	}
	if fault != nil {
		return verdict, fault
	}
	return verdict, nil
}

// checkSeries holds the Checkpoints against each other.
func checkSeries(checkpoints []Checkpoint) error {
	for i := 1; i < len(checkpoints); i++ {
		a, b := checkpoints[i-1], checkpoints[i]
		switch {
		case a.Origin != b.Origin:
			return fmt.Errorf("checkpoints of several lines: %w", heed.ErrInvalid)
		case a.Size > b.Size || a.At.After(b.At):
			return fmt.Errorf("checkpoint of %d leaves after that of %d: %w", b.Size, a.Size, heed.ErrInvalid)
		case a.Size == b.Size && a.Root != b.Root:
			return fmt.Errorf("two checkpoints of %d leaves with different roots: %w", a.Size, heed.ErrConflict)
		}
	}
	return nil
}

// walk is one Verify.
type walk struct {
	leaves      Records
	checkpoints []Checkpoint
	recorded    Hashes
	frontier    Frontier
	next        int // the first Checkpoint that isn't met yet
}

// sound is how many leaves the last Checkpoint that was met covers.
func (w *walk) sound() uint64 {
	if w.next == 0 {
		return 0
	}
	return w.checkpoints[w.next-1].Size
}

// run walks until the first sign of a fault, as exact as one walk can say it.
func (w *walk) run(ctx context.Context) (*Fault, error) {
	if !w.meet() {
		return nil, fmt.Errorf("checkpoint of no leaves with the root of some: %w", heed.ErrInvalid)
	}
	for record, err := range w.leaves {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		place := w.frontier.Size() + 1
		entry, err := Decode(record.Leaf)
		if err != nil || record.Seq != place || entry.Seq != place {
			return w.misplaced(record.Seq, entry.Seq, place)
		}
		if err := w.frontier.Append(LeafHash(record.Leaf)); err != nil {
			return nil, err
		}
		if !w.meet() {
			return w.between(w.frontier.Size(), Changed), nil
		}
	}
	if w.next < len(w.checkpoints) { // one is missing, and where isn't told: the others may have been renumbered
		return w.between(w.frontier.Size()+1, Removed), nil
	}
	return nil, nil
}

// meet holds the tree so far against the Checkpoints of its size.
func (w *walk) meet() bool {
	for w.next < len(w.checkpoints) && w.checkpoints[w.next].Size == w.frontier.Size() {
		if w.checkpoints[w.next].Root != w.frontier.Root() {
			return false
		}
		w.next++
	}
	return true
}

// between is the fault of a leaf somewhere after the last sound one and up to last; kind is what it is where that is one leaf.
func (w *walk) between(last uint64, kind FaultKind) *Fault {
	f := &Fault{Kind: Altered, Seq: w.sound() + 1, Last: last, Sound: w.sound(), Proven: true}
	if f.Seq == last {
		f.Kind = kind
	}
	return f
}

// misplaced is the fault of a record that can't stand at its place, told from the number under which it stands and the one
// within its leaf.
func (w *walk) misplaced(outside, inside, place uint64) (*Fault, error) {
	f := &Fault{Kind: Changed, Seq: place, Last: place, Sound: w.sound(), Proven: place == w.sound()+1}
	switch {
	case inside == place: // it is the right one under a wrong number
	case outside < place:
		f.Kind = Added
	case outside > place:
		f.Kind = Removed
		for r, err := range w.leaves {
			if err != nil {
				return nil, err
			}
			if r.Seq == place {
				f.Kind = Reordered
			}
		}
	}
	return f, nil
}

// errDone ends a reading early.
var errDone = errors.New("done")
