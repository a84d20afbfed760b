package heed

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

// ID names a Report, Message, staff member or any other record: 26 lower-case base-32 digits (Crockford's alphabet), of
// which the first ten hold milliseconds since 1970 and the rest 80 random bits, so that ids sort by time as ULIDs do.
type ID string

var idDigits = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an id for the given moment, with randomness from crypto/rand.
func NewID(now time.Time) ID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	rand.Read(b[6:]) // never fails: it ends the program instead
	return ID(idDigits.EncodeToString(b[:]))
}

// ParseID checks that s has the form of an ID.
//
// It returns ErrInvalid where it has not.
func ParseID(s string) (ID, error) {
	if len(s) != 26 {
		return "", fmt.Errorf("id of %d characters: %w", len(s), ErrInvalid)
	}
	if _, err := idDigits.DecodeString(s); err != nil {
		return "", fmt.Errorf("id with a foreign digit: %w", ErrInvalid)
	}
	return ID(s), nil
}

// Short is the form that people read out to each other: the last eight digits in two groups ("7k3f-92qx").
func (id ID) Short() string {
	if len(id) != 26 {
		return string(id)
	}
	return string(id[18:22] + "-" + id[22:])
}
