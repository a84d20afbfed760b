package seal

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/heed-line/heed"
)

func TestARedactedCopysKeyOpensForItsVersionOfItsFileAlone(t *testing.T) {
	data, frames := NewKey(), NewKey()
	sealed := data.SealRedactedKey("city", someReport, "one", 2, frames)
	if got, err := data.OpenRedactedKey("city", someReport, "one", 2, sealed); err != nil || got != frames {
		t.Fatal(err)
	}
	for what, open := range map[string]func() (Key, error){
		"another line":    func() (Key, error) { return data.OpenRedactedKey("town", someReport, "one", 2, sealed) },
		"another report":  func() (Key, error) { return data.OpenRedactedKey("city", someDisclosure, "one", 2, sealed) },
		"another file":    func() (Key, error) { return data.OpenRedactedKey("city", someReport, "two", 2, sealed) },
		"another version": func() (Key, error) { return data.OpenRedactedKey("city", someReport, "one", 1, sealed) },
		"the safe copy":   func() (Key, error) { return data.OpenSafeCopyKey("city", someReport, "one", sealed) },
		"another key":     func() (Key, error) { return NewKey().OpenRedactedKey("city", someReport, "one", 2, sealed) },
	} {
		if _, err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestVectorsOfRedactedCopies(t *testing.T) {
	type vector struct {
		Data        hexBytes `json:"data"` // the report's data key
		Line        string   `json:"line"`
		Report      heed.ID  `json:"report"`
		Attachment  heed.ID  `json:"attachment"`
		Version     int64    `json:"version"`
		Marks       string   `json:"marks"`
		SealedMarks hexBytes `json:"sealed_marks"`
		Key         hexBytes `json:"key"`
		SealedKey   hexBytes `json:"sealed_key"`
		Copy        string   `json:"copy"`
		Sealed      hexBytes `json:"sealed"`
	}
	same(t, "redacted.json", func() []vector {
		data, key := newKey(fixed(1)), newKey(fixed(2))
		v := vector{Data: data[:], Line: "city", Report: someReport, Attachment: someDisclosure, Version: 3, Key: key[:], Copy: "a covered face"}
		v.Marks = `[{"left":2500,"top":1000,"width":500,"height":750}]`
		v.SealedMarks = data.seal(fixed(5), RedactionPlace(v.Line, v.Report, v.Attachment, v.Version), []byte(v.Marks))
		v.SealedKey = data.seal(fixed(3), redactedKeyPlace(v.Line, v.Report, v.Attachment, v.Version), key[:])
		var out bytes.Buffer
		w, err := newFrameWriter(fixed(4), &out, formatFrames, key, RedactedPlace(v.Line, v.Report, v.Attachment, v.Version))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Write([]byte(v.Copy))
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		v.Sealed = out.Bytes()
		return []vector{v}
	})
	for _, v := range vectors[vector](t, "redacted.json", nil) {
		marks, err := Key(v.Data).Open(RedactionPlace(v.Line, v.Report, v.Attachment, v.Version), v.SealedMarks)
		if err != nil || string(marks) != v.Marks {
			t.Fatal(string(marks), err)
		}
		key, err := Key(v.Data).OpenRedactedKey(v.Line, v.Report, v.Attachment, v.Version, v.SealedKey)
		if err != nil || key != Key(v.Key) {
			t.Fatal(err)
		}
		r, err := NewFrameReader(bytes.NewReader(v.Sealed), key, RedactedPlace(v.Line, v.Report, v.Attachment, v.Version))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != v.Copy {
			t.Errorf("%q, %v", got, err)
		}
	}
}
