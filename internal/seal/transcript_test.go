package seal

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/heed-line/heed"
)

func TestATranscriptOpensForItsFileOfItsReportAlone(t *testing.T) {
	data := NewKey()
	sealed := data.Seal(TranscriptPlace("city", someReport, "one"), []byte("what was said"))
	if b, err := data.Open(TranscriptPlace("city", someReport, "one"), sealed); err != nil || string(b) != "what was said" {
		t.Fatal(err)
	}
	for what, place := range map[string]Binding{
		"another line": TranscriptPlace("town", someReport, "one"), "another report": TranscriptPlace("city", someDisclosure, "one"),
		"the copy's details": CopyDetailsPlace("city", someReport, "one"), "what it is known by": LookPlace("city", someReport, "one"),
		"another file": TranscriptPlace("city", someReport, "two"), "the copy's key": safeCopyKeyPlace("city", someReport, "one"),
	} {
		if _, err := data.Open(place, sealed); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestVectorsOfTranscripts(t *testing.T) {
	type vector struct {
		Data       hexBytes `json:"data"` // the report's data key
		Line       string   `json:"line"`
		Report     heed.ID  `json:"report"`
		Attachment heed.ID  `json:"attachment"`
		Transcript string   `json:"transcript"`
		Text       string   `json:"text"` // of its last passage
		Sealed     hexBytes `json:"sealed"`
	}
	same(t, "transcript.json", func() []vector {
		data := newKey(fixed(1))
		text := "\u7164\u6c14\u5473\u3002 Come quickly."
		b, err := json.Marshal(heed.Transcript{
			Model: "small", Language: "zh", Text: text, Passages: []heed.Passage{{Start: 0, End: 12, At: 0}, {Start: 13, End: len(text), At: 2500}},
		})
		if err != nil {
			t.Fatal(err)
		}
		v := vector{Data: data[:], Line: "city", Report: someReport, Attachment: someDisclosure, Transcript: string(b), Text: "Come quickly."}
		v.Sealed = data.seal(fixed(2), TranscriptPlace(v.Line, v.Report, v.Attachment), b)
		return []vector{v}
	})
	for _, v := range vectors[vector](t, "transcript.json", nil) {
		if b, err := Key(v.Data).Open(TranscriptPlace(v.Line, v.Report, v.Attachment), v.Sealed); err != nil || string(b) != v.Transcript {
			t.Errorf("%q, %v", b, err)
		}
	}
}
