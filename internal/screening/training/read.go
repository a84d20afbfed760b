package training

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/heed-line/heed"
)

// Report is one labelled text.
type Report struct {
	Language string // BCP 47
	Text     string
	Category string // "none" where it is irrelevant or to be refused
	Urgency  heed.Urgency
	// Kind says what an irrelevant or refused one is: "advert", "belief" …; "" for the others.
	Kind   string
	Refuse bool
	// Happening is the same for the tellings of one happening in several languages.
	Happening string
}

// Relevant reports whether somebody could act on it.
func (r Report) Relevant() bool { return r.Category != none }

const none = "none"

// categories, kinds and grounds are the words that a line may begin with.
var (
	categories = []string{
		"violence-threat", "suspicious-object", "weapons-explosives", "trafficking-exploitation", "drugs", "cyber", "fraud-scam",
		"corruption", "hazard", "disaster", "product-food-safety", "environment", "transport", "official-secrets", "other",
	}
	kinds   = []string{"personal", "advert", "consumer", "question", "other-service", "praise", "test", "gibberish", "abuse"}
	grounds = []string{"belief", "origin", "migration", "sexuality", "gender", "health", "poverty", "opinion", "journalism", "protest"}
)

// Categories lists the categories that the texts are of, "none" left out.
func Categories() []string { return slices.Clone(categories) }

// Reports reads every text, in the order of the archive: a language after the other, in each the folders in their order.
func Reports() ([]Report, error) {
	var all []Report
	err := unpack(archive, func(name, text string) (err error) {
		all, err = read(all, name, text)
		return err
	})
	return all, err
}

// between stands between a label, or a language, and the text.
const between = " | "

// read adds the reports of one file.
func read(all []Report, name, text string) ([]Report, error) {
	language, several := strings.TrimSuffix(path.Base(name), ".txt"), path.Dir(name) == happenings
	var happening Report
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		at := fmt.Sprintf("%s:%d", name, i+1)
		var r Report
		var err error
		switch {
		case !several:
			r, err = parse(line)
			r.Language, r.Happening = language, at
		case !strings.Contains(line, between):
			happening, err = label(line)
			happening.Happening = at
		default:
			r = happening
			r.Language, r.Text, _ = strings.Cut(line, between)
			if r.Happening == "" || strings.TrimSpace(r.Text) == "" || strings.Contains(r.Text, between) {
				err = fmt.Errorf("not a language, \" | \" and a text under a label: %w", heed.ErrInvalid)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		if r.Text != "" {
			all = append(all, r)
		}
	}
	return all, nil
}

// parse reads a line of a label and a text. heed.ErrInvalid: it isn't one.
func parse(line string) (Report, error) {
	head, text, found := strings.Cut(line, between)
	if !found || strings.TrimSpace(text) == "" || strings.Contains(text, between) {
		return Report{}, fmt.Errorf("not a label, \" | \" and a text: %w", heed.ErrInvalid)
	}
	r, err := label(head)
	r.Text = text
	return r, err
}

// label reads what is true of a text. heed.ErrInvalid: it isn't one.
func label(head string) (Report, error) {
	first, second, _ := strings.Cut(head, " ")
	r := Report{Category: none, Urgency: heed.Low, Kind: second}
	switch {
	case first == none && slices.Contains(kinds, second):
	case first == "refuse" && slices.Contains(grounds, second):
		r.Refuse = true
	case slices.Contains(categories, first) && slices.Contains(heed.Urgencies[:], heed.Urgency(second)):
		r.Category, r.Urgency, r.Kind = first, heed.Urgency(second), ""
	default:
		return Report{}, fmt.Errorf("the label %q: %w", head, heed.ErrInvalid)
	}
	return r, nil
}
