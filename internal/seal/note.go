package seal

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	heed "github.com/heed-line/heed"
)

// SignNote gives the 64-byte signature of a note's text as c2sp.org/signed-note has it: plain Ed25519 over the text alone, so that
// witnesses' own tools can check it. The contexts of Sign stay apart from it, because no text that begins as theirs do is signed here.
//
// ErrInvalid: the text begins with "heed ", doesn't end in a line break, or is empty.
func (s *Signer) SignNote(text []byte) ([]byte, error) {
	if !isNoteText(text) {
		return nil, fmt.Errorf("sign a note: %w", heed.ErrInvalid)
	}
	return ed25519.Sign(s.key, text), nil
}

// VerifyNote checks what SignNote signed. ErrInvalid: it is not this key's signature of this text, or no text of a note.
func (v *Verifier) VerifyNote(text, signature []byte) error {
	if !isNoteText(text) || !ed25519.Verify(v.key, text, signature) {
		return fmt.Errorf("signature of a note: %w", heed.ErrInvalid)
	}
	return nil
}

func isNoteText(text []byte) bool {
	return bytes.HasSuffix(text, []byte("\n")) && !bytes.HasPrefix(text, []byte(signedPrefix))
}
