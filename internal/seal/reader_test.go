package seal_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The files reader….go are a second reader of what docs/crypto.md describes, written from that page. They share no code with the
// package: the standard library's and golang.org/x/crypto's primitives are all they have, and HPKE is put together from its parts.

// readers has for each file of vectors the function that reads one vector by that page alone, and fails where it finds another
// thing than the vector says. A new format's row stands here before its vectors can.
func readers() map[string]func(json.RawMessage) error {
	return map[string]func(json.RawMessage) error{
		"binding.json":        reading(readBinding),
		"sealed.json":         reading(readSealed),
		"wrapped.json":        reading(readWrapped),
		"file-key.json":       reading(readWrapped),
		"frames.json":         reading(readFrames),
		"padded.json":         reading(readPadded),
		"draft.json":          reading(readDraft),
		"upload.json":         reading(readUpload),
		"custodian.json":      reading(readCustodian),
		"receipt.json":        reading(readReceipt),
		"passphrase.json":     reading(readPassphrase),
		"signature.json":      reading(readSignature),
		"matching.json":       reading(readMatching),
		"ticket.json":         reading(readTicket),
		"backup.json":         reading(readBackup),
		"signin.json":         reading(readSignIn),
		"disclosure.json":     reading(readDisclosure),
		"disclosed-file.json": reading(readDisclosedFile),
		"apart-request.json":  reading(readApartRequest),
		"apart-answer.json":   reading(readApartAnswer),
		"apart-file.json":     reading(readApartFile),
		"custodian-file.json": reading(readCustodianFile),
		"agreement.json":      reading(readAgreement),
		"approval.json":       reading(readApproval),
		"model.json":          reading(readModel),
		"adoption.json":       reading(readAdoption),
		"call.json":           reading(readCall),
		"call-receipt.json":   reading(readCallReceipt),
		"call-back.json":      reading(readCallBack),
		"safe-copy.json":      reading(readSafeCopy),
		"redacted.json":       reading(readRedacted),
		"staff-draft.json":    reading(readStaffDraft),
		"transcript.json":     reading(readTranscript),
	}
}

func TestEverySealedFormatHasASecondReader(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of vectors, %v", len(files), err)
	}
	unread := readers()
	for _, file := range files {
		name := filepath.Base(file)
		read := unread[name]
		delete(unread, name)
		t.Run(name, func(t *testing.T) {
			if read == nil {
				t.Fatalf("no second reader reads %s. Describe the format in docs/crypto.md; then, looking at that page and not at the package, write a "+
					"function from one vector to an error in a file reader_….go here, which imports nothing of this module, and give it a row in readers.", file)
			}
			for i, v := range vectorsOf(t, file) {
				if err := read(v); err != nil {
					t.Errorf("vector %d: %v", i, err)
				}
			}
		})
	}
	for name := range unread {
		t.Errorf("testdata/%s is gone: what was sealed once must open for ever", name)
	}
}

// A reader that looked at nothing would pass above: each must notice when any one thing that a vector says is another.
func TestTheSecondReaderNoticesAnyChangedVector(t *testing.T) {
	for name, read := range readers() {
		for i, v := range vectorsOf(t, filepath.Join("testdata", name)) {
			d := json.NewDecoder(bytes.NewReader(v))
			d.UseNumber()
			var whole any
			if err := d.Decode(&whole); err != nil {
				t.Fatal(err)
			}
			changes := 0
			changeEach(whole, func(what string) {
				changes++
				if text, err := json.Marshal(whole); err != nil || read(text) == nil {
					t.Errorf("%s, vector %d: nobody notices another %s (%v)", name, i, what, err)
				}
			})
			if changes < 2 {
				t.Errorf("%s, vector %d: only %d changes were tried", name, i, changes)
			}
		}
	}
}

// changeEach changes each text and number inside v for the time of a call of try.
func changeEach(v any, try func(what string)) {
	change := func(what string, old any, set func(any)) {
		switch leaf := old.(type) {
		case string:
			changed, ok := another(leaf)
			if !ok {
				return
			}
			set(changed)
		case json.Number:
			changed, _ := another(string(leaf))
			set(json.Number(changed))
		default:
			changeEach(old, try)
			return
		}
		try(what)
		set(old)
	}
	switch v := v.(type) {
	case map[string]any:
		for field, old := range v {
			change(field, old, func(x any) { v[field] = x })
		}
	case []any:
		for i, old := range v {
			change("member of a list", old, func(x any) { v[i] = x })
		}
	}
}

// another is text with its last digit or small letter exchanged, in the alphabet of hexadecimal where it was one of that. ok is
// false where it has neither.
func another(text string) (changed string, ok bool) {
	b := []byte(text)
	for i, c := range slices.Backward(b) {
		switch {
		case c == '0' || c >= 'a' && c < 'f':
			b[i]++
			return string(b), true
		case c > '0' && c <= '9' || c >= 'f' && c <= 'z':
			b[i]--
			return string(b), true
		}
	}
	return text, false
}

func vectorsOf(t *testing.T, file string) (vs []json.RawMessage) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &vs); err != nil || len(vs) == 0 {
		t.Fatalf("%s: %d vectors, %v", file, len(vs), err)
	}
	return vs
}

// reading makes a reader of raw JSON of a reader of one sort of vector; a field that it doesn't know is a fault.
func reading[T any](read func(T) error) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		var v T
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			return err
		}
		return read(v)
	}
}

// octets stand in the vectors in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

// is fails where got isn't want.
func is(what string, got, want []byte) error {
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s is %x, want %x", what, got, want)
	}
	return nil
}

var errShort = errors.New("too short")

// str is the page's str(x).
func str(x []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(x))), x...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// unstr takes the n strings apart that b is joined of.
func unstr(b []byte, n int) (parts [][]byte, err error) {
	for range n {
		if len(b) < 4 || uint64(len(b)-4) < uint64(binary.BigEndian.Uint32(b)) {
			return nil, errShort
		}
		size := binary.BigEndian.Uint32(b)
		parts, b = append(parts, b[4:4+size]), b[4+size:]
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(b))
	}
	return parts, nil
}
