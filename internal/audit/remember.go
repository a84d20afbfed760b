package audit

import (
	"context"
	"sync"
)

// Remember gives Hashes whose proofs get cheap: it keeps the roots of the subtrees of 1,024 leaves and more that were computed
// once, about 64 bytes for each 1,024 leaves. A tree only grows, so none of them ever changes. It is safe for concurrent use.
func Remember(h Hashes) Hashes { return &remembering{Hashes: h, roots: map[span]Hash{}} }

type remembering struct {
	Hashes
	mu    sync.Mutex
	roots map[span]Hash
}

// root is the Merkle tree hash of the leaves [from, to).
func (r *remembering) root(ctx context.Context, from, to uint64) (Hash, error) {
	at, size := span{from, to}, to-from
	complete := size >= hashesAtOnce && size&(size-1) == 0
	if complete {
		r.mu.Lock()
		known, ok := r.roots[at]
		r.mu.Unlock()
		if ok {
			return known, nil
		}
	}
	root, err := r.compute(ctx, from, to)
	if err == nil && complete {
		r.mu.Lock()
		r.roots[at] = root
		r.mu.Unlock()
	}
	return root, err
}

func (r *remembering) compute(ctx context.Context, from, to uint64) (Hash, error) {
	if to-from <= hashesAtOnce {
		return subtree(ctx, r.Hashes, from, to)
	}
	middle := from + split(to-from)
	left, err := r.root(ctx, from, middle)
	if err != nil {
		return Hash{}, err
	}
	right, err := r.root(ctx, middle, to)
	return nodeHash(left, right), err
}
