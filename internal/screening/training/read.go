package training

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/heed-line/heed"
)

//go:embed *.txt
var files embed.FS

// Report is one labelled text.
type Report struct {
	Language string // BCP 47, the file's name
	Text     string
	Category string // "none" where it is irrelevant or to be refused
	Urgency  heed.Urgency
	// Kind says what an irrelevant or refused one is: "advert", "belief" …; "" for the others.
	Kind   string
	Refuse bool
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

// Reports reads every file, in the order of their names. Errors name file and line.
func Reports() ([]Report, error) {
	names, err := fs.Glob(files, "*.txt")
	if err != nil {
		return nil, fmt.Errorf("list the training texts: %w", err)
	}
	var all []Report
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the training texts: %w", err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if line == "" || line[0] == '#' {
				continue
			}
			r, err := parse(line)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
			}
			r.Language = strings.TrimSuffix(name, ".txt")
			all = append(all, r)
		}
	}
	return all, nil
}

// parse reads one line. heed.ErrInvalid: it isn't one.
func parse(line string) (Report, error) {
	head, text, found := strings.Cut(line, " | ")
	first, second, both := strings.Cut(head, " ")
	if !found || !both || strings.TrimSpace(text) == "" || strings.Contains(text, " | ") {
		return Report{}, fmt.Errorf("not a label, \" | \" and a text: %w", heed.ErrInvalid)
	}
	r := Report{Text: text, Category: none, Urgency: heed.Low, Kind: second}
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
