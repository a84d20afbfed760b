package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// Signer signs the text of a note with plain Ed25519. The Signer of package seal does.
type Signer interface {
	// SignNote gives the 64-byte signature of the text itself. ErrInvalid: it is no text that may be signed so.
	SignNote(text []byte) ([]byte, error)
}

// Verifier checks what a Signer signed. The Verifier of package seal does.
type Verifier interface {
	// Bytes is the 32-byte public key.
	Bytes() []byte
	// VerifyNote checks the signature of a text. ErrInvalid: it is not this key's.
	VerifyNote(text, signature []byte) error
}

// A note is a text with signatures (c2sp.org/signed-note).
const (
	noteEd25519   = 0x01      // the signature type of plain Ed25519
	noteKeyID     = 4         // bytes of a key's id before each signature
	maxNote       = 128 << 10 // room for the 16 signatures of any kind that a reader must accept
	maxSignatures = 64
)

// signature is one line below a note's text.
type signature struct {
	name  string
	keyID [noteKeyID]byte
	bytes []byte
}

// keyID tells a key among those of one name: the first bytes of SHA-256(name ‖ 0x0a ‖ 0x01 ‖ public key).
func keyID(name string, public []byte) [noteKeyID]byte {
	sum := sha256.Sum256(append([]byte(name+"\n\x01"), public...))
	return [noteKeyID]byte(sum[:noteKeyID])
}

// VerifierKey writes a public key as tools for signed notes take it: name+id+key, the id in hexadecimal, the key in base64
// behind its signature type.
//
// ErrInvalid: the name can't name a key.
func VerifierKey(name string, v Verifier) (string, error) {
	if !validKeyName(name) {
		return "", fmt.Errorf("name of a verifier key: %w", heed.ErrInvalid)
	}
	public := v.Bytes()
	return fmt.Sprintf("%s+%x+%s", name, keyID(name, public),
		base64.StdEncoding.EncodeToString(append([]byte{noteEd25519}, public...))), nil
}

// signNote puts a signature line below the text.
func signNote(text, name string, s Signer, v Verifier) ([]byte, error) {
	sig, err := s.SignNote([]byte(text))
	if err != nil {
		return nil, err
	}
	if err := v.VerifyNote([]byte(text), sig); err != nil {
		return nil, fmt.Errorf("check one's own signature: %w", err)
	}
	id := keyID(name, v.Bytes())
	return fmt.Appendf(nil, "%s\n— %s %s\n", text, name, base64.StdEncoding.EncodeToString(append(id[:], sig...))), nil
}

// openNote gives the text of a note that the key signed under the name. Lines of other keys, such as witnesses', are passed
// over. ErrInvalid: it is no note, lacks the signature, or holds a false one.
func openNote(note []byte, name string, v Verifier) (string, error) {
	text, signatures, err := parseNote(note)
	if err != nil {
		return "", err
	}
	id, signed := keyID(name, v.Bytes()), false
	for _, s := range signatures {
		if s.name != name || s.keyID != id {
			continue
		}
		if err := v.VerifyNote([]byte(text), s.bytes); err != nil {
			return "", fmt.Errorf("signature of a note: %w", err)
		}
		signed = true
	}
	if !signed {
		return "", fmt.Errorf("note that the key did not sign: %w", heed.ErrInvalid)
	}
	return text, nil
}

// parseNote splits a note into its text, the last line break included, and its signatures, of which there is at least one.
func parseNote(note []byte) (string, []signature, error) {
	if len(note) > maxNote || !utf8.Valid(note) || bytes.ContainsFunc(note, func(r rune) bool { return r < ' ' && r != '\n' }) {
		return "", nil, fmt.Errorf("note of no plain text: %w", heed.ErrInvalid)
	}
	border := bytes.LastIndex(note, []byte("\n\n"))
	if border < 0 {
		return "", nil, fmt.Errorf("note without signatures: %w", heed.ErrInvalid)
	}
	lines, ended := strings.CutSuffix(string(note[border+2:]), "\n")
	if !ended || strings.Count(lines, "\n") >= maxSignatures {
		return "", nil, fmt.Errorf("signatures of a note: %w", heed.ErrInvalid)
	}
	var signatures []signature
	for line := range strings.SplitSeq(lines, "\n") {
		s, ok := parseSignature(line)
		if !ok {
			return "", nil, fmt.Errorf("signature line of a note: %w", heed.ErrInvalid)
		}
		signatures = append(signatures, s)
	}
	return string(note[:border+1]), signatures, nil
}

func parseSignature(line string) (signature, bool) {
	rest, ok := strings.CutPrefix(line, "— ")
	if !ok {
		return signature{}, false
	}
	name, encoded, ok := strings.Cut(rest, " ")
	if !ok || !validKeyName(name) {
		return signature{}, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(b) <= noteKeyID {
		return signature{}, false
	}
	return signature{name, [noteKeyID]byte(b), b[noteKeyID:]}, true
}

// validKeyName says whether a key can have the name: not empty, without spaces, plus signs and control characters.
func validKeyName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+'
	})
}
