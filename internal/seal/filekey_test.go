package seal

import (
	"errors"
	"testing"

	heed "github.com/heed-line/heed"
)

// someAttachment is a file of someReport's.
func someAttachment() *heed.Attachment {
	return &heed.Attachment{ID: someFile, Report: someReport, Blob: "blob", Day: someDay}
}

func TestAFileKeyOpensForItsFileOfItsReportItsDayBlobAndHolderAlone(t *testing.T) {
	day, key := NewDayKeys(true), NewKey()
	for _, holder := range []FileKeyHolder{ByTransit, ReleasedTo("water")} {
		wrapped, err := WrapFileKey(day.Transit.Public(), "line", someAttachment(), holder, key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := UnwrapFileKey(day.Transit, "line", someAttachment(), holder, wrapped); err != nil || got != key {
			t.Fatal(err)
		}
		of := func(change func(*heed.Attachment)) func() (Key, error) {
			a := someAttachment()
			change(a)
			return func() (Key, error) { return UnwrapFileKey(day.Transit, "line", a, holder, wrapped) }
		}
		for what, open := range map[string]func() (Key, error){
			"another report": of(func(a *heed.Attachment) { a.Report = someDisclosure }),
			"no report":      of(func(a *heed.Attachment) { a.Report = "" }),
			"another file":   of(func(a *heed.Attachment) { a.ID = someDisclosure }),
			"another blob":   of(func(a *heed.Attachment) { a.Blob = "other" }),
			"another day":    of(func(a *heed.Attachment) { a.Day = "2026-11-24" }),
			"another line":   func() (Key, error) { return UnwrapFileKey(day.Transit, "other", someAttachment(), holder, wrapped) },
			"another holder": func() (Key, error) { return UnwrapFileKey(day.Transit, "line", someAttachment(), ByIdentity, wrapped) },
			"another department": func() (Key, error) {
				return UnwrapFileKey(day.Transit, "line", someAttachment(), ReleasedTo("roads"), wrapped)
			},
			"another key": func() (Key, error) { return UnwrapFileKey(day.Identity, "line", someAttachment(), holder, wrapped) },
		} {
			if got, err := open(); !errors.Is(err, heed.ErrSealed) || got != (Key{}) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// What lies at an upgrade stays readable until its day ends.
func TestAFileKeyFromBeforeItNamedItsReportOpensForItsDayBlobAndHolder(t *testing.T) {
	day, key := NewDayKeys(true), NewKey()
	for holder, field := range map[FileKeyHolder]string{
		ByTransit: "file-key/transit/2026-11-23/blob", ByIdentity: "file-key/identity/2026-11-23/blob", ReleasedTo("water"): "file-key/transit/2026-11-23/blob/water",
	} {
		wrapped, err := day.Transit.Public().Wrap(Binding{Line: "line", Field: field, Version: 1}, key[:])
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []FileKeyHolder{ByTransit, ByIdentity, ReleasedTo("water"), ReleasedTo("roads")} {
			if got, err := UnwrapFileKey(day.Transit, "line", someAttachment(), by, wrapped); by == holder && (err != nil || got != key) || by != holder && !errors.Is(err, heed.ErrSealed) {
				t.Errorf("%s by %s: %v", field, by, err)
			}
		}
	}
}

func TestVectorsOfFileKeys(t *testing.T) {
	type vector struct {
		What    string   `json:"what"`
		Seed    hexBytes `json:"seed"`
		Public  hexBytes `json:"public"`
		Binding Binding  `json:"binding"`
		Plain   hexBytes `json:"plaintext"`
		Wrapped hexBytes `json:"wrapped"`
	}
	holders := []FileKeyHolder{ByTransit, ByIdentity, ReleasedTo("water")}
	vs := vectors(t, "file-key.json", func() (vs []vector) {
		seed, key := newKey(fixed(1)), newKey(fixed(3))
		k, err := ParsePrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		for _, holder := range holders {
			wrapped, err := WrapFileKey(k.Public(), "city", someAttachment(), holder, key)
			if err != nil {
				t.Fatal(err)
			}
			vs = append(vs, vector{"file key", seed[:], k.Public().Bytes(), fileKeyPlace("city", someAttachment(), holder), key[:], wrapped})
		}
		return vs
	})
	if len(vs) != len(holders) {
		t.Fatalf("%d vectors", len(vs))
	}
	for i, v := range vs {
		k, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if key, err := UnwrapFileKey(k, "city", someAttachment(), holders[i], v.Wrapped); err != nil || key != Key(v.Plain) {
			t.Errorf("%s: %v", holders[i], err)
		}
	}
}
