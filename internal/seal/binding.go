package seal

import (
	"encoding/binary"
)

// Binding is the place that a sealed text belongs to. It is authenticated with the text (as associated data, or as HPKE's
// info), so that bytes moved to another line, report, field or version of the format don't open there.
type Binding struct {
	Line    string // the line's id
	Report  string // the report's id; "" for what belongs to none
	Field   string // what it is: "content", "attachment-name", …; with further ids after a slash where the field repeats
	Version uint32 // of the plaintext's form, 1 at first
}

// The labels that keep the formats of this package apart: no bytes of one are ever accepted as another.
const (
	labelSealed = "heed/sealed/1"
	labelHPKE   = "heed/wrapped/1"
	labelFrames = "heed/frames/1"
	labelPadded = "heed/frames/2"
	labelDraft  = "heed/draft/1"
)

// encode gives label and b in one unambiguous form: each string with its length before it, as four bytes big-endian.
func (b Binding) encode(label string) []byte {
	out := make([]byte, 0, 20+len(label)+len(b.Line)+len(b.Report)+len(b.Field))
	out = appendString(out, label)
	out = appendString(out, b.Line)
	out = appendString(out, b.Report)
	out = appendString(out, b.Field)
	return binary.BigEndian.AppendUint32(out, b.Version)
}

// appendString appends s behind its length.
func appendString[T string | []byte](out []byte, s T) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(s)))
	return append(out, s...)
}
