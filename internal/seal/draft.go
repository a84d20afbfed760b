package seal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	heed "github.com/heed-line/heed"
)

// The draft token: format byte, salt, ciphertext.
const (
	formatDraft   = 0x04
	draftSaltSize = 24
	draftHeader   = 8 + 4 // of the plaintext: expiry, length
	draftBucket   = 1 << 10
	draftLarge    = 16 << 10 // from here on, the bucket too
)

// DraftKey seals the state of a form between its pages, so that the server keeps nothing and the address shows nothing.
type DraftKey struct{ key Key }

// NewDraftKey makes a DraftKey of a Key.
func NewDraftKey(k Key) DraftKey { return DraftKey{k} }

// Seal makes a token, in unpadded base64url, of v's JSON. It opens only as the same kind ("report", "reply", …: one form
// never accepts another's state) and for life from now on. Its length tells that of the state only in steps of 1 KiB, from
// 16 KiB on of 16 KiB. It fails where v has no JSON.
func (k DraftKey) Seal(kind string, v any, now time.Time, life time.Duration) (string, error) {
	return k.seal(rand.Reader, kind, v, now, life)
}

func (k DraftKey) seal(random io.Reader, kind string, v any, now time.Time, life time.Duration) (string, error) {
	state, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("sealing a draft: %w", err)
	}
	defer clear(state)
	plain := make([]byte, padded(draftHeader+len(state), draftBucket, draftLarge))
	defer clear(plain)
	binary.BigEndian.PutUint64(plain, uint64(now.Add(life).UnixMilli()))
	binary.BigEndian.PutUint32(plain[8:], uint32(len(state)))
	copy(plain[draftHeader:], state)

	token := make([]byte, 1+draftSaltSize, 1+draftSaltSize+len(plain)+tagSize)
	token[0] = formatDraft
	draw(random, token[1:])
	key, nonce := k.derive(kind, token[1:])
	return base64.RawURLEncoding.EncodeToString(newGCM(key).Seal(token, nonce, plain, nil)), nil
}

// Open reads into v the state of a token of the same kind.
//
// ErrSealed: it can't be opened. ErrGone: it opened, but its life is over.
func (k DraftKey) Open(kind, token string, now time.Time, v any) error {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") || // which the decoder would skip
		len(sealed) < 1+draftSaltSize+draftHeader+tagSize || sealed[0] != formatDraft {
		return cannotOpen("a draft")
	}
	key, nonce := k.derive(kind, sealed[1:1+draftSaltSize])
	plain, err := newGCM(key).Open(nil, nonce, sealed[1+draftSaltSize:], nil)
	if err != nil {
		return cannotOpen("a draft")
	}
	defer clear(plain)
	expires := time.UnixMilli(int64(binary.BigEndian.Uint64(plain)))
	n := binary.BigEndian.Uint32(plain[8:])
	if uint64(n) > uint64(len(plain)-draftHeader) {
		return cannotOpen("a draft")
	}
	if !now.Before(expires) {
		return fmt.Errorf("opening a draft past its life: %w", heed.ErrGone)
	}
	if err := json.Unmarshal(plain[draftHeader:draftHeader+n], v); err != nil {
		return cannotOpen("a draft") // of an older version, perhaps; json's own words would quote it
	}
	return nil
}

// derive gives each token a key and a nonce of its own from its salt of 192 random bits, so that one long-lived key may
// seal any number of tokens.
func (k DraftKey) derive(kind string, salt []byte) (Key, []byte) {
	info := appendString(appendString(nil, labelDraft), kind)
	out := expand(k.key[:], salt, string(info), keySize+nonceSize)
	defer clear(out[:keySize])
	return Key(out[:keySize]), out[keySize:]
}

// padded is n rounded up to the next multiple of small, or of large where n is over large.
func padded(n, small, large int) int {
	step := small
	if n > large {
		step = large
	}
	return (n + step - 1) / step * step
}
