package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
)

// TokenSize is the length of a search token, in bytes.
const TokenSize = 8

// The labels that keep tokens and fingerprints apart.
const (
	labelTokens = "heed/matching/token/1"
	labelPrints = "heed/matching/fingerprint/1"
)

// MatchingKey hashes words and shingles so that equal ones meet in the index and a stolen index shows none of them. It
// is safe for concurrent use.
type MatchingKey struct{ tokens, prints hasher }

// NewMatchingKey makes a MatchingKey of a Key; tokens and fingerprints get a key each by HKDF.
func NewMatchingKey(k Key) *MatchingKey {
	m := &MatchingKey{}
	m.tokens.key = expand(k[:], nil, labelTokens, keySize)
	m.prints.key = expand(k[:], nil, labelPrints, keySize)
	return m
}

// Token is the search token of a word: the first 8 bytes of its HMAC-SHA256.
func (m *MatchingKey) Token(word string) []byte {
	sum := m.tokens.sum([]byte(word))
	return append([]byte(nil), sum[:TokenSize]...)
}

// Hash64 is the fingerprint hash of a shingle: the first 8 bytes of its HMAC-SHA256, big-endian.
func (m *MatchingKey) Hash64(shingle []byte) uint64 {
	sum := m.prints.sum(shingle)
	return binary.BigEndian.Uint64(sum[:])
}

// hasher keeps keyed HMACs for reuse: setting one up costs as much as hashing a shingle.
type hasher struct {
	key  []byte
	pool sync.Pool
}

func (h *hasher) sum(b []byte) (sum [sha256.Size]byte) {
	mac, ok := h.pool.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, h.key)
	}
	mac.Reset()
	mac.Write(b)
	mac.Sum(sum[:0])
	h.pool.Put(mac)
	return sum
}
