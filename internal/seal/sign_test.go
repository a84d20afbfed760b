package seal

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	heed "github.com/heed-line/heed"
)

func TestASignatureHoldsForItsMessageContextAndKeyAlone(t *testing.T) {
	s, err := ParseSigner(GenerateSigner().Seed())
	if err != nil {
		t.Fatal(err)
	}
	v, err := ParseVerifier(s.Verifier().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	sig := s.Sign("package/1", []byte("manifest"))
	if err := v.Verify("package/1", []byte("manifest"), sig); err != nil {
		t.Fatal(err)
	}
	for i := range sig {
		changed := append([]byte(nil), sig...)
		changed[i] ^= 1
		if err := v.Verify("package/1", []byte("manifest"), changed); !errors.Is(err, heed.ErrInvalid) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	for what, err := range map[string]error{
		"another context": v.Verify("day-key/1", []byte("manifest"), sig),
		"another message": v.Verify("package/1", []byte("manifesto"), sig),
		"a moved border":  v.Verify("package", []byte("/1\nmanifest"), sig),
		"another key":     GenerateSigner().Verifier().Verify("package/1", []byte("manifest"), sig),
		"a cut one":       v.Verify("package/1", []byte("manifest"), sig[:63]),
	} {
		if !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Anybody can check a signature with the context in front of the message and plain Ed25519.
func TestASignatureIsPlainEd25519OverContextAndMessage(t *testing.T) {
	s := GenerateSigner()
	if !ed25519.Verify(s.Verifier().Bytes(), []byte("heed package/1\nmanifest"), s.Sign("package/1", []byte("manifest"))) {
		t.Fatal("it is something else")
	}
}

func TestKeysOfAWrongLengthAreRefused(t *testing.T) {
	for _, b := range [][]byte{nil, make([]byte, 31), make([]byte, 33), make([]byte, 64)} {
		_, signer := ParseSigner(b)
		_, verifier := ParseVerifier(b)
		_, key := ParseKey(b)
		for _, err := range []error{signer, verifier, key} {
			if !errors.Is(err, heed.ErrSealed) {
				t.Errorf("%d bytes: %v", len(b), err)
			}
		}
	}
}

func TestAPublicKeyReadsAsAnyToolWantsIt(t *testing.T) {
	v := GenerateSigner().Verifier()
	block, rest := pem.Decode(v.PEM())
	if block == nil || block.Type != "PUBLIC KEY" || len(rest) > 0 {
		t.Fatalf("%s", v.PEM())
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil || !v.key.Equal(key.(ed25519.PublicKey)) {
		t.Fatal(err)
	}
}
