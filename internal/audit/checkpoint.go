package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
)

// Checkpoint is the head of the tree at one moment, which the audit key signs.
type Checkpoint struct {
	Origin string    // the line's id; it names the key too
	Size   uint64    // leaves
	Root   Hash      // of those leaves
	At     time.Time // when it was signed; milliseconds, UTC
}

// atPrefix begins the extension line that says when a Checkpoint was signed.
const (
	atPrefix = "at "
	atLayout = "2006-01-02T15:04:05.000Z" // RFC 3339, always with three decimals and in UTC
)

// Text is what is signed (c2sp.org/tlog-checkpoint): origin, size, root in base64 and "at" with the moment, a line each.
//
// ErrInvalid: an origin that can't name a key, or a moment outside the years 1970 to 9999, or too large a size.
func (c Checkpoint) Text() (string, error) {
	millis := c.At.UnixMilli()
	if !validKeyName(c.Origin) || c.Size > MaxSize || millis < 0 || millis > maxEntryMillis {
		return "", fmt.Errorf("text of a checkpoint of %d leaves: %w", c.Size, heed.ErrInvalid)
	}
	return fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, c.Root, atPrefix, time.UnixMilli(millis).UTC().Format(atLayout)), nil
}

// ParseCheckpoint reads what Text gave; it says nothing about who wrote it. ErrInvalid: Text gives no such text.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" {
		return Checkpoint{}, fmt.Errorf("checkpoint of other lines than four: %w", heed.ErrInvalid)
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("size of a checkpoint: %w", heed.ErrInvalid)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return Checkpoint{}, fmt.Errorf("root of a checkpoint: %w", heed.ErrInvalid)
	}
	at, err := time.Parse(atPrefix+atLayout, lines[3])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("moment of a checkpoint: %w", heed.ErrInvalid)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: Hash(root), At: at}
	if again, err := c.Text(); err != nil || again != text { // a zero in front of the size, and whatever else time.Parse forgives
		return Checkpoint{}, fmt.Errorf("checkpoint in another form than ours: %w", heed.ErrInvalid)
	}
	return c, nil
}

// Sign makes the signed note of c. v is s's public half: a signature that it doesn't verify is never given out.
func (c Checkpoint) Sign(s Signer, v Verifier) ([]byte, error) {
	text, err := c.Text()
	if err != nil {
		return nil, err
	}
	note, err := signNote(text, c.Origin, s, v)
	if err != nil {
		return nil, fmt.Errorf("sign the checkpoint of %d leaves: %w", c.Size, err)
	}
	return note, nil
}

// Open reads a signed Checkpoint of one line. Signatures of other keys beside the audit key's, a witness's for instance, are
// passed over.
//
// ErrInvalid: it is no note, no Checkpoint, another line's, or the key didn't sign it.
func Open(note []byte, origin string, v Verifier) (Checkpoint, error) {
	text, err := openNote(note, origin, v)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open a checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(text)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open a checkpoint: %w", err)
	}
	if c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("open a checkpoint of another line: %w", heed.ErrInvalid)
	}
	return c, nil
}
