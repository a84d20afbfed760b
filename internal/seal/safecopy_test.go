package seal

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/heed-line/heed"
)

func TestACopysKeyOpensForItsFileOfItsReportAlone(t *testing.T) {
	data, frames := NewKey(), NewKey()
	sealed := data.SealSafeCopyKey("city", someReport, "one", frames)
	if got, err := data.OpenSafeCopyKey("city", someReport, "one", sealed); err != nil || got != frames {
		t.Fatal(err)
	}
	for what, open := range map[string]func() (Key, error){
		"another line":   func() (Key, error) { return data.OpenSafeCopyKey("town", someReport, "one", sealed) },
		"another report": func() (Key, error) { return data.OpenSafeCopyKey("city", someDisclosure, "one", sealed) },
		"another file":   func() (Key, error) { return data.OpenSafeCopyKey("city", someReport, "two", sealed) },
		"another key":    func() (Key, error) { return NewKey().OpenSafeCopyKey("city", someReport, "one", sealed) },
	} {
		if _, err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestVectorsOfSafeCopies(t *testing.T) {
	type vector struct {
		Data       hexBytes `json:"data"` // the report's data key
		Line       string   `json:"line"`
		Report     heed.ID  `json:"report"`
		Attachment heed.ID  `json:"attachment"`
		Key        hexBytes `json:"key"`
		SealedKey  hexBytes `json:"sealed_key"`
		Copy       string   `json:"copy"`
		Sealed     hexBytes `json:"sealed"`
	}
	same(t, "safe-copy.json", func() []vector {
		data, key := newKey(fixed(1)), newKey(fixed(2))
		v := vector{Data: data[:], Line: "city", Report: someReport, Attachment: someDisclosure, Key: key[:], Copy: "a masked voice"}
		v.SealedKey = data.seal(fixed(3), safeCopyKeyPlace(v.Line, v.Report, v.Attachment), key[:])
		var out bytes.Buffer
		w, err := newFrameWriter(fixed(4), &out, formatFrames, key, SafeCopyPlace(v.Line, v.Report, v.Attachment))
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
	for _, v := range vectors[vector](t, "safe-copy.json", nil) {
		key, err := Key(v.Data).OpenSafeCopyKey(v.Line, v.Report, v.Attachment, v.SealedKey)
		if err != nil || key != Key(v.Key) {
			t.Fatal(err)
		}
		r, err := NewFrameReader(bytes.NewReader(v.Sealed), key, SafeCopyPlace(v.Line, v.Report, v.Attachment))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != v.Copy {
			t.Errorf("%q, %v", got, err)
		}
	}
}
