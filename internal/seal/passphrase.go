package seal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"

	heed "github.com/heed-line/heed"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// argonCost is Argon2id's cost.
type argonCost struct {
	memory, time uint32 // KiB, passes
	threads      uint8
}

// The cost of a passphrase: 64 MiB, about 80 ms of one core. What bounds how many run at once is the caller's.
const (
	passphraseMemory  = 64 * 1024
	passphraseTime    = 2
	passphraseThreads = 1
)

// passphraseCost is the cost above. In a test's binary, and in no other, it is a thirty-second of that: the tests sign people in
// some thousand times, which would take more than half of their time. Those of this package hold the real cost to its vectors.
func passphraseCost() argonCost {
	if testing.Testing() {
		return argonCost{memory: passphraseMemory / 32, time: passphraseTime, threads: passphraseThreads}
	}
	return realPassphraseCost()
}

func realPassphraseCost() argonCost {
	return argonCost{memory: passphraseMemory, time: passphraseTime, threads: passphraseThreads}
}

// What VerifyPassphrase accepts of an encoded hash: costs may be raised later, not without bound.
const (
	maxPassphraseMemory = 256 * 1024
	maxPassphraseTime   = 16
	passphraseSalt      = 16
)

// HashPassphrase encodes p's Argon2id hash in the PHC string format ("$argon2id$v=19$m=65536,t=2,p=1$salt$hash").
func HashPassphrase(p string) string { return hashPassphrase(rand.Reader, passphraseCost(), p) }

func hashPassphrase(random io.Reader, cost argonCost, p string) string {
	salt := make([]byte, passphraseSalt)
	draw(random, salt)
	h := cost.derive(p, salt, keySize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.time, cost.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(h))
}

// VerifyPassphrase reports whether p is the passphrase of an encoded hash. It is false for what is no such hash.
func VerifyPassphrase(encoded, p string) bool {
	cost, salt, want, err := parsePassphrase(encoded)
	if err != nil {
		return false
	}
	got := cost.derive(p, salt, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// parsePassphrase reads the PHC form. ErrInvalid: it is not that, or its cost is out of bounds.
func parsePassphrase(encoded string) (cost argonCost, salt, hash []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return cost, nil, nil, fmt.Errorf("encoded passphrase: %w", heed.ErrInvalid)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.memory, &cost.time, &cost.threads); err != nil {
		return cost, nil, nil, fmt.Errorf("cost of an encoded passphrase: %w", heed.ErrInvalid)
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	hash, hashErr := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	canonical := fmt.Sprintf("m=%d,t=%d,p=%d", cost.memory, cost.time, cost.threads) == parts[3]
	ok := canonical && saltErr == nil && hashErr == nil && len(salt) >= 8 && len(salt) <= 64 && len(hash) >= 16 && len(hash) <= 64 &&
		cost.memory <= maxPassphraseMemory && cost.time >= 1 && cost.time <= maxPassphraseTime &&
		cost.threads >= 1 && cost.threads <= 16
	if !ok {
		return cost, nil, nil, fmt.Errorf("encoded passphrase: %w", heed.ErrInvalid)
	}
	return cost, salt, hash, nil
}

func (c argonCost) derive(passphrase string, salt []byte, n uint32) []byte {
	p := []byte(normalPassphrase(passphrase))
	defer clear(p)
	return argon2.IDKey(p, salt, c.time, c.memory, c.threads, n)
}

// normalPassphrase makes the same bytes of what different keyboards make of one passphrase: Unicode NFC, and every space
// the ASCII one (RFC 8265, 4.2.2, OpaqueString).
func normalPassphrase(p string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, p))
}
