package keystore

import (
	"context"
	"fmt"
	"strings"

	heed "github.com/heed-line/heed"
)

// Keystore holds small secrets by name, in whatever can destroy them: a directory, or a database of its own. It is safe for
// concurrent use, also by several processes.
//
// A name is one to eight segments joined by slashes ("day/2026-11-23/transit.91f0c2"), of ASCII letters, digits, dots,
// underscores and hyphens, none beginning with a dot, 200 bytes in all. Every method returns ErrInvalid for another.
type Keystore interface {
	// Get returns the value. ErrNotFound: there is none. ErrSealed: it is damaged, or half destroyed.
	Get(ctx context.Context, name string) ([]byte, error)
	// Create stores a value that must not be there yet; it is durable when Create returns. ErrConflict: there is one.
	// Of several who create one name at once, exactly one succeeds.
	Create(ctx context.Context, name string, value []byte) error
	// Put stores a value in place of an earlier one, which it destroys; it is durable when Put returns.
	Put(ctx context.Context, name string, value []byte) error
	// PutBeside is a Put that happens only while another name's value is there whole, and not in the midst of that one's
	// destruction: who destroys the other and lists then finds all that was ever put beside it, and nothing comes after.
	// ErrNotFound, ErrSealed: the other isn't there, or not whole any more.
	PutBeside(ctx context.Context, name string, value []byte, other string) error
	// Delete destroys the value: overwritten, gone, and durably so when Delete returns. What is not there is no error, so
	// that a Delete cut short is completed by another.
	Delete(ctx context.Context, name string) error
	// List gives the names that begin with prefix, sorted, half-destroyed ones included.
	List(ctx context.Context, prefix string) ([]string, error)
}

const (
	maxName     = 200
	maxSegments = 8
	maxValue    = 64 << 10
)

// checkName refuses whatever could leave the keystore's own place, before any engine sees it.
func checkName(name string) error {
	segments := strings.Split(name, "/")
	if len(name) > maxName || len(segments) > maxSegments {
		return fmt.Errorf("keystore name of %d bytes: %w", len(name), heed.ErrInvalid)
	}
	for _, s := range segments {
		if s == "" || s[0] == '.' || strings.ContainsFunc(s, foreign) {
			return fmt.Errorf("keystore name %q: %w", name, heed.ErrInvalid)
		}
	}
	return nil
}

const nameDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

func foreign(r rune) bool { return !strings.ContainsRune(nameDigits, r) }

func checkValue(name string, value []byte) error {
	if len(value) == 0 || len(value) > maxValue {
		return fmt.Errorf("keystore value of %d bytes for %s: %w", len(value), name, heed.ErrInvalid)
	}
	return nil
}
