// Package question is what the form for a report asks, once for everybody who shows it: the portal, where the reporter answers, and the
// desk, where somebody else types in what they are told. The questions' words and fields are templates/shared/questions.html.
//
// It may import the root and intake. It keeps nothing.
package question

import (
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// The values of Answers.Who.
const (
	Anonymous = "anonymous"
	Named     = "named"
)

// Answers is what was typed so far, good or not.
type Answers struct {
	Text     string        `json:"text,omitempty"`
	Occurred string        `json:"occurred,omitempty"`
	Place    string        `json:"place,omitempty"`
	Who      string        `json:"who,omitempty"` // "", Anonymous or Named
	Identity heed.Identity `json:"identity,omitzero"`
}

// TakeStory takes over what a form says of what happened. field gives a field's value.
func (a *Answers) TakeStory(field func(name string) string) {
	a.Text, a.Occurred, a.Place = typed(field("text")), typed(field("occurred")), typed(field("place"))
}

// TakeWho takes over what a form says of who tells it.
func (a *Answers) TakeWho(field func(name string) string) {
	if who := field("who"); who == Anonymous || who == Named {
		a.Who = who
	}
	a.Identity = heed.Identity{
		Name: typed(field("name")), Phone: typed(field("phone")), Email: typed(field("email")), Address: typed(field("address")),
	}
}

// typed is a text with the line ends that people see.
func typed(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// Submission is the answers as intake takes them; what was filled in and then not given stays out.
func (a *Answers) Submission(channel heed.Channel, language string) intake.Submission {
	sub := intake.Submission{
		Channel: channel, Language: language, Content: heed.Content{Text: a.Text, Occurred: a.Occurred, Place: a.Place},
	}
	if a.Who == Named {
		sub.Identity = a.Identity
	}
	return sub
}

// Wrong is what intake finds wrong, and what the form alone can: who wants to be named gives a name.
func (a *Answers) Wrong(found heed.Problems) heed.Problems {
	if a.Who == Named && a.Identity.IsZero() {
		found = append(found, &heed.Problem{Field: "identity.name", Code: "who-empty"})
	}
	return found
}

// Given lists what of the Identity was filled in.
func (a *Answers) Given() []string {
	given := []string{a.Identity.Name, a.Identity.Phone, a.Identity.Email, a.Identity.Address}
	return slices.DeleteFunc(given, func(s string) bool { return s == "" })
}

// Anchor is the id of the element that mends a field: ids and form names are the API's names without "identity.".
func Anchor(field string) string {
	if field == "" {
		return "main"
	}
	return strings.TrimPrefix(field, "identity.")
}
