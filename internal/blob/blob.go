// Package blob keeps sealed bytes: files and packages, each under a random key, in a directory.
//
// What is written here was sealed by the caller. This package may import the root and what speaks S3, and must never see a
// key, a file's name or a clear byte.
package blob

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/heed-line/heed"
)

// Store keeps sealed bytes. Every implementation is held to the same tests.
type Store interface {
	// Create begins a blob. It doesn't exist for Open until Commit returned nil.
	Create(ctx context.Context) (Writer, error)
	// CreateAs begins a blob under the key that it had in a backup. heed.ErrNotFound: that names no blob.
	CreateAs(ctx context.Context, key string) (Writer, error)
	// Open reads a blob from its start. heed.ErrNotFound: there is none of that key.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// OpenRange reads at most length bytes of a blob, from its byte number from: fewer, or none, where the blob ends sooner.
	// Neither may be negative. heed.ErrNotFound: there is none of that key.
	OpenRange(ctx context.Context, key string, from, length int64) (io.ReadCloser, error)
	// Size is a blob's length in bytes. heed.ErrNotFound: there is none of that key.
	Size(ctx context.Context, key string) (int64, error)
	// Delete removes a blob. heed.ErrNotFound: there was none.
	Delete(ctx context.Context, key string) error
}

// AbandonedAfter is how long an unfinished blob may stand: longer than the slowest upload is allowed.
const AbandonedAfter = 24 * time.Hour

// Place is a Store as those see it who keep a line running.
type Place interface {
	Store
	// Empty says whether there is no blob.
	Empty(ctx context.Context) (bool, error)
	// RemoveAbandoned removes what dead processes wrote of blobs that stand unfinished since that moment, and says of how many.
	RemoveAbandoned(ctx context.Context, before time.Time) (int, error)
}

// Writer writes one blob.
type Writer interface {
	io.Writer
	// Key is under which the blob will be found, known before the first byte.
	Key() string
	// Commit makes the blob durable. Nothing may be written after it.
	Commit(ctx context.Context) error
	// Abort forgets what was written. After Commit it does nothing.
	Abort() error
}

// keyBytes is the length of a random key: 160 bits, 32 digits.
const keyBytes = 20

func keyDigits() *base32.Encoding {
	return base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
}

func newKey() string {
	var b [keyBytes]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	return keyDigits().EncodeToString(b[:])
}

// checkKey refuses what could name anything but a blob.
func checkKey(key string) error {
	b, err := keyDigits().DecodeString(key)
	if err != nil || len(b) != keyBytes || strings.ContainsAny(key, "\r\n") {
		return fmt.Errorf("blob key of %d characters: %w", len(key), heed.ErrNotFound)
	}
	return nil
}

// checkRange refuses what is no part of any blob.
func checkRange(from, length int64) error {
	if from < 0 || length < 0 || from+length < 0 {
		return fmt.Errorf("read %d bytes of a blob from byte %d: %w", length, from, heed.ErrInvalid)
	}
	return nil
}
