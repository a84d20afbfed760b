package audit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// readAtOnce is how many leaves are read in one look at the store.
const readAtOnce = 1000

// Stored is a line's tree as its store holds it, seen from one moment on: what is hung later isn't in it.
type Stored struct {
	Store heed.Store
	Head  *Head
	// Checkpoints are the line's own, oldest first, with their signatures checked.
	Checkpoints []Checkpoint
	Notes       [][]byte // of the Checkpoints
	// Progress, where it is set, is told how many leaves were walked.
	Progress func(done uint64)
}

// OpenStored looks at the tree of a line. ErrInvalid: the audit key didn't sign the head or one of the Checkpoints.
func OpenStored(ctx context.Context, store heed.Store, line string, v KeyVerifier) (*Stored, error) {
	s := &Stored{Store: store}
	err := store.View(ctx, func(tx heed.Tx) (err error) {
		if s.Head, err = ReadHead(ctx, tx, line, v); err != nil {
			return err
		}
		var after time.Time
		for {
			page, err := tx.Checkpoints(ctx, after, readAtOnce)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, c := range page {
				if err := s.add(c.Note, line, v); err != nil {
					return err
				}
				after = c.At
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("look at the audit's tree: %w", err)
	}
	return s, nil
}

func (s *Stored) add(note []byte, line string, v Verifier) error {
	c, err := Open(note, line, v)
	if err != nil {
		return fmt.Errorf("stored checkpoint %d: %w", len(s.Checkpoints)+1, err)
	}
	s.Checkpoints, s.Notes = append(s.Checkpoints, c), append(s.Notes, note)
	return nil
}

// VerifyStore walks a line's hung leaves and holds them against its Checkpoints, its head, and those Checkpoints that witnesses
// kept. It is meant to run beside the line. progress may be nil.
//
// Errors are Verify's, and ErrInvalid where the audit key didn't sign the head or a stored Checkpoint.
func VerifyStore(ctx context.Context, store heed.Store, line string, v KeyVerifier, kept []Checkpoint, progress func(uint64)) (Verdict, error) {
	s, err := OpenStored(ctx, store, line, v)
	if err != nil {
		return Verdict{}, err
	}
	s.Progress = progress
	return s.Verify(ctx, line, kept)
}

// Verify is VerifyStore on what is open. The witness's Checkpoints are a series of their own: where the two contradict each other,
// it is told what became of those leaves that the witness's cover.
func (s *Stored) Verify(ctx context.Context, line string, kept []Checkpoint) (Verdict, error) {
	own := slices.Clone(s.Checkpoints)
	if size := s.Head.Frontier.Size(); size > 0 { // the head is signed too, but dated by its floor
		head := Checkpoint{Origin: line, Size: size, Root: s.Head.Frontier.Root(), At: s.Head.Floor}
		for _, c := range own {
			head.At = later(head.At, c.At)
		}
		own = append(own, head)
	}
	verdict, err := Verify(ctx, s.Records(ctx), own, s)
	if err != nil || len(kept) == 0 {
		return verdict, err
	}
	kept = slices.Clone(kept)
	slices.SortStableFunc(kept, func(a, b Checkpoint) int { return cmp.Or(cmp.Compare(a.Size, b.Size), a.At.Compare(b.At)) })
	if _, err := Verify(ctx, s.Records(ctx), kept, s); err != nil {
		return verdict, fmt.Errorf("against a witness's checkpoints: %w", err)
	}
	return verdict, nil
}

// Records walks the leaves that stand in the store up to the last hung one. One that has no place is numbered 0.
func (s *Stored) Records(ctx context.Context) Records {
	return func(yield func(Record, error) bool) {
		var done uint64
		for after := int64(math.MinInt64); ; {
			page, next, err := s.page(ctx, after)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if done += uint64(len(page)); s.Progress != nil {
				s.Progress(done)
			}
			if after = next; len(page) < readAtOnce {
				return
			}
		}
	}
}

// page reads the leaves after a store's number, no more than readAtOnce, and says after which the next page begins.
func (s *Stored) page(ctx context.Context, after int64) (page []Record, next int64, err error) {
	err = s.Store.View(ctx, func(tx heed.Tx) error {
		page, next = nil, after
		leaves, err := tx.Leaves(ctx, after, "", readAtOnce)
		if err != nil || len(leaves) == 0 {
			return err
		}
		places, err := tx.Places(ctx, after, leaves[len(leaves)-1].Seq)
		if err != nil {
			return err
		}
		numbers := make(map[int64]int64, len(places))
		for _, p := range places {
			numbers[p.Seq] = p.Num
		}
		for _, l := range leaves {
			if l.Seq > s.Head.Seq {
				break
			}
			r := Record{Seq: uint64(max(numbers[l.Seq], 0))}
			// What can't be encoded is no leaf, and is found to be none.
			r.Leaf, _ = EntryOf(l, max(r.Seq, 1), l.At).Encode()
			page, next = append(page, r), l.Seq
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read leaves after number %d: %w", after, err)
	}
	return page, next, nil
}

// LeafHashes implements Hashes: those that the sequencer kept beside the leaves.
func (s *Stored) LeafHashes(ctx context.Context, from, to uint64) (hashes []Hash, err error) {
	err = s.Store.View(ctx, func(tx heed.Tx) error {
		read, err := tx.LeafHashes(ctx, int64(from), int64(to))
		hashes = make([]Hash, 0, len(read))
		for _, h := range read {
			if len(h) != len(Hash{}) {
				return fmt.Errorf("hash of %d bytes: %w", len(h), heed.ErrNotFound)
			}
			hashes = append(hashes, Hash(h))
		}
		return err
	})
	return hashes, err
}
