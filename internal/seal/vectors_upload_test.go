package seal

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"
)

func TestVectorsOfUploads(t *testing.T) {
	type vector struct {
		DraftKey hexBytes  `json:"draft_key"`
		State    string    `json:"state"` // JSON of the token
		Now      time.Time `json:"now"`
		Token    string    `json:"token"`
		Key      hexBytes  `json:"key"` // the upload key
		Binding  Binding   `json:"binding"`
		Piece    string    `json:"piece"`
		Sealed   hexBytes  `json:"sealed"`
	}
	const id = "4LEUQZ7GMFTWXYAB23CDEH56KN"
	same(t, "upload.json", func() (vs []vector) {
		for i, piece := range []string{"It happened", " at the pier."} {
			draft, k := newKey(fixed(byte(i))), newKey(fixed(byte(50+i)))
			text, err := k.MarshalText()
			if err != nil {
				t.Fatal(err)
			}
			state := `{"id":"` + id + `","key":"` + string(text) + `","name":"pier.txt","size":24,"born":"2026-11-26T09:00:00Z"}`
			token, err := NewDraftKey(draft).seal(fixed(byte(100+i)), "portal upload", json.RawMessage(state), someTime, 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			place := UploadPiecePlace("city", id, int64(11*i))
			w, err := newFrameWriter(fixed(byte(150+i)), &out, formatFrames, k, place)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			vs = append(vs, vector{draft[:], state, someTime, token, k[:], place, piece, out.Bytes()})
		}
		return vs
	})
	for i, v := range vectors[vector](t, "upload.json", nil) {
		var state struct{ Key Key }
		if err := NewDraftKey(Key(v.DraftKey)).Open("portal upload", v.Token, v.Now, &state); err != nil || state.Key != Key(v.Key) {
			t.Error(err)
		}
		for _, start := range []int64{0, 11} {
			r, err := NewFrameReader(bytes.NewReader(v.Sealed), state.Key, UploadPiecePlace("city", id, start))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); (err == nil && string(got) == v.Piece) != (start == int64(11*i)) {
				t.Errorf("at %d: %q, %v", start, got, err)
			}
		}
	}
}
