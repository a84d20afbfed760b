package intake

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/heed-line/heed"
)

// minText is the fewest letters or digits that can tell anything: "火灾" is two.
const minText = 2

// maxTag is the longest language tag that is looked at: RFC 5646, section 4.4.1.
const maxTag = 35

// AgeBands are the values of Content.AgeBand.
var ageBands = []string{"", "under-13", "13-17", "18-plus"}

// Check says what is wrong with a Submission, all at once.
//
// It returns heed.Problems, or nil.
func (s *Service) Check(sub Submission) error {
	var ps heed.Problems
	add := func(field, code string, args map[string]any) {
		ps = append(ps, &heed.Problem{Field: field, Code: code, Args: args})
	}
	if !spoken(sub) {
		if code, args := checkText(sub.Content.Text, s.cfg.Limits.Text); code != "" {
			add("text", code, args)
		}
	}
	short := []struct{ field, value string }{
		{"occurred", sub.Content.Occurred}, {"place", sub.Content.Place},
		{"identity.name", sub.Identity.Name}, {"identity.phone", sub.Identity.Phone},
		{"identity.email", sub.Identity.Email}, {"identity.address", sub.Identity.Address},
	}
	for _, f := range short {
		if code := malformed(f.value); code != "" {
			add(f.field, code, nil)
		} else if utf8.RuneCountInString(f.value) > s.cfg.Limits.Field {
			add(f.field, "field-too-long", map[string]any{"Limit": s.cfg.Limits.Field})
		}
	}
	if sub.Identity.Email != "" && !strings.Contains(sub.Identity.Email, "@") {
		add("identity.email", "email-form", nil)
	}
	if c := sub.Content.Category; c != "" && !slices.Contains(s.cfg.Categories, c) {
		add("category", "category-unknown", nil)
	}
	if !slices.Contains(ageBands, sub.Content.AgeBand) {
		add("age_band", "age-band-unknown", nil)
	}
	ps = append(ps, s.checkFiles(sizes(sub.Files, sub.Uploads))...)
	if len(ps) > 0 {
		return ps
	}
	return nil
}

// spoken says that a Submission is a recording alone: who calls writes nothing.
func spoken(sub Submission) bool {
	return sub.Channel == heed.ChannelPhone && sub.Content.Text == "" && len(sub.Files)+len(sub.Uploads) > 0
}

func checkText(text string, limit int) (code string, args map[string]any) {
	if code := malformed(text); code != "" {
		return code, nil
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return "text-too-long", map[string]any{"Limit": limit, "Length": n}
	}
	telling := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			if telling++; telling >= minText {
				return "", nil
			}
		}
	}
	if telling == 0 {
		return "text-empty", nil
	}
	return "text-too-short", nil
}

func (s *Service) checkFiles(files []StagedFile) heed.Problems {
	var ps heed.Problems
	if len(files) > s.cfg.Limits.Files {
		ps = append(ps, &heed.Problem{Field: "files", Code: "too-many-files", Args: map[string]any{"Limit": s.cfg.Limits.Files}})
	}
	var total int64
	for _, f := range files {
		total += f.Size
	}
	if total > s.cfg.Limits.TotalBytes {
		ps = append(ps, &heed.Problem{Field: "files", Code: "files-too-large", Args: map[string]any{"LimitMB": s.cfg.Limits.TotalBytes >> 20}})
	}
	return ps
}

// malformed finds what no person types: bytes that aren't UTF-8, NUL, which databases and programs cut texts at, and the two
// direction overrides (UAX #9, 2.2), which make a text read otherwise than it is. Arabic and Hebrew need neither: their
// keyboards' marks and embeddings pass.
func malformed(text string) (code string) {
	switch {
	case !utf8.ValidString(text):
		return "not-utf8"
	case strings.ContainsRune(text, 0):
		return "nul-character"
	case strings.ContainsAny(text, "\u202d\u202e"):
		return "direction-override"
	}
	return ""
}

// language is the canonical form of the tag that a channel gives. What is no known language is the line's default, so
// that the field, which stands in clear, can't carry anything else.
func (s *Service) language(tag string) string {
	if len(tag) > maxTag {
		return s.cfg.Languages[0]
	}
	known, err := language.Parse(tag)
	if err != nil || len(known.Extensions()) > 0 {
		return s.cfg.Languages[0]
	}
	return known.String()
}
