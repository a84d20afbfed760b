package details

import (
	_ "embed"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed testdata/dated.txt
var datedTimes string

// Every expression is found whole, alone, and with the form that its day and hour have where the report came on the day that the file names.
func TestWhatPeopleSayOfTimesIsFoundAndDated(t *testing.T) {
	at := time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC) // a Wednesday
	for _, s := range sentencesOfTime(datedTimes) {
		var want, got []string
		text := s.text
		for _, mark := range s.marked {
			words, _, _ := strings.Cut(mark, "=")
			want, text = append(want, mark), strings.Replace(text, mark, words, 1)
		}
		c := Context{Language: s.lang}
		for _, d := range Find(fold.New(text), c) {
			if d.Type != "time" {
				continue
			}
			found := d.Text
			if form := Normal(d, c, at); isoForm.MatchString(fold.String(form)) {
				found += "=" + form
			}
			got = append(got, found)
		}
		if want, got := strings.Join(want, "|"), strings.Join(got, "|"); got != want {
			t.Errorf("%s %q: found %q, not %q", s.lang, text, got, want)
		}
	}
}
