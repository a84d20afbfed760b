package seal

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"math/bits"
)

// endSize is of the head of each frame of a padded file: where the file's bytes end, as far as that is known there.
const endSize = 8

// FrameBytes are the bytes of a file's own in each whole frame of NewPaddedWriter's.
const FrameBytes = frameSize - endSize

// NewPaddedWriter is NewFrameWriter for a file that lasts: Close fills it up with sealed zeros to one of few lengths (PaddedSize), so that
// what is sealed hides the file's exact length from all who don't have its key. Nothing needs to know that length beforehand.
func NewPaddedWriter(w io.Writer, key Key, b Binding) (io.WriteCloser, error) {
	return newFrameWriter(rand.Reader, w, formatPadded, key, b)
}

// PaddedSize is how many bytes NewPaddedWriter makes of a file of so many.
func PaddedSize(size int64) int64 {
	return framesHeader + int64(paddedFrames(uint64(size)))*sealedFrame
}

// paddedFrames is how many frames a padded file of so many bytes has.
func paddedFrames(size uint64) uint64 {
	return Padme(max(1, size/FrameBytes+min(1, size%FrameBytes)))
}

// Padme is the least length of the PADMÉ scheme that isn't below n (Nikitin et al., Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs, PoPETs 2019): at most 12 % more. Of all numbers below 2^k some k² remain.
func Padme(n uint64) uint64 {
	if n < 2 {
		return n
	}
	e := bits.Len64(n) - 1
	low := uint64(1)<<(e-bits.Len(uint(e))) - 1
	return (n + low) &^ low
}

// fileBytes are those of the file's in frame i of a padded file, and where the file's bytes end, as far as frame i knows. before is what the
// frame before it knew. Not ok: no writer of ours made it.
func fileBytes(plain []byte, i, before uint64) (b []byte, end uint64, ok bool) {
	if len(plain) != frameSize {
		return nil, 0, false
	}
	start := i * FrameBytes
	end, plain = binary.BigEndian.Uint64(plain), plain[endSize:]
	if end < before || end > start+FrameBytes || before < start && end != before {
		return nil, 0, false
	}
	filled := max(end, start) - start
	for _, zero := range plain[filled:] {
		if zero != 0 {
			return nil, 0, false
		}
	}
	return plain[:filled], end, true
}
