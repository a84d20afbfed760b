package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"

	heed "github.com/heed-line/heed"
)

// The files of a Custodian's key that lives on a machine apart: PEM (RFC 7468), so that the public half can be pasted.

const (
	pemCustodian       = "HEED CUSTODIAN KEY"
	pemCustodianPublic = "HEED CUSTODIAN PUBLIC KEY"

	labelCustodianPublic = "heed/custodian-public/1"

	publicKeySize = 1216
	// custodianSum is how many bytes of a hash follow a public half: a character that was lost on the way must not make a
	// Custodian who opens nothing.
	custodianSum = 8
)

// FormatCustodianKey is the file of a key: the public half, and the private half as NewCustodianKey sealed it.
func FormatCustodianKey(public, sealedPrivate []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: pemCustodian, Bytes: append(bytes.Clone(public), sealedPrivate...)})
}

// ParseCustodianKey reads what FormatCustodianKey made. ErrInvalid: it is no such file.
func ParseCustodianKey(text []byte) (public, sealedPrivate []byte, err error) {
	b, err := onlyPEM(text, pemCustodian)
	if err != nil {
		return nil, nil, err
	}
	if len(b) <= publicKeySize {
		return nil, nil, fmt.Errorf("custodian's key of %d bytes: %w", len(b), heed.ErrInvalid)
	}
	return b[:publicKeySize], b[publicKeySize:], nil
}

// FormatCustodianPublic is the file of a key's public half.
func FormatCustodianPublic(public []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: pemCustodianPublic, Bytes: append(bytes.Clone(public), sumOfPublic(public)...)})
}

// ParseCustodianPublic reads what FormatCustodianPublic made, with spaces and line ends of any kind around it. ErrInvalid: it is
// none, or not whole.
func ParseCustodianPublic(text []byte) (*PublicKey, error) {
	b, err := onlyPEM(text, pemCustodianPublic)
	if err != nil {
		return nil, err
	}
	broken := fmt.Errorf("custodian's public half of %d bytes: %w", len(b), heed.ErrInvalid)
	if len(b) != publicKeySize+custodianSum || subtle.ConstantTimeCompare(sumOfPublic(b[:publicKeySize]), b[publicKeySize:]) != 1 {
		return nil, broken
	}
	key, err := ParsePublicKey(b[:publicKeySize])
	if err != nil {
		return nil, broken
	}
	return key, nil
}

func sumOfPublic(public []byte) []byte {
	sum := sha256.Sum256(append([]byte(labelCustodianPublic+"\x00"), public...))
	return sum[:custodianSum]
}

// onlyPEM is the content of the one block that the text holds.
func onlyPEM(text []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(append(bytes.TrimSpace(text), '\n'))
	if block == nil || block.Type != kind || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 ||
		!bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN "+kind)) {
		return nil, fmt.Errorf("no %s: %w", strings.ToLower(kind), heed.ErrInvalid)
	}
	return block.Bytes, nil
}

// Fingerprint is by what people compare a public key, the audit key's included: the first 16 bytes of its SHA-256 in hexadecimal, in
// groups of four.
func Fingerprint(public []byte) string {
	sum := sha256.Sum256(public)
	digits := hex.EncodeToString(sum[:16])
	groups := make([]string, 0, 8)
	for i := 0; i < len(digits); i += 4 {
		groups = append(groups, digits[i:i+4])
	}
	return strings.Join(groups, " ")
}
