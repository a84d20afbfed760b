package seal

import (
	"errors"
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

func TestAStaffMembersDraftOpensForThemTheirCallAndItsReportAlone(t *testing.T) {
	content := GeneratePrivateKey()
	sealed, err := SealStaffDraft(content.Public(), "city", "ann", "call", "one", []byte(`{"text":"gas"}`))
	if err != nil {
		t.Fatal(err)
	}
	if state, err := OpenStaffDraft(content, "city", "ann", "call", "one", sealed); err != nil || strings.TrimRight(string(state), " ") != `{"text":"gas"}` {
		t.Fatalf("%q, %v", state, err)
	}
	for what, open := range map[string]func() ([]byte, error){
		"another line":   func() ([]byte, error) { return OpenStaffDraft(content, "town", "ann", "call", "one", sealed) },
		"another person": func() ([]byte, error) { return OpenStaffDraft(content, "city", "bo", "call", "one", sealed) },
		"another call":   func() ([]byte, error) { return OpenStaffDraft(content, "city", "ann", "", "one", sealed) },
		"another report": func() ([]byte, error) { return OpenStaffDraft(content, "city", "ann", "call", "two", sealed) },
		"another key": func() ([]byte, error) {
			return OpenStaffDraft(GeneratePrivateKey(), "city", "ann", "call", "one", sealed)
		},
	} {
		if _, err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	longer, err := SealStaffDraft(content.Public(), "city", "ann", "call", "one", []byte(`{"text":"a smell of gas"}`))
	if err != nil || len(longer) != len(sealed) {
		t.Errorf("a few words more show: %d and %d bytes, %v", len(sealed), len(longer), err)
	}
}

func TestVectorsOfStaffDrafts(t *testing.T) {
	type vector struct {
		Seed   hexBytes `json:"seed"` // of the content key
		Line   string   `json:"line"`
		Staff  heed.ID  `json:"staff"`
		Call   heed.ID  `json:"call"`
		Report heed.ID  `json:"report"`
		Sealed hexBytes `json:"sealed"`
		State  string   `json:"state"`
	}
	const staff, state = heed.ID("01kas0000000000000000000staf"), `{"text":"رائحة غاز","place":"Harbour Street","language":"ar","urgent":true}`
	for i, v := range vectors(t, "staff-draft.json", func() (made []vector) {
		for _, call := range []heed.ID{"", "01kas0000000000000000000call"} {
			content := GeneratePrivateKey()
			sealed, err := SealStaffDraft(content.Public(), "city", staff, call, someReport, []byte(state))
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, vector{content.Bytes(), "city", staff, call, someReport, sealed, state})
		}
		return made
	}) {
		content, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenStaffDraft(content, v.Line, v.Staff, v.Call, v.Report, v.Sealed); err != nil || strings.TrimRight(string(got), " ") != v.State {
			t.Errorf("vector %d: %q, %v", i, got, err)
		}
	}
}
