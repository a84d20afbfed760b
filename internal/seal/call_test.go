package seal

import (
	"errors"
	"testing"

	"github.com/heed-line/heed"
)

func TestWhatACallLeftOpensForThatCallOfThatDayAlone(t *testing.T) {
	transit := GeneratePrivateKey()
	sealed, err := SealCall(transit.Public(), "city", "2026-11-23", "one", []byte("its takes"))
	if err != nil {
		t.Fatal(err)
	}
	if state, err := OpenCall(transit, "city", "2026-11-23", "one", sealed); err != nil || string(state) != "its takes" {
		t.Fatalf("%q, %v", state, err)
	}
	for what, open := range map[string]func() ([]byte, error){
		"another line": func() ([]byte, error) { return OpenCall(transit, "town", "2026-11-23", "one", sealed) },
		"another day":  func() ([]byte, error) { return OpenCall(transit, "city", "2026-11-24", "one", sealed) },
		"another call": func() ([]byte, error) { return OpenCall(transit, "city", "2026-11-23", "two", sealed) },
		"another key":  func() ([]byte, error) { return OpenCall(GeneratePrivateKey(), "city", "2026-11-23", "one", sealed) },
	} {
		if _, err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestVectorsOfCalls(t *testing.T) {
	type vector struct {
		Seed   hexBytes `json:"seed"` // of the day's transit key
		Line   string   `json:"line"`
		Day    string   `json:"day"`
		Call   heed.ID  `json:"call"`
		Sealed hexBytes `json:"sealed"`
		State  string   `json:"state"`
	}
	const state = `{"report":"0123456789abcdefghjkmnpqrs","mailbox":null,"language":"ar","takes":[{"id":"4LEUQZ7GMFTWXYAB23CDEH56KN","key":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE","name":"call-1.au","size":0,"born":"2026-11-23T09:00:00Z"}]}`
	for i, v := range vectors(t, "call.json", func() []vector {
		transit := GeneratePrivateKey()
		sealed, err := SealCall(transit.Public(), "city", "2026-11-23", someReport, []byte(state))
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{transit.Bytes(), "city", "2026-11-23", someReport, sealed, state}}
	}) {
		transit, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenCall(transit, v.Line, v.Day, v.Call, v.Sealed); err != nil || string(got) != v.State {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
}
