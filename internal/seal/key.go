package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"

	heed "github.com/heed-line/heed"
)

// Sizes in bytes.
const (
	keySize   = 32
	nonceSize = 12
	tagSize   = 16
)

// formatSealed is the first byte of what Key.Seal makes.
const formatSealed = 0x01

// Key is an AES-256-GCM key. The zero Key seals nothing: Seal panics, Open fails.
//
// It prints and logs as "[key]"; only MarshalText, which a sealed draft needs, gives it away.
type Key [keySize]byte

// NewKey draws a Key from crypto/rand.
func NewKey() Key { return newKey(rand.Reader) }

func newKey(random io.Reader) Key {
	var k Key
	draw(random, k[:])
	return k
}

// draw fills b. Randomness that fails must end the program: there is nothing safe to go on with.
func draw(random io.Reader, b []byte) {
	if _, err := io.ReadFull(random, b); err != nil {
		panic("seal: no randomness: " + err.Error())
	}
}

// ParseKey takes the 32 bytes of a key as the keystore holds them. ErrSealed: it is another length, or all zero.
func ParseKey(b []byte) (Key, error) {
	var k Key
	if len(b) != keySize {
		return k, fmt.Errorf("key of %d bytes: %w", len(b), heed.ErrSealed)
	}
	copy(k[:], b)
	if k == (Key{}) {
		return k, fmt.Errorf("key of zeros: %w", heed.ErrSealed)
	}
	return k, nil
}

// Seal encrypts plaintext for the place b: format byte 0x01, a random 12-byte nonce, ciphertext, 16-byte tag. That is
// 29 bytes more than plaintext. A Key may seal 2³² texts at most (NIST SP 800-38D, 8.3); ours are one per report.
func (k Key) Seal(b Binding, plaintext []byte) []byte { return k.seal(rand.Reader, b, plaintext) }

func (k Key) seal(random io.Reader, b Binding, plaintext []byte) []byte {
	if k == (Key{}) {
		panic("seal: sealing under no key")
	}
	out := make([]byte, 1+nonceSize, 1+nonceSize+len(plaintext)+tagSize)
	out[0] = formatSealed
	draw(random, out[1:])
	return newGCM(k).Seal(out, out[1:1+nonceSize], plaintext, b.encode(labelSealed))
}

// Open gives back what Seal sealed for the same place. ErrSealed: it can't be opened.
func (k Key) Open(b Binding, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+nonceSize+tagSize || sealed[0] != formatSealed || k == (Key{}) {
		return nil, cannotOpen(b.Field)
	}
	nonce, ciphertext := sealed[1:1+nonceSize], sealed[1+nonceSize:]
	plaintext, err := newGCM(k).Open(nil, nonce, ciphertext, b.encode(labelSealed))
	if err != nil {
		return nil, cannotOpen(b.Field)
	}
	return plaintext, nil
}

func cannotOpen(what string) error { return fmt.Errorf("opening %s: %w", what, heed.ErrSealed) }

func newGCM(k Key) cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // only for a length that Key can't have
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for a block size that AES hasn't
	}
	return gcm
}

// MarshalText gives the key away in unpadded base64url, so that it can travel inside something sealed. The zero Key is "".
func (k Key) MarshalText() ([]byte, error) {
	if k == (Key{}) {
		return []byte{}, nil
	}
	return base64.RawURLEncoding.AppendEncode(nil, k[:]), nil
}

// UnmarshalText reads what MarshalText wrote. ErrSealed: it is nothing of the kind.
func (k *Key) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*k = Key{}
		return nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err != nil {
		return cannotOpen("a key's text")
	}
	parsed, err := ParseKey(b)
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
