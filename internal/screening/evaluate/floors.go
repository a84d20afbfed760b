package evaluate

import (
	"fmt"
	"strconv"
)

// Floor is what a figure must reach: At at least, or at most. The report shows it beside the figure; a test that has the data fails where
// one that was reached is lost.
type Floor struct {
	At   float64
	Most bool
	// Held, where it isn't 0, is what the tests hold the figure to in place of At: today's level, the floor being out of reach or passed by far.
	Held float64
}

// Names of figures that are no Score of Judge.
const (
	Sentences       = "language: sentences"
	WordPairs       = "language: word-pairs"
	SingleWords     = "language: single-words"
	CalledMixed     = "one language called mixed, of sentences"
	EnglishCopies   = "copies: English"
	ChineseCopies   = "copies: Chinese"
	AboveTFIDF      = "macro-F1 above TF-IDF"
	BoundaryRefused = "boundary cases refused or set aside"
	BoundaryFound   = "boundary: to be refused and proposed so"
	ReportsASecond  = "reports a second"
	MicrosAReport   = "processor µs, a report"
	MicrosALanguage = "processor µs, the language of a sentence"
	LanguageMemory  = "MB of memory, languages only"
	immediateRecall = "immediate: recall"
	immediateAlarms = "immediate: false alarms, of the others"
)

// floors are by a figure's name. Those without a remark are demands on the product; what it demands for a key detail holds for each language
// with thirty labelled ones or more.
var floors = map[string]Floor{
	Sentences:   {At: 0.97},
	WordPairs:   {At: 0.89},
	SingleWords: {At: 0.74},
	CalledMixed: {At: 0.01, Most: true}, // ours

	EnglishCopies: {At: 0.97},
	ChineseCopies: {At: 0.95},

	"detail: phone": {At: 0.95},
	"detail: url":   {At: 0.95},
	"detail: email": {At: 0.97},
	"detail: ip":    {At: 0.98},
	"detail: money": {At: 0.85},

	immediateRecall:                           {At: 0.95, Held: 0.85},
	immediateAlarms:                           {At: 0.15, Most: true, Held: 0.16},
	"relevant set aside (error)":              {At: 0.01, Most: true}, // the bound of the shipped threshold
	"refusal: recall":                         {At: 0.85},
	"refusal: boundary cases refused (error)": {Most: true},
	"copies: precision":                       {At: 1}, // of look-alikes none
	"same event among the similar":            {At: 0.85},
	BoundaryRefused:                           {Most: true},
	BoundaryFound:                             {At: 0.85}, // as of the corpus

	AboveTFIDF: {At: 0.03},

	ReportsASecond:  {At: 5000},
	MicrosAReport:   {At: 400, Most: true}, // 5,000 a second on two cores
	MicrosALanguage: {At: 50, Most: true},
	LanguageMemory:  {At: 25, Most: true},
}

// FloorOf gives a figure's floor, if it has one.
func FloorOf(figure string) (f Floor, ok bool) { f, ok = floors[figure]; return f, ok }

// Reached says whether a value keeps to the floor.
func (f Floor) Reached(value float64) bool { return f.keeps(value, f.At) }

// Lost says whether a value is worse than the tests hold it to.
func (f Floor) Lost(value float64) bool {
	if f.Held != 0 {
		return !f.keeps(value, f.Held)
	}
	return !f.keeps(value, f.At)
}

func (f Floor) keeps(value, at float64) bool {
	if f.Most {
		return value <= at
	}
	return value >= at
}

func (f Floor) String() string {
	sign := "≥ "
	if f.Most {
		sign = "≤ "
	}
	return sign + strconv.FormatFloat(f.At, 'f', -1, 64)
}

// Verdict is a figure's floor and whether a value reaches it, "–" where it has none.
func Verdict(figure string, value float64) string {
	f, ok := floors[figure]
	switch {
	case !ok:
		return "–"
	case f.Reached(value):
		return fmt.Sprintf("%s: reached", f)
	}
	return fmt.Sprintf("%s: **not reached**", f)
}

// Value is the score as a number, 0 where there is nothing to score.
func (s Score) Value() float64 { return float64(s.Hit) / float64(max(s.All, 1)) }

// Lost says whether the score falls below what its floor holds it to.
func (s Score) Lost() (f Floor, lost bool) {
	f, ok := floors[s.Name]
	return f, ok && s.All > 0 && f.Lost(s.Value())
}

// Markers are the lines of docs/screening.md between which a part of the report stands.
func Markers(part string) (begin, end string) {
	return "<!-- make screening-report: " + part + " -->", "<!-- end of " + part + " -->"
}

// Verdict is the score's floor and whether it reaches it, "–" where it has none or is of nothing.
func (s Score) Verdict() string {
	if s.All == 0 {
		return "–"
	}
	return Verdict(s.Name, s.Value())
}
