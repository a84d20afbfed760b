package audit

import (
	"context"
	"errors"

	"github.com/heed-line/heed"
)

// locate names the first leaf that isn't as it was signed by means of the recorded hashes. Where these aren't there, or the
// Checkpoint that wasn't met doesn't bear them out, told stays.
func (w *walk) locate(ctx context.Context, told *Fault) (*Fault, error) {
	if w.recorded == nil || w.next == len(w.checkpoints) {
		return told, nil
	}
	size, err := w.believed(ctx)
	if err != nil || size < w.checkpoints[w.next].Size {
		return told, err
	}
	place, record, err := w.firstOther(ctx, size)
	if err != nil || place == 0 {
		return told, err
	}
	kind, err := w.classify(ctx, place, size, record)
	if err != nil {
		return nil, err
	}
	return &Fault{Kind: kind, Seq: place, Last: place, Sound: place - 1, Proven: true}, nil
}

// believed is how many of the recorded hashes are those that were signed: as many as the largest Checkpoint has whose root they
// give. Checkpoints that were met are passed over.
func (w *walk) believed(ctx context.Context) (size uint64, err error) {
	var f Frontier
	for _, c := range w.checkpoints[w.next:] {
		err := readHashes(ctx, w.recorded, f.Size(), c.Size, func(_ uint64, h Hash) error { return f.Append(h) })
		if errors.Is(err, heed.ErrNotFound) {
			break
		}
		if err != nil {
			return 0, err
		}
		if f.Root() == c.Root {
			size = c.Size
		}
	}
	return size, nil
}

// firstOther finds the first place up to size whose record isn't the recorded one, with what stands there instead: nil where
// nothing does. The place is 0 where there is none.
func (w *walk) firstOther(ctx context.Context, size uint64) (place uint64, record *Record, err error) {
	cursor := &cursor{hashes: w.recorded, size: size}
	for r, err := range w.leaves {
		if err != nil {
			return 0, nil, err
		}
		if place == size {
			return 0, nil, nil
		}
		place++
		want, err := cursor.at(ctx, place-1)
		if err != nil {
			return 0, nil, err
		}
		if r.Seq != place || LeafHash(r.Leaf) != want {
			return place, &r, nil
		}
	}
	if place == size {
		return 0, nil, nil
	}
	return place + 1, nil, nil
}

// classify says what was done at a place where another record stands than was signed: by whether the signed leaf stands further
// on, and whether the one in its place belongs further on.
func (w *walk) classify(ctx context.Context, place, size uint64, record *Record) (FaultKind, error) {
	if record == nil {
		return Removed, nil
	}
	belongs, err := w.belongsAfter(ctx, place, size, record.Leaf)
	if err != nil {
		return "", err
	}
	stands, err := w.standsAfter(ctx, place)
	if err != nil {
		return "", err
	}
	switch {
	case stands && belongs:
		return Reordered, nil
	case stands:
		return Added, nil
	case belongs:
		return Removed, nil
	default:
		return Changed, nil
	}
}

// belongsAfter says whether a leaf, renumbered, is one of those that were signed for a later place.
func (w *walk) belongsAfter(ctx context.Context, place, size uint64, leaf []byte) (bool, error) {
	err := readHashes(ctx, w.recorded, place, size, func(index uint64, h Hash) error {
		if LeafHash(placed(leaf, index+1)) == h {
			return errDone
		}
		return nil
	})
	if errors.Is(err, errDone) {
		return true, nil
	}
	return false, err
}

// standsAfter says whether the leaf that was signed for a place stands, renumbered, at a later one.
func (w *walk) standsAfter(ctx context.Context, place uint64) (bool, error) {
	want, err := readPiece(ctx, w.recorded, place-1, place)
	if err != nil {
		return false, err
	}
	at := uint64(0)
	for r, err := range w.leaves {
		if err != nil {
			return false, err
		}
		if at++; at > place && LeafHash(placed(r.Leaf, place)) == want[0] {
			return true, nil
		}
	}
	return false, nil
}

// cursor reads hashes one after another, in pieces.
type cursor struct {
	hashes Hashes
	size   uint64
	from   uint64 // index of piece's first
	piece  []Hash
}

func (c *cursor) at(ctx context.Context, index uint64) (Hash, error) {
	if index >= c.from+uint64(len(c.piece)) {
		end := min(index+hashesAtOnce, c.size)
		piece, err := readPiece(ctx, c.hashes, index, end)
		if err != nil {
			return Hash{}, err
		}
		c.from, c.piece = index, piece
	}
	return c.piece[index-c.from], nil
}
