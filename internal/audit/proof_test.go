package audit_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// spoil calls fn with proofs that differ from a good one.
func spoil(proof []audit.Hash, fn func(what string, proof []audit.Hash)) {
	for i := range proof {
		other := slices.Clone(proof)
		other[i][i%32] ^= 0x10
		fn("a changed hash", other)
		fn("a hash left out", slices.Delete(slices.Clone(proof), i, i+1))
		fn("a hash twice", slices.Insert(slices.Clone(proof), i, proof[i]))
		if i > 0 {
			other = slices.Clone(proof)
			other[i-1], other[i] = other[i], other[i-1]
			fn("two hashes exchanged", other)
		}
	}
	fn("a hash in front", append([]audit.Hash{{}}, proof...))
	fn("a hash behind", append(slices.Clone(proof), audit.Hash{}))
}

func TestEveryLeafOfEveryTreeIsProvenAndNothingElseIs(t *testing.T) {
	hashes, lib := leafHashes(maxLeaves), &library{}
	roots := grown(t, hashes)
	for n := 1; n <= maxLeaves; n++ {
		lib.add(t, hashes[n-1])
		size, root := uint64(n), roots[n]
		for i := range size {
			proof := must(audit.ProveInclusion(t.Context(), hashes, i, size))(t)
			if err := audit.CheckInclusion(proof, i, size, hashes[i], root); err != nil {
				t.Fatal(err)
			}
			if !inclusionByDefinition(plain(proof), i, size, hashes[i], root) {
				t.Fatalf("leaf %d of %d: the second reader refuses it", i, n)
			}
			theirs := make(tlog.RecordProof, 0, len(proof))
			for _, h := range proof {
				theirs = append(theirs, tlog.Hash(h))
			}
			if err := tlog.CheckRecord(theirs, int64(n), tlog.Hash(root), int64(i), tlog.Hash(hashes[i])); err != nil {
				t.Fatalf("leaf %d of %d: the library: %v", i, n, err)
			}
			if want := must(tlog.ProveRecord(int64(n), int64(i), lib))(t); !slices.Equal(theirs, want) {
				t.Fatalf("leaf %d of %d: the library proves it otherwise", i, n)
			}
			refused := func(what string, err error) {
				if !errors.Is(err, heed.ErrInvalid) {
					t.Fatalf("leaf %d of %d: %s is accepted: %v", i, n, what, err)
				}
			}
			spoil(proof, func(what string, bad []audit.Hash) {
				refused(what, audit.CheckInclusion(bad, i, size, hashes[i], root))
			})
			refused("another leaf", audit.CheckInclusion(proof, i, size, audit.Hash{}, root))
			refused("another root", audit.CheckInclusion(proof, i, size, hashes[i], audit.Hash{}))
			refused("no index of the tree", audit.CheckInclusion(proof, size, size, hashes[i], root))
			for other := range size {
				if other != i {
					refused("another index", audit.CheckInclusion(proof, other, size, hashes[i], root))
				}
			}
		}
	}
}

func TestEveryTreeIsProvenTheBeginningOfEveryLargerOneAndNothingElseIs(t *testing.T) {
	hashes, lib := leafHashes(maxLeaves), &library{}
	roots := grown(t, hashes)
	for _, h := range hashes {
		lib.add(t, h)
	}
	for newer := range uint64(maxLeaves + 1) {
		for older := range newer + 1 {
			proof := must(audit.ProveConsistency(t.Context(), hashes, older, newer))(t)
			if err := audit.CheckConsistency(proof, older, newer, roots[older], roots[newer]); err != nil {
				t.Fatal(err)
			}
			if !consistencyByDefinition(plain(proof), older, newer, roots[older], roots[newer]) {
				t.Fatalf("%d to %d: the second reader refuses it", older, newer)
			}
			if older > 0 {
				theirs := must(tlog.ProveTree(int64(newer), int64(older), lib))(t)
				if !slices.EqualFunc(theirs, proof, func(a tlog.Hash, b audit.Hash) bool { return audit.Hash(a) == b }) {
					t.Fatalf("%d to %d: the library proves it otherwise", older, newer)
				}
			}
			refused := func(what string, err error) {
				if !errors.Is(err, heed.ErrInvalid) {
					t.Fatalf("%d to %d: %s is accepted: %v", older, newer, what, err)
				}
			}
			spoil(proof, func(what string, bad []audit.Hash) {
				refused(what, audit.CheckConsistency(bad, older, newer, roots[older], roots[newer]))
			})
			refused("another older root", audit.CheckConsistency(proof, older, newer, audit.Hash{1}, roots[newer]))
			if older > 0 {
				refused("another newer root", audit.CheckConsistency(proof, older, newer, roots[older], audit.Hash{1}))
			}
			if older < newer {
				refused("the reverse", audit.CheckConsistency(proof, newer, older, roots[newer], roots[older]))
			}
		}
	}
}

// What isn't refused for another size is a proof in that tree too, by the definition.
func TestAProofUnderAnotherSizeIsAcceptedOnlyWhereTheDefinitionGivesTheSame(t *testing.T) {
	const most = 33
	hashes := leafHashes(most)
	roots := grown(t, hashes)
	for size := range uint64(most + 1) {
		for at := range size {
			in := must(audit.ProveInclusion(t.Context(), hashes, at, size))(t)
			grew := must(audit.ProveConsistency(t.Context(), hashes, at, size))(t)
			for other := range uint64(most + 1) {
				err := audit.CheckInclusion(in, at, other, hashes[at], roots[size])
				if (err == nil) != inclusionByDefinition(plain(in), at, other, hashes[at], roots[size]) {
					t.Fatalf("leaf %d of %d under %d: %v", at, size, other, err)
				}
				err = audit.CheckConsistency(grew, at, other, roots[at], roots[size])
				if (err == nil) != consistencyByDefinition(plain(grew), at, other, roots[at], roots[size]) {
					t.Fatalf("%d to %d under %d: %v", at, size, other, err)
				}
			}
		}
	}
}

// A forger chooses the roots too.
func TestAProofHigherThanItsTreeIsRefusedAlthoughTheRootsBearItOut(t *testing.T) {
	leaf, more := audit.Hash{1}, audit.Hash{2}
	for _, root := range [][32]byte{node(leaf, more), node(more, leaf)} {
		if err := audit.CheckInclusion([]audit.Hash{more}, 0, 1, leaf, root); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("inclusion: %v", err)
		}
	}
	a, b, c, d := audit.Hash{1}, audit.Hash{2}, audit.Hash{3}, audit.Hash{4}
	ab := node(a, b)
	older, newer := node(ab, c), node(ab, node(c, d))
	if err := audit.CheckConsistency([]audit.Hash{c, d, ab}, 3, 4, older, newer); err != nil {
		t.Fatal(err)
	}
	err := audit.CheckConsistency([]audit.Hash{c, d, ab, more}, 3, 4, node(more, older), node(more, newer))
	if !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("consistency: %v", err)
	}
}

func TestWhatIsInNoTreeIsNotProven(t *testing.T) {
	hashes := leafHashes(4)
	for _, err := range []error{
		errorOf(audit.ProveInclusion(t.Context(), hashes, 4, 4)), errorOf(audit.ProveInclusion(t.Context(), hashes, 0, 0)),
		errorOf(audit.ProveInclusion(t.Context(), hashes, 0, audit.MaxSize+1)), errorOf(audit.RootOf(t.Context(), hashes, audit.MaxSize+1)),
		errorOf(audit.ProveConsistency(t.Context(), hashes, 4, 3)), errorOf(audit.ProveConsistency(t.Context(), hashes, 1, audit.MaxSize+1)),
	} {
		if !errors.Is(err, heed.ErrInvalid) {
			t.Error(err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

// short answers with fewer hashes than it is asked for, without a word.
type short struct{ kept }

func (s short) LeafHashes(ctx context.Context, from, to uint64) ([]audit.Hash, error) {
	return s.kept.LeafHashes(ctx, from, to-1)
}

func TestAReaderThatLacksHashesMakesNoProof(t *testing.T) {
	for _, hashes := range []audit.Hashes{leafHashes(4), short{leafHashes(8)}} {
		for _, err := range []error{
			errorOf(audit.RootOf(t.Context(), hashes, 6)), errorOf(audit.ProveInclusion(t.Context(), hashes, 1, 6)),
			errorOf(audit.ProveInclusion(t.Context(), hashes, 5, 6)), errorOf(audit.ProveConsistency(t.Context(), hashes, 3, 6)),
		} {
			if !errors.Is(err, heed.ErrNotFound) {
				t.Error(err)
			}
		}
	}
}

// paced fails where it is asked for more than it was promised to be.
type paced struct {
	t *testing.T
	kept
}

func (p paced) LeafHashes(ctx context.Context, from, to uint64) ([]audit.Hash, error) {
	if from >= to || to-from > 1024 {
		p.t.Errorf("asked for %d to %d", from, to)
	}
	return p.kept.LeafHashes(ctx, from, to)
}

func TestALargeTreeIsReadInPieces(t *testing.T) {
	hashes := paced{t, leafHashes(5000)}
	root := must(audit.RootOf(t.Context(), hashes, 5000))(t)
	proof := must(audit.ProveInclusion(t.Context(), hashes, 4711, 5000))(t)
	if err := audit.CheckInclusion(proof, 4711, 5000, hashes.kept[4711], root); err != nil {
		t.Fatal(err)
	}
}

// chop makes hashes of a fuzzer's bytes.
func chop(b []byte) (hashes []audit.Hash) {
	for ; len(b) >= 32; b = b[32:] {
		hashes = append(hashes, audit.Hash(b))
	}
	return hashes
}

func join(hashes []audit.Hash) (b []byte) {
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// Both readers must agree on anything at all.
func FuzzCheckInclusion(f *testing.F) {
	hashes := leafHashes(13)
	root := must13(f, hashes)
	for _, i := range []uint64{0, 5, 12} {
		proof, err := audit.ProveInclusion(f.Context(), hashes, i, 13)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(join(proof), i, uint64(13), hashes[i][:])
	}
	f.Add([]byte{}, uint64(1)<<63, uint64(1)<<63+1, binary.BigEndian.AppendUint64(nil, 1))
	f.Fuzz(func(t *testing.T, b []byte, index, size uint64, leaf []byte) {
		if len(leaf) != 32 {
			leaf = make([]byte, 32)
		}
		proof := chop(b)
		err := audit.CheckInclusion(proof, index, size, audit.Hash(leaf), root)
		if err != nil && !errors.Is(err, heed.ErrInvalid) {
			t.Fatal(err)
		}
		if size <= audit.MaxSize && (err == nil) != inclusionByDefinition(plain(proof), index, size, [32]byte(leaf), root) {
			t.Fatalf("the readers disagree: %v", err)
		}
	})
}

func FuzzCheckConsistency(f *testing.F) {
	hashes := leafHashes(13)
	root := must13(f, hashes)
	for _, older := range []uint64{0, 1, 6, 8, 13} {
		proof, err := audit.ProveConsistency(f.Context(), hashes, older, 13)
		if err != nil {
			f.Fatal(err)
		}
		olderRoot, err := audit.RootOf(f.Context(), hashes, older)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(join(proof), older, uint64(13), olderRoot[:])
	}
	f.Fuzz(func(t *testing.T, b []byte, older, newer uint64, olderRoot []byte) {
		if len(olderRoot) != 32 {
			olderRoot = make([]byte, 32)
		}
		proof := chop(b)
		err := audit.CheckConsistency(proof, older, newer, audit.Hash(olderRoot), root)
		if err != nil && !errors.Is(err, heed.ErrInvalid) {
			t.Fatal(err)
		}
		if newer <= audit.MaxSize && (err == nil) != consistencyByDefinition(plain(proof), older, newer, [32]byte(olderRoot), root) {
			t.Fatalf("the readers disagree: %v", err)
		}
	})
}

func must13(f *testing.F, hashes kept) audit.Hash {
	f.Helper()
	root, err := audit.RootOf(f.Context(), hashes, 13)
	if err != nil {
		f.Fatal(err)
	}
	return root
}
