package seal

import (
	"bytes"
	"crypto/hpke"
	"fmt"

	heed "github.com/heed-line/heed"
)

// formatHPKE is the first byte of what PublicKey.Wrap makes.
const formatHPKE = 0x02

// PublicKey seals to the holder of a PrivateKey: HPKE (RFC 9180, base mode, one shot) with ML-KEM-768 + X25519
// (KEM 0x647a), HKDF-SHA256 and AES-256-GCM. Its Bytes are 1,216 long.
type PublicKey struct{ key hpke.PublicKey }

// PrivateKey is the other half: a 32-byte seed. It prints and logs as "[key]".
type PrivateKey struct{ key hpke.PrivateKey }

// GeneratePrivateKey draws a PrivateKey from the system's randomness.
func GeneratePrivateKey() *PrivateKey {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		panic("seal: no key pair: " + err.Error())
	}
	return &PrivateKey{k}
}

// ParsePublicKey reads what PublicKey.Bytes gave. ErrSealed: it is no public key.
func ParsePublicKey(b []byte) (*PublicKey, error) {
	k, err := hpke.MLKEM768X25519().NewPublicKey(b)
	if err != nil {
		return nil, fmt.Errorf("public key of %d bytes: %w", len(b), heed.ErrSealed)
	}
	return &PublicKey{k}, nil
}

// ParsePrivateKey reads what PrivateKey.Bytes gave. ErrSealed: it is no private key.
func ParsePrivateKey(b []byte) (*PrivateKey, error) {
	k, err := hpke.MLKEM768X25519().NewPrivateKey(bytes.Clone(b)) // it keeps the slice, and callers clear theirs
	if err != nil {
		return nil, fmt.Errorf("private key of %d bytes: %w", len(b), heed.ErrSealed)
	}
	return &PrivateKey{k}, nil
}

// Bytes is the key as RFC 9180's SerializePublicKey gives it.
func (p *PublicKey) Bytes() []byte { return p.key.Bytes() }

// Equal reports whether both are the same key.
func (p *PublicKey) Equal(q *PublicKey) bool { return bytes.Equal(p.Bytes(), q.Bytes()) }

// Bytes is the secret 32-byte seed. The caller clears it when done.
func (k *PrivateKey) Bytes() []byte {
	b, err := k.key.Bytes()
	if err != nil {
		panic("seal: " + err.Error()) // only for keys that live in hardware
	}
	return bytes.Clone(b) // it is the key's own slice, and callers clear theirs
}

// Public is the half that may be known.
func (k *PrivateKey) Public() *PublicKey { return &PublicKey{k.key.PublicKey()} }

// Wrap seals secret to p for the place b: format byte 0x02, the 1,120-byte encapsulated key, ciphertext, 16-byte tag.
// The place is HPKE's info. It fails only where the key is unusable.
func (p *PublicKey) Wrap(b Binding, secret []byte) ([]byte, error) {
	sealed, err := hpke.Seal(p.key, hpke.HKDFSHA256(), hpke.AES256GCM(), b.encode(labelHPKE), secret)
	if err != nil {
		return nil, fmt.Errorf("wrapping %s: %w", b.Field, err)
	}
	return append([]byte{formatHPKE}, sealed...), nil
}

// Unwrap gives back what Wrap sealed to k's public half for the same place. ErrSealed: it can't be opened.
func (k *PrivateKey) Unwrap(b Binding, wrapped []byte) ([]byte, error) {
	if len(wrapped) == 0 || wrapped[0] != formatHPKE {
		return nil, cannotOpen(b.Field)
	}
	secret, err := hpke.Open(k.key, hpke.HKDFSHA256(), hpke.AES256GCM(), b.encode(labelHPKE), wrapped[1:])
	if err != nil {
		return nil, cannotOpen(b.Field)
	}
	return secret, nil
}
