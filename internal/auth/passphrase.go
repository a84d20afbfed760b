package auth

import (
	"context"
	_ "embed"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// A passphrase's lengths: characters at least (NIST SP 800-63B-4 asks for 15 where it is the only factor of the highest
// kind, 8 where it is one of two, as here where a second one is set up), bytes at most, so that hashing is bounded.
const (
	MinPassphrase = 12
	maxPassphrase = 1024
)

// commonPassphrases are refused, whatever stands before or after them in digits: one a line, lower case, without spaces.
//
//go:embed common.txt
var commonPassphrases string

// normal counts a passphrase as seal hashes it: the same whatever keyboard made it (NIST SP 800-63B-4 §3.1.1.2).
func normal(passphrase string) string { return norm.NFC.String(passphrase) }

// CheckPassphrase says what is wrong with a new passphrase, as a *heed.Problem in the field "passphrase", or nil.
func CheckPassphrase(name, passphrase string) error {
	p := normal(passphrase)
	problem := func(code string) error {
		return &heed.Problem{Field: "passphrase", Code: code, Args: map[string]any{"Min": MinPassphrase}}
	}
	switch {
	case !utf8.ValidString(passphrase) || len(p) > maxPassphrase:
		return problem("passphrase-too-long")
	case utf8.RuneCountInString(p) < MinPassphrase:
		return problem("passphrase-short")
	}
	core := strings.ToLower(strings.Join(strings.Fields(p), ""))
	if n := strings.ToLower(strings.Join(strings.Fields(name), "")); n != "" {
		if rest := strings.ReplaceAll(core, n, ""); utf8.RuneCountInString(rest) < MinPassphrase/2 && rest != core {
			return problem("passphrase-like-name")
		}
	}
	if isCommon(core) {
		return problem("passphrase-common")
	}
	return nil
}

// isCommon finds the listed ones, repeated ("passwordpassword"), with digits or signs around ("Password1234!"), and
// those of fewer than four different characters.
func isCommon(core string) bool {
	different := map[rune]bool{}
	for _, r := range core {
		different[r] = true
	}
	if len(different) < 4 {
		return true
	}
	bare := strings.TrimFunc(core, func(r rune) bool { return r < 'a' && r < 128 || r > 'z' && r < 128 })
	for common := range strings.Lines(commonPassphrases) {
		common = strings.TrimSpace(common)
		if common == "" {
			continue
		}
		if core == common || bare == common || strings.ReplaceAll(core, common, "") == "" ||
			(bare != "" && strings.ReplaceAll(bare, common, "") == "") {
			return true
		}
	}
	return false
}

// hash derives the encoded hash of a new passphrase in one of the bounded slots.
func (s *Service) hash(ctx context.Context, passphrase string) (encoded string, err error) {
	err = s.derive.do(ctx, func() { encoded = seal.HashPassphrase(passphrase) })
	return encoded, err
}

// verify compares in one of the bounded slots. encoded "" stands for an account that isn't there: nothing is its passphrase, and
// hashing one costs as much as comparing does.
func (s *Service) verify(ctx context.Context, encoded, passphrase string) (right bool, err error) {
	err = s.derive.do(ctx, func() {
		if encoded == "" {
			seal.HashPassphrase(passphrase)
			return
		}
		right = seal.VerifyPassphrase(encoded, passphrase)
	})
	return right, err
}
