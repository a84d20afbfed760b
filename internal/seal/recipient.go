package seal

import (
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	heed "github.com/heed-line/heed"
)

// Recipient is a Department's public key for the age tool.
type Recipient struct {
	recipient age.Recipient
	text      string
	hybrid    bool
}

// ParseRecipient reads a public key as `age-keygen` prints it: "age1pq1…" (ML-KEM-768 + X25519, age 1.3 and later) or "age1…"
// (X25519 alone, any age). ErrInvalid: it is neither.
func ParseRecipient(s string) (Recipient, error) {
	s = strings.TrimSpace(s)
	if r, err := age.ParseHybridRecipient(s); err == nil {
		return Recipient{r, s, true}, nil
	}
	if r, err := age.ParseX25519Recipient(s); err == nil {
		return Recipient{r, s, false}, nil
	}
	return Recipient{}, fmt.Errorf("age recipient: %w", heed.ErrInvalid)
}

// PostQuantum reports whether a package to r stays closed to a quantum computer.
func (r Recipient) PostQuantum() bool { return r.hybrid }

// String is the public key as it was parsed.
func (r Recipient) String() string { return r.text }

// EncryptTo seals what is written as an age file (age-encryption.org/v1) for one or more recipients, who must all be of one
// kind. Close writes the end; it doesn't close w. ErrInvalid: no recipient, or of both kinds.
func EncryptTo(w io.Writer, to ...Recipient) (io.WriteCloser, error) {
	recipients := make([]age.Recipient, len(to))
	for i, r := range to {
		if r.recipient == nil || r.hybrid != to[0].hybrid {
			return nil, fmt.Errorf("age recipients of both kinds, or none: %w", heed.ErrInvalid)
		}
		recipients[i] = r.recipient
	}
	if len(to) == 0 {
		return nil, fmt.Errorf("age file for nobody: %w", heed.ErrInvalid)
	}
	out, err := age.Encrypt(w, recipients...)
	if err != nil {
		return nil, fmt.Errorf("sealing to an age recipient: %w", err)
	}
	return out, nil
}

// GenerateRecipient makes a Department's key pair, as `age-keygen` does, for demonstrations and tests: the secret identity
// ("AGE-SECRET-KEY-…") and the recipient.
func GenerateRecipient(postQuantum bool) (identity, recipient string) {
	if postQuantum {
		i, err := age.GenerateHybridIdentity()
		if err != nil {
			panic("seal: no age key: " + err.Error()) // only without randomness
		}
		return i.String(), i.Recipient().String()
	}
	i, err := age.GenerateX25519Identity()
	if err != nil {
		panic("seal: no age key: " + err.Error())
	}
	return i.String(), i.Recipient().String()
}

// OpenAge opens an age file with a secret identity, as a Department does with the age tool. ErrSealed: it can't be opened;
// a fault further on shows in Read.
func OpenAge(r io.Reader, identity string) (io.Reader, error) {
	identities, err := age.ParseIdentities(strings.NewReader(identity))
	if err != nil {
		return nil, fmt.Errorf("age identity: %w", heed.ErrInvalid) // the cause would quote a secret
	}
	plain, err := age.Decrypt(r, identities...)
	if err != nil {
		return nil, cannotOpen("an age file")
	}
	return plain, nil
}
