package seal

import (
	"crypto/ed25519"
	"errors"
	"testing"

	heed "github.com/heed-line/heed"
)

func TestANotesSignatureIsPlainEd25519OverItsText(t *testing.T) {
	s, text := GenerateSigner(), []byte("line\n3\nroot\n")
	sig, err := s.SignNote(text)
	if err != nil || !ed25519.Verify(s.Verifier().Bytes(), text, sig) {
		t.Fatalf("it is something else: %v", err)
	}
	if err := s.Verifier().VerifyNote(text, sig); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"another text":  s.Verifier().VerifyNote([]byte("line\n4\nroot\n"), sig),
		"another key":   GenerateSigner().Verifier().VerifyNote(text, sig),
		"a cut one":     s.Verifier().VerifyNote(text, sig[:63]),
		"none":          s.Verifier().VerifyNote(text, nil),
		"as a contexts": s.Verifier().Verify("package/1", text, sig),
	} {
		if !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What is signed in a context must not be had by asking for the signature of a note, nor count as one.
func TestANoteNeverPassesForWhatWasSignedInAContext(t *testing.T) {
	s := GenerateSigner()
	for _, text := range []string{"", "line", "heed package/1\nmanifest\n", "heed day-key/1\n\n", "heed \n"} {
		if sig, err := s.SignNote([]byte(text)); !errors.Is(err, heed.ErrInvalid) || sig != nil {
			t.Errorf("%q was signed: %v", text, err)
		}
	}
	sig := s.Sign("package/1", []byte("manifest\n"))
	if err := s.Verifier().VerifyNote([]byte("heed package/1\nmanifest\n"), sig); !errors.Is(err, heed.ErrInvalid) {
		t.Error("a signature in a context counts as a note's")
	}
}
