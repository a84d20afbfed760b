package audit

import (
	"fmt"

	"github.com/heed-line/heed"
)

// CheckInclusion checks a proof that the leaf with this hash and index is in the tree of size leaves with this root, by the
// steps of RFC 9162, 2.1.3.2.
//
// ErrInvalid: it proves nothing of the kind.
func CheckInclusion(proof []Hash, index, size uint64, leaf, root Hash) error {
	bad := fmt.Errorf("inclusion of leaf %d in %d: %w", index, size, heed.ErrInvalid)
	if index >= size || size > MaxSize { // step 1
		return bad
	}
	fn, sn, r := index, size-1, leaf // steps 2 and 3
	for _, p := range proof {        // step 4
		if sn == 0 {
			return bad
		}
		if fn&1 == 1 || fn == sn {
			r = nodeHash(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = nodeHash(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 || r != root { // step 5
		return bad
	}
	return nil
}

// CheckConsistency checks a proof that the tree of older leaves with one root is the beginning of the tree of newer leaves with
// the other, by the steps of RFC 9162, 2.1.4.2. Every tree begins with the empty one; a tree begins with itself. For both the
// proof is empty.
//
// ErrInvalid: it proves nothing of the kind.
func CheckConsistency(proof []Hash, older, newer uint64, olderRoot, newerRoot Hash) error {
	bad := fmt.Errorf("%d leaves as the beginning of %d: %w", older, newer, heed.ErrInvalid)
	switch {
	case older > newer || newer > MaxSize:
		return bad
	case older == newer:
		if len(proof) > 0 || olderRoot != newerRoot || newer == 0 && newerRoot != EmptyRoot() {
			return bad
		}
		return nil
	case older == 0:
		if len(proof) > 0 || olderRoot != EmptyRoot() {
			return bad
		}
		return nil
	case len(proof) == 0: // step 1
		return bad
	}
	if older&(older-1) == 0 { // step 2: a complete subtree's root is known and left out
		proof = append([]Hash{olderRoot}, proof...)
	}
	fn, sn := older-1, newer-1 // step 3
	for fn&1 == 1 {            // step 4
		fn, sn = fn>>1, sn>>1
	}
	fr, sr := proof[0], proof[0]  // step 5
	for _, c := range proof[1:] { // step 6
		if sn == 0 {
			return bad
		}
		if fn&1 == 1 || fn == sn {
			fr, sr = nodeHash(c, fr), nodeHash(c, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = nodeHash(sr, c)
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 || fr != olderRoot || sr != newerRoot { // step 7
		return bad
	}
	return nil
}
