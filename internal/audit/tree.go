package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"github.com/heed-line/heed"
)

// MaxSize bounds a tree's leaves, so that no arithmetic on sizes can overflow.
const MaxSize = 1 << 62

// Hash is a SHA-256 of the tree: of a leaf, of a node or of the root.
type Hash [sha256.Size]byte

// String is the hash in base64 (RFC 4648, 4), as Checkpoints write it.
func (h Hash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// LeafHash is SHA-256(0x00 ‖ leaf) (RFC 6962, 2.1).
func LeafHash(leaf []byte) Hash {
	return sha256.Sum256(append([]byte{0x00}, leaf...))
}

// nodeHash is SHA-256(0x01 ‖ left ‖ right) (RFC 6962, 2.1).
func nodeHash(left, right Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 0x01
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// EmptyRoot is the root of the tree without leaves: the SHA-256 of nothing.
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// Frontier is what must be kept of a tree to append to it and to know its root: one hash for each 1 in the binary size, 62
// at most. The zero Frontier is that of the empty tree. It isn't safe for use by several goroutines at once.
type Frontier struct {
	size uint64
	// roots of the complete subtrees that the leaves fall into from the left, the largest first.
	roots []Hash
}

// Size is how many leaves were appended.
func (f *Frontier) Size() uint64 { return f.size }

// Append hangs the next leaf's hash into the tree. ErrInvalid: the tree is full, at MaxSize.
func (f *Frontier) Append(leaf Hash) error {
	if f.size >= MaxSize {
		return fmt.Errorf("append to a full tree: %w", heed.ErrInvalid)
	}
	for range bits.TrailingZeros64(^f.size) { // each complete subtree of the new leaf's size joins it
		last := len(f.roots) - 1
		leaf, f.roots = nodeHash(f.roots[last], leaf), f.roots[:last]
	}
	f.roots = append(f.roots, leaf)
	f.size++
	return nil
}

// Root is the Merkle tree hash of the leaves so far (RFC 6962, 2.1).
func (f *Frontier) Root() Hash {
	if f.size == 0 {
		return EmptyRoot()
	}
	last := len(f.roots) - 1
	root := f.roots[last]
	for _, left := range slices.Backward(f.roots[:last]) {
		root = nodeHash(left, root)
	}
	return root
}

// Clone is a Frontier of its own with the same leaves.
func (f *Frontier) Clone() *Frontier { return &Frontier{f.size, slices.Clone(f.roots)} }

// frontierVersion is the first byte of a stored Frontier.
const frontierVersion = 0x01

// Bytes is the Frontier to store (docs/audit.md, "The frontier"): 0x01 ‖ u64 size ‖ the hashes, the largest subtree's first.
func (f *Frontier) Bytes() []byte {
	out := binary.BigEndian.AppendUint64([]byte{frontierVersion}, f.size)
	for _, h := range f.roots {
		out = append(out, h[:]...)
	}
	return out
}

// ParseFrontier reads what Bytes gave. ErrInvalid: Bytes gives no such bytes.
func ParseFrontier(b []byte) (*Frontier, error) {
	if len(b) < 9 || b[0] != frontierVersion {
		return nil, fmt.Errorf("frontier of an unknown form: %w", heed.ErrInvalid)
	}
	f := &Frontier{size: binary.BigEndian.Uint64(b[1:])}
	hashes := b[9:]
	if f.size > MaxSize || len(hashes) != bits.OnesCount64(f.size)*sha256.Size {
		return nil, fmt.Errorf("frontier of %d leaves in %d bytes: %w", f.size, len(b), heed.ErrInvalid)
	}
	for h := range slices.Chunk(hashes, sha256.Size) {
		f.roots = append(f.roots, Hash(h))
	}
	return f, nil
}
