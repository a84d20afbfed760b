package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"

	heed "github.com/heed-line/heed"
)

// Signer signs with Ed25519. It prints and logs as "[key]".
//
// What is signed is "heed " ‖ context ‖ "\n" ‖ message: plain Ed25519 (RFC 8032, 5.1) over a text with the context before it
// and not Ed25519ctx, so that any tool that knows Ed25519 can check a signature.
type Signer struct{ key ed25519.PrivateKey }

// Verifier checks what a Signer signed.
type Verifier struct{ key ed25519.PublicKey }

// GenerateSigner draws a Signer from crypto/rand.
func GenerateSigner() *Signer { return generateSigner(rand.Reader) }

func generateSigner(random io.Reader) *Signer {
	seed := make([]byte, ed25519.SeedSize)
	defer clear(seed)
	draw(random, seed)
	return &Signer{ed25519.NewKeyFromSeed(seed)}
}

// ParseSigner reads a 32-byte seed. ErrSealed: it is another length.
func ParseSigner(seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("signing key of %d bytes: %w", len(seed), heed.ErrSealed)
	}
	return &Signer{ed25519.NewKeyFromSeed(seed)}, nil
}

// ParseVerifier reads a 32-byte public key. ErrSealed: it is another length.
func ParseVerifier(b []byte) (*Verifier, error) {
	if len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("verifying key of %d bytes: %w", len(b), heed.ErrSealed)
	}
	return &Verifier{append(ed25519.PublicKey(nil), b...)}, nil
}

// Seed is the secret 32 bytes.
func (s *Signer) Seed() []byte { return append([]byte(nil), s.key.Seed()...) }

// Verifier is the half that may be known.
func (s *Signer) Verifier() *Verifier { return &Verifier{s.key.Public().(ed25519.PublicKey)} }

// Bytes is the 32-byte public key.
func (v *Verifier) Bytes() []byte { return append([]byte(nil), v.key...) }

// PEM is the public key as openssl reads it (RFC 8410, PEM of a SubjectPublicKeyInfo).
func (v *Verifier) PEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(v.key)
	if err != nil {
		panic("seal: an Ed25519 key has no encoding: " + err.Error()) // of 32 bytes it always has
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// Sign gives the 64-byte signature of message in a context, such as "day-key/1": what was signed for one purpose is
// never accepted for another. A context is a constant of the code's, without line breaks.
func (s *Signer) Sign(context string, message []byte) []byte {
	return ed25519.Sign(s.key, signed(context, message))
}

// Verify checks a signature. ErrInvalid: it is not this key's for this message and context.
func (v *Verifier) Verify(context string, message, signature []byte) error {
	if !ed25519.Verify(v.key, signed(context, message), signature) {
		return fmt.Errorf("signature of %s: %w", context, heed.ErrInvalid)
	}
	return nil
}

// signedPrefix begins whatever is signed in a context, and no note.
const signedPrefix = "heed "

func signed(context string, message []byte) []byte {
	return append([]byte(signedPrefix+context+"\n"), message...)
}
