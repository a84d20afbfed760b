package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// maxLeaves is the size up to which every tree and every pair is tried: past a complete tree of 64.
const maxLeaves = 70

// kept reads leaf hashes from memory.
type kept []audit.Hash

func (k kept) LeafHashes(_ context.Context, from, to uint64) ([]audit.Hash, error) {
	if to > uint64(len(k)) {
		return nil, fmt.Errorf("%d of %d: %w", to, len(k), heed.ErrNotFound)
	}
	return k[from:to], nil
}

func leafHashes(n int) kept {
	hashes := make(kept, n)
	for i := range hashes {
		hashes[i] = audit.LeafHash(fmt.Appendf(nil, "leaf %d", i))
	}
	return hashes
}

// library is the same tree in golang.org/x/mod/sumdb/tlog, with the stored hashes that it works on.
type library struct {
	stored []tlog.Hash
	size   int64
}

func (l *library) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		read[i] = l.stored[index]
	}
	return read, nil
}

func (l *library) add(t *testing.T, leaf audit.Hash) {
	t.Helper()
	hashes, err := tlog.StoredHashesForRecordHash(l.size, tlog.Hash(leaf), l)
	if err != nil {
		t.Fatal(err)
	}
	l.stored, l.size = append(l.stored, hashes...), l.size+1
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// grown are a tree's roots at every size up to that of its leaves.
func grown(t *testing.T, hashes kept) []audit.Hash {
	t.Helper()
	var f audit.Frontier
	roots := []audit.Hash{f.Root()}
	for _, h := range hashes {
		if err := f.Append(h); err != nil {
			t.Fatal(err)
		}
		roots = append(roots, f.Root())
	}
	return roots
}

func TestATreeOfAnySizeHasTheRootThatTheDefinitionGives(t *testing.T) {
	hashes, lib := leafHashes(maxLeaves), &library{}
	for n, root := range grown(t, hashes) {
		if want := rootByDefinition(plain(hashes[:n])); root != want {
			t.Fatalf("%d leaves: %s, want %x", n, root, want)
		}
		if read := must(audit.RootOf(t.Context(), hashes, uint64(n)))(t); read != root {
			t.Fatalf("%d leaves read: %s, want %s", n, read, root)
		}
		if want := must(tlog.TreeHash(int64(n), lib))(t); n > 0 && root != audit.Hash(want) {
			t.Fatalf("%d leaves: %s, the library says %s", n, root, want)
		}
		if n < len(hashes) {
			lib.add(t, hashes[n])
		}
	}
}

func TestAFrontierTakenUpAgainAnywhereGoesOnAsIfItHadNeverBeenPutDown(t *testing.T) {
	hashes := leafHashes(maxLeaves)
	roots, f := grown(t, hashes), &audit.Frontier{}
	for n, h := range hashes {
		again := must(audit.ParseFrontier(f.Bytes()))(t)
		if again.Size() != uint64(n) || again.Root() != roots[n] || !bytes.Equal(again.Bytes(), f.Bytes()) {
			t.Fatalf("%d leaves: it came back as another", n)
		}
		left := again.Clone()
		if err := again.Append(h); err != nil {
			t.Fatal(err)
		}
		if left.Root() != roots[n] || left.Size() != uint64(n) {
			t.Fatalf("%d leaves: a clone changed with what it was cloned from", n)
		}
		f = again
	}
	if f.Root() != roots[maxLeaves] {
		t.Fatal("another root")
	}
}

func TestAFrontierKeepsOneHashForEachBitOfItsSize(t *testing.T) {
	var f audit.Frontier
	for _, h := range leafHashes(maxLeaves) {
		if err := f.Append(h); err != nil {
			t.Fatal(err)
		}
		ones := 0
		for n := f.Size(); n > 0; n /= 2 {
			ones += int(n % 2)
		}
		if len(f.Bytes()) != 9+32*ones {
			t.Fatalf("%d leaves: %d bytes", f.Size(), len(f.Bytes()))
		}
	}
}

func TestWhatIsNoFrontierIsRefused(t *testing.T) {
	var f audit.Frontier
	for _, h := range leafHashes(5) {
		if err := f.Append(h); err != nil {
			t.Fatal(err)
		}
	}
	good := f.Bytes()
	for n := range good {
		if _, err := audit.ParseFrontier(good[:n]); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	other := bytes.Clone(good)
	other[0] = 2
	tooMany := append([]byte{1, 0x80, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 32)...)
	for what, b := range map[string][]byte{"more": append(bytes.Clone(good), 0), "another version": other, "too large": tooMany} {
		if _, err := audit.ParseFrontier(b); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAFullTreeTakesNoMore(t *testing.T) {
	full := append([]byte{1, 0x40, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 32)...)
	f := must(audit.ParseFrontier(full))(t)
	if err := f.Append(audit.Hash{}); !errors.Is(err, heed.ErrInvalid) || f.Size() != audit.MaxSize {
		t.Fatal(err)
	}
}

func FuzzParseFrontier(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(append([]byte{1, 0, 0, 0, 0, 0, 0, 0, 4}, make([]byte, 32)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		frontier, err := audit.ParseFrontier(b)
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(frontier.Bytes(), b) {
			t.Fatal("two forms of one frontier")
		}
		frontier.Root()
	})
}
