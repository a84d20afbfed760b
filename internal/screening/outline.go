package screening

import "math/bits"

// outlineLength is how many words of 32 bits an outline has.
const outlineLength = 32

// outlineOf sets a bit for each hash: what two reports share can't be more than their outlines say.
func outlineOf(hashes, outline []uint32) {
	for _, h := range hashes {
		outline[h>>27] |= 1 << (h >> 22 & 31)
	}
}

// mostShared is how many pairs two reports share at most: those behind a bit that both outlines have, of which one may stand for several.
func mostShared(a, b *Features) int {
	both, ones := 0, 0
	for i, x := range a.outline {
		both += bits.OnesCount32(x & b.outline[i])
		ones += bits.OnesCount32(b.outline[i])
	}
	return both + len(b.pairs) - ones
}
