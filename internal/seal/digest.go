package seal

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest is the SHA-256 of sealed bytes in hex, as audit leaves hold it.
func Digest(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:])
}
