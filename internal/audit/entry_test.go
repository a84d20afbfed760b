package audit_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

func someEntry() audit.Entry {
	return audit.Entry{
		Seq: 7, At: time.Date(2026, 11, 24, 12, 0, 0, 5_000_000, time.UTC), Actor: "staff", Act: "report.read", Report: "report",
		Details: []byte("{}"), Commitment: bytes.Repeat([]byte{9}, 32),
	}
}

func TestALeafReadsBackAsItWasWritten(t *testing.T) {
	least := audit.Entry{Seq: 1, At: time.UnixMilli(0).UTC(), Act: "a"}
	last := audit.Entry{Seq: audit.MaxSize, At: time.UnixMilli(253402300799999).UTC(), Act: "a", Details: make([]byte, 1<<20-1)}
	for _, e := range []audit.Entry{someEntry(), least, last} {
		read := must(audit.Decode(must(e.Encode())(t)))(t)
		if !reflect.DeepEqual(read, e) {
			t.Errorf("%+v came back as %+v", e, read)
		}
	}
}

func TestAMomentInAnotherZoneIsTheSameLeaf(t *testing.T) {
	e := someEntry()
	want := must(e.Encode())(t)
	e.At = e.At.In(time.FixedZone("", 3600))
	if !bytes.Equal(must(e.Encode())(t), want) {
		t.Fatal("another leaf")
	}
}

// Every pair of entries differs in one border between two fields, or in one field.
func TestNoTwoEntriesHaveOneEncoding(t *testing.T) {
	seen := map[string]audit.Entry{}
	parts := []string{"a", "ab", "b", "ba", "a\x00", "\x00\x00\x00\x01a"}
	for _, act := range parts {
		for _, actor := range append(parts, "") {
			for _, report := range append(parts, "") {
				for _, details := range append(parts, "") {
					for _, commitment := range [][]byte{nil, bytes.Repeat([]byte{0}, 32)} {
						e := audit.Entry{Seq: 1, Act: act, Actor: heed.ID(actor), Report: heed.ID(report), Details: []byte(details), Commitment: commitment, At: time.UnixMilli(1)}
						b := string(must(e.Encode())(t))
						if other, taken := seen[b]; taken {
							t.Fatalf("%+v and %+v", e, other)
						}
						seen[b] = e
					}
				}
			}
		}
	}
}

func TestWhatCanBeNoLeafIsNotEncoded(t *testing.T) {
	for what, spoil := range map[string]func(*audit.Entry){
		"no place":             func(e *audit.Entry) { e.Seq = 0 },
		"a place past the end": func(e *audit.Entry) { e.Seq = audit.MaxSize + 1 },
		"no act":               func(e *audit.Entry) { e.Act = "" },
		"before 1970":          func(e *audit.Entry) { e.At = time.UnixMilli(-1) },
		"after 9999":           func(e *audit.Entry) { e.At = time.UnixMilli(253402300800000) },
		"no moment":            func(e *audit.Entry) { e.At = time.Time{} },
		"a short commitment":   func(e *audit.Entry) { e.Commitment = e.Commitment[:31] },
		"a long commitment":    func(e *audit.Entry) { e.Commitment = make([]byte, 33) },
		"more than 1 MiB":      func(e *audit.Entry) { e.Details = make([]byte, 1<<20) },
	} {
		e := someEntry()
		spoil(&e)
		if b, err := e.Encode(); !errors.Is(err, heed.ErrInvalid) || b != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatIsNoLeafIsRefused(t *testing.T) {
	good := must(someEntry().Encode())(t)
	refused := func(what string, b []byte) {
		if _, err := audit.Decode(b); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := range good {
		refused("cut", good[:n])
	}
	refused("more", append(bytes.Clone(good), 0))
	for at, what := range map[int]string{0: "another version", 1: "an impossible number", 9: "an impossible moment", 17: "a part longer than all"} {
		b := bytes.Clone(good)
		b[at] = 0xff
		refused(what, b)
	}
}

func TestErasingANoteLeavesTheLeafAsItIsAndNothingOfTheText(t *testing.T) {
	const text = "she called again on Tuesday"
	salt := bytes.Repeat([]byte{3}, audit.SaltSize)
	stored := &heed.AuditLeaf{
		Seq: 12, Act: audit.ReportDisposed, Report: "report", Details: []byte("{}"), Note: []byte("sealed " + text), Salt: salt,
	}
	commitment := must(audit.Commit(salt, text))(t)
	stored.Commitment = commitment
	at := time.UnixMilli(1_800_000_000_000)
	before := must(audit.EntryOf(stored, 7, at).Encode())(t)
	stored.Note, stored.Salt = nil, nil
	after := must(audit.EntryOf(stored, 7, at).Encode())(t)
	if !bytes.Equal(before, after) {
		t.Fatal("the leaf changed with its note")
	}
	bare, salted := sha256.Sum256([]byte(text)), sha256.Sum256(append(bytes.Clone(salt), text...))
	for what, trace := range map[string][]byte{"the text": []byte(text), "the salt": salt, "the text's hash": bare[:], "a plain salted hash": salted[:]} {
		if bytes.Contains(after, trace) {
			t.Errorf("%s stands in the leaf", what)
		}
	}
	if !bytes.Contains(after, commitment) {
		t.Error("the commitment doesn't")
	}
}

func TestACommitmentHoldsForItsTextAndSaltAlone(t *testing.T) {
	salt := bytes.Repeat([]byte{3}, audit.SaltSize)
	want := must(audit.Commit(salt, "text"))(t)
	other := bytes.Clone(salt)
	other[31] ^= 1
	for _, b := range [][]byte{must(audit.Commit(salt, "texts"))(t), must(audit.Commit(other, "text"))(t), must(audit.Commit(salt, ""))(t)} {
		if bytes.Equal(b, want) {
			t.Error("another text or salt gives the same")
		}
	}
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := audit.Commit(make([]byte, n), "text"); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("a salt of %d bytes: %v", n, err)
		}
	}
}

// The second reader must read whatever the first does, and no leaf has two forms.
func FuzzDecode(f *testing.F) {
	good, err := someEntry().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:30])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := audit.Decode(b)
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(must(e.Encode())(t), b) {
			t.Fatal("two forms of one leaf")
		}
		if read, err := readLeaf(b); err != nil || read["act"] != e.Act || read["details"] != string(e.Details) {
			t.Fatalf("the readers disagree: %v", err)
		}
	})
}

func TestANoteIsHeldAgainstItsOwnLeafInTheNewFormAndTheOld(t *testing.T) {
	leaf := func(act string) *heed.AuditLeaf {
		return must(audit.Leaf(act, "", "report", time.UnixMilli(1), struct{}{}))(t)
	}
	first, second, bare := leaf(audit.ReportRead), leaf(audit.ReportDisposed), leaf(audit.ReportClaimed)
	audit.Bind(first, "why", []byte("sealed"))
	audit.Bind(second, "why", []byte("sealed"))
	if bytes.Equal(first.Salt, second.Salt) || bytes.Equal(first.Commitment, second.Commitment) || len(first.Salt) != audit.SaltSize {
		t.Error("two notes share a salt")
	}
	salt := []byte("sixteen bytes ..")
	sum := sha256.Sum256(append(bytes.Clone(salt), "why"...))
	before := leaf(audit.ReportRead)
	before.Salt, before.Details = salt, fmt.Appendf(nil, `{"commitment":"%x"}`, sum)
	for _, l := range []*heed.AuditLeaf{first, second, before} {
		if err := audit.Bound(l, []byte("why")); err != nil {
			t.Errorf("%s: %v", l.Details, err)
		}
		if err := audit.Bound(l, []byte("another")); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s took another text: %v", l.Details, err)
		}
	}
	first.Salt = second.Salt
	for _, l := range []*heed.AuditLeaf{first, bare} {
		if err := audit.Bound(l, []byte("why")); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", l.Act, err)
		}
	}
}
