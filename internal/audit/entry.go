package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// The first bytes of what docs/audit.md describes, and the bounds of it.
const (
	entryVersion   = 0x01
	commitLabel    = "heed/note/1\x00"
	maxEntryBytes  = 1 << 20
	maxEntryMillis = 253402300799999 // 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write
	seqEnd         = 1 + 8           // where the bytes of Seq end
)

// SaltSize is the length of a note's salt in bytes: so long that a text stays hidden when nothing but its commitment is left, even
// from somebody with a quantum computer and a list of every likely text.
const SaltSize = 32

// Entry is one leaf as the tree holds it: what an AuditLeaf says, its place, and for its note nothing but a commitment.
type Entry struct {
	Seq     uint64    // its place, counted from 1 without a gap; its index in the tree is Seq-1
	At      time.Time // of millisecond precision, in UTC, from 1970 to 9999
	Actor   heed.ID   // staff id; "" for the machine or the reporter
	Act     string    // as in AuditLeaf.Act; never empty
	Report  heed.ID   // "" where it concerns none
	Details []byte    // the bytes of AuditLeaf.Details
	// Commitment is what Commit made of the note, 32 bytes; empty where there is no note.
	Commitment []byte
}

// EntryOf is the Entry of a stored leaf under the number and the moment that the sequencer gave it; the store's own number may
// have gaps. Note and Salt never enter it, only what Bind made of them.
func EntryOf(l *heed.AuditLeaf, seq uint64, at time.Time) Entry {
	return Entry{Seq: seq, At: at, Actor: l.Actor, Act: l.Act, Report: l.Report, Details: l.Details, Commitment: l.Commitment}
}

// Commit binds a leaf to a note's text without telling it: SHA-256("heed/note/1" ‖ 0x00 ‖ salt ‖ text). Once text and salt are
// erased, nobody can test a guess at the text. salt is SaltSize random bytes, drawn for this note alone.
//
// ErrInvalid: the salt has another length.
func Commit(salt []byte, text string) ([]byte, error) {
	if len(salt) != SaltSize {
		return nil, fmt.Errorf("commitment with a salt of %d bytes: %w", len(salt), heed.ErrInvalid)
	}
	return commit(salt, text), nil
}

func commit(salt []byte, text string) []byte {
	h := sha256.New()
	h.Write([]byte(commitLabel))
	h.Write(salt)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Encode gives the bytes that are hashed into the tree (docs/audit.md, "A leaf"); no two entries have the same.
//
// ErrInvalid: it is no Entry: no place, no act, a moment outside the years 1970 to 9999, a commitment of another length than
// 32 bytes, or more than 1 MiB in all.
func (e Entry) Encode() ([]byte, error) {
	millis := e.At.UnixMilli()
	if err := e.check(millis); err != nil {
		return nil, err
	}
	out := []byte{entryVersion}
	out = binary.BigEndian.AppendUint64(out, e.Seq)
	out = binary.BigEndian.AppendUint64(out, uint64(millis))
	for _, field := range e.fields() {
		out = binary.BigEndian.AppendUint32(out, uint32(len(field)))
		out = append(out, field...)
	}
	return out, nil
}

// Decode reads what Encode gave. ErrInvalid: Encode gives no such bytes.
func Decode(b []byte) (Entry, error) {
	if len(b) < seqEnd+8 || b[0] != entryVersion {
		return Entry{}, fmt.Errorf("leaf of an unknown form: %w", heed.ErrInvalid)
	}
	e := Entry{Seq: binary.BigEndian.Uint64(b[1:])}
	millis := int64(binary.BigEndian.Uint64(b[seqEnd:]))
	rest := b[seqEnd+8:]
	var fields [5][]byte
	for i := range fields {
		if len(rest) < 4 || uint64(binary.BigEndian.Uint32(rest)) > uint64(len(rest)-4) {
			return Entry{}, fmt.Errorf("leaf cut short: %w", heed.ErrInvalid)
		}
		end := 4 + int(binary.BigEndian.Uint32(rest))
		fields[i], rest = rest[4:end], rest[end:]
	}
	if len(rest) > 0 {
		return Entry{}, fmt.Errorf("leaf with %d bytes too many: %w", len(rest), heed.ErrInvalid)
	}
	e.At = time.UnixMilli(millis).UTC()
	e.Actor, e.Act, e.Report = heed.ID(fields[0]), string(fields[1]), heed.ID(fields[2])
	e.Details, e.Commitment = append([]byte(nil), fields[3]...), append([]byte(nil), fields[4]...)
	if err := e.check(millis); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// fields are the parts of variable length, in their order.
func (e Entry) fields() [5][]byte {
	return [5][]byte{[]byte(e.Actor), []byte(e.Act), []byte(e.Report), e.Details, e.Commitment}
}

func (e Entry) check(millis int64) error {
	size := 0
	for _, field := range e.fields() {
		size += len(field)
	}
	switch {
	case e.Seq < 1 || e.Seq > MaxSize:
		return fmt.Errorf("leaf without a place: %w", heed.ErrInvalid)
	case e.Act == "":
		return fmt.Errorf("leaf %d without an act: %w", e.Seq, heed.ErrInvalid)
	case millis < 0 || millis > maxEntryMillis:
		return fmt.Errorf("leaf %d of an impossible moment: %w", e.Seq, heed.ErrInvalid)
	case len(e.Commitment) != 0 && len(e.Commitment) != sha256.Size:
		return fmt.Errorf("leaf %d with a commitment of %d bytes: %w", e.Seq, len(e.Commitment), heed.ErrInvalid)
	case size > maxEntryBytes:
		return fmt.Errorf("leaf %d of %d bytes: %w", e.Seq, size, heed.ErrInvalid)
	}
	return nil
}

// placed is b as it would be at another place of the tree: a leaf that was moved or renumbered is known by it.
func placed(b []byte, seq uint64) []byte {
	if len(b) < seqEnd {
		return b
	}
	moved := append([]byte(nil), b...)
	binary.BigEndian.PutUint64(moved[1:], seq)
	return moved
}
