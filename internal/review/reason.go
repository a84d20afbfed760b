package review

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// Grading is how far source and information can be relied on, as scheme plus value.
type Grading struct {
	Scheme string `json:"scheme"` // admiralty, 5x5x5, 3x5x2
	Value  string `json:"value"`  // "B2", "B21", "2CP"
}

// schemes are the gradings known, each with the form of its values: the Admiralty (NATO) system's source A–F and
// information 1–6; the United Kingdom's 5x5x5 (source A–E, intelligence 1–5, handling 1–5) and its successor 3x5x2
// (source 1–3, intelligence A–E, handling P or C).
var schemes = map[string]*regexp.Regexp{
	"admiralty": regexp.MustCompile(`^[A-F][1-6]$`),
	"5x5x5":     regexp.MustCompile(`^[A-E][1-5][1-5]$`),
	"3x5x2":     regexp.MustCompile(`^[1-3][A-E][PC]$`),
}

// Valid reports whether the value is one of the scheme's.
func (g *Grading) Valid() bool {
	form, ok := schemes[g.Scheme]
	return ok && form.MatchString(g.Value)
}

// judged reports whether somebody graded at all: Admiralty's F6 says that nothing can be judged.
func (g *Grading) judged() bool { return g != nil && g.Valid() && *g != Grading{"admiralty", "F6"} }

// Reason is why somebody decided, as it is sealed beside the decision.
type Reason struct {
	Text    string   `json:"text"`
	Grading *Grading `json:"grading,omitempty"`
	// About holds the act to something that its record only names: seal.OriginalSum of the file of which a Disclosure is asked; nil for none.
	About []byte `json:"about,omitempty"`
}

// Seal seals the reason of an act (a Disposition or a Referral's return) under the report's data key.
func (r Reason) Seal(key seal.Key, line string, report, act heed.ID) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode a reason: %w", err)
	}
	return key.Seal(seal.ReasonPlace(line, report, act), b), nil
}

// OpenReason opens what Reason.Seal sealed. heed.ErrSealed: it can't be opened.
func OpenReason(key seal.Key, line string, report, act heed.ID, sealed []byte) (Reason, error) {
	var r Reason
	b, err := key.Open(seal.ReasonPlace(line, report, act), sealed)
	if err != nil {
		return r, fmt.Errorf("open a reason: %w", err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("decode a reason: %w", err)
	}
	return r, nil
}

// maxReason is the most characters of a reason or purpose.
const maxReason = 2000

// CheckReason says what is wrong with a reason or purpose that somebody typed, as a *heed.Problem in the field.
func CheckReason(field, text string) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(text)); {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return problem(field, "not-utf8")
	case n < 3:
		return problem(field, "reason-missing")
	case n > maxReason:
		return &heed.Problem{Field: field, Code: "reason-too-long", Args: map[string]any{"Limit": maxReason}}
	}
	return nil
}

func problem(field, code string) error { return &heed.Problem{Field: field, Code: code} }
