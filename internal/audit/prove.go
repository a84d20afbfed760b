package audit

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/heed-line/heed"
)

// Hashes reads the leaf hashes that a tree is made of.
type Hashes interface {
	// LeafHashes gives the hashes of the leaves with the indexes from up to, but without, to, in order; an index is Seq-1. It is
	// asked for at most 1,024 at a time. ErrNotFound: it has fewer.
	LeafHashes(ctx context.Context, from, to uint64) ([]Hash, error)
}

// hashesAtOnce is the most that Hashes is asked for in one call.
const hashesAtOnce = 1024

// RootOf computes the root of the first size leaves. It reads every one of them.
func RootOf(ctx context.Context, hashes Hashes, size uint64) (Hash, error) {
	if size > MaxSize {
		return Hash{}, fmt.Errorf("root of %d leaves: %w", size, heed.ErrInvalid)
	}
	return subtree(ctx, hashes, 0, size)
}

// ProveInclusion makes the proof that the leaf of an index is in the tree of the first size leaves: PATH(index, D[size]) of
// RFC 6962, 2.1.1. It reads all of those leaves' hashes and keeps few of them.
//
// ErrInvalid: the tree has no leaf of that index.
func ProveInclusion(ctx context.Context, hashes Hashes, index, size uint64) ([]Hash, error) {
	if index >= size || size > MaxSize {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", index, size, heed.ErrInvalid)
	}
	path, err := inclusion(ctx, hashes, index, 0, size)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", index, size, err)
	}
	return path, nil
}

// inclusion is PATH for the leaves [from, to).
func inclusion(ctx context.Context, hashes Hashes, index, from, to uint64) ([]Hash, error) {
	if to-from == 1 {
		return nil, nil
	}
	middle := from + split(to-from)
	near, far := span{from, middle}, span{middle, to}
	if index >= middle {
		near, far = far, near
	}
	path, err := inclusion(ctx, hashes, index, near.from, near.to)
	if err != nil {
		return nil, err
	}
	sibling, err := subtree(ctx, hashes, far.from, far.to)
	return append(path, sibling), err
}

// ProveConsistency makes the proof that the tree of the first older leaves is the beginning of the tree of newer leaves:
// PROOF(older, D[newer]) of RFC 6962, 2.1.2. The proof is empty where older is 0 or equals newer.
//
// ErrInvalid: the older tree is the larger.
func ProveConsistency(ctx context.Context, hashes Hashes, older, newer uint64) ([]Hash, error) {
	if older > newer || newer > MaxSize {
		return nil, fmt.Errorf("prove that %d leaves begin %d: %w", older, newer, heed.ErrInvalid)
	}
	if older == 0 || older == newer {
		return nil, nil
	}
	path, err := consistency(ctx, hashes, older, 0, newer, true)
	if err != nil {
		return nil, fmt.Errorf("prove that %d leaves begin %d: %w", older, newer, err)
	}
	return path, nil
}

// consistency is SUBPROOF for the leaves [from, to), of which those before older are the older tree's. whole says that these
// are the older tree itself, whose root the verifier knows.
func consistency(ctx context.Context, hashes Hashes, older, from, to uint64, whole bool) ([]Hash, error) {
	if older == to {
		if whole {
			return nil, nil
		}
		root, err := subtree(ctx, hashes, from, to)
		return []Hash{root}, err
	}
	middle := from + split(to-from)
	near, far := span{from, middle}, span{middle, to}
	if older > middle {
		near, far, whole = far, near, false
	}
	path, err := consistency(ctx, hashes, older, near.from, near.to, whole)
	if err != nil {
		return nil, err
	}
	sibling, err := subtree(ctx, hashes, far.from, far.to)
	return append(path, sibling), err
}

type span struct{ from, to uint64 }

// split is the largest power of two below n, for n of 2 and more.
func split(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }

// subtree is the Merkle tree hash of the leaves [from, to).
func subtree(ctx context.Context, hashes Hashes, from, to uint64) (Hash, error) {
	if r, ok := hashes.(*remembering); ok {
		return r.root(ctx, from, to)
	}
	var f Frontier
	err := readHashes(ctx, hashes, from, to, func(_ uint64, h Hash) error { return f.Append(h) })
	return f.Root(), err
}

// readHashes calls fn for the leaf hashes [from, to), which it reads in pieces.
func readHashes(ctx context.Context, hashes Hashes, from, to uint64, fn func(index uint64, h Hash) error) error {
	for at := from; at < to; {
		end := min(at+hashesAtOnce, to)
		read, err := readPiece(ctx, hashes, at, end)
		if err != nil {
			return err
		}
		for i, h := range read {
			if err := fn(at+uint64(i), h); err != nil {
				return err
			}
		}
		at = end
	}
	return nil
}

// readPiece reads the leaf hashes [from, to), no more than hashesAtOnce.
func readPiece(ctx context.Context, hashes Hashes, from, to uint64) ([]Hash, error) {
	read, err := hashes.LeafHashes(ctx, from, to)
	if err == nil && uint64(len(read)) != to-from {
		err = fmt.Errorf("%d came: %w", len(read), heed.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read the hashes of leaves %d to %d: %w", from+1, to, err)
	}
	return read, nil
}
