package desk_test

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/training"
)

// What the machine is unsure of stands as a question with the two likeliest answers, and no category stands there as if it were known.
func TestWhatTheMachineIsUnsureOfIsShownAsAQuestion(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Specialist)
	for _, of := range []string{"category", "urgency"} {
		text, sc := unsureOf(t, of)
		p := b.get("/reports/" + string(l.arrive(text)))
		names := func(id string) string {
			if of == "urgency" {
				return l.profile.UrgencyName(heed.Urgency(id), "en")
			}
			return l.profile.CategoryName(id, "en")
		}
		first := sc.Category
		if of == "urgency" {
			first = string(sc.Urgency)
		}
		question := "Unsure: " + names(first) + " or " + names(sc.Unsure(of)) + "?"
		_, assessment, _ := strings.Cut(p.body, `id="assessment"`)
		judgements, _, _ := strings.Cut(assessment, "</dl>")
		if !strings.Contains(judgements, question) {
			t.Errorf("%q isn't asked:\n%s", question, judgements)
		}
		if of == "category" && strings.Contains(judgements, "<dd>"+names(first)) {
			t.Errorf("%s stands there as if it were known:\n%s", names(first), judgements)
		}
	}
}

// unsureOf is a text of whose category or urgency the machine is unsure, and what it says of it.
func unsureOf(t *testing.T, of string) (string, heed.Screening) {
	t.Helper()
	all, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	s := screening.New(screening.Config{})
	for _, r := range all {
		if r.Language != "en" || len(r.Text) <= 40 {
			continue
		}
		if sc := s.Decide(screening.Input{Text: r.Text, Lang: "en"}); sc.Language == "en" && sc.Unsure(of) != "" {
			return r.Text, sc
		}
	}
	t.Fatal("the machine is unsure of nothing")
	return "", heed.Screening{}
}
