package profile

import (
	"slices"
	"strings"

	"github.com/heed-line/heed"
)

// Text is one wording in the profile's languages.
type Text map[string]string

// In is the wording in lang, or the nearest there is (see In).
func (t Text) In(lang string) string { return In(t, lang) }

// In picks the value for a language: the very tag, then the tag without its last parts ("pt-BR" → "pt"), then the tag
// that starts the same ("zh" → "zh-Hans"), then English, then the first by name. "" where there is none at all.
func In[V any](values map[string]V, lang string) V {
	for tag := lang; tag != ""; {
		if v, ok := values[tag]; ok {
			return v
		}
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			break
		}
		tag = tag[:cut]
	}
	tags := make([]string, 0, len(values))
	for t := range values {
		tags = append(tags, t)
	}
	slices.Sort(tags)
	base, _, _ := strings.Cut(lang, "-")
	for _, t := range tags {
		if b, _, _ := strings.Cut(t, "-"); b == base {
			return values[t]
		}
	}
	if v, ok := values["en"]; ok {
		return v
	}
	var none V
	if len(tags) == 0 {
		return none
	}
	return values[tags[0]]
}

// Words is the line's own wording in lang or the nearest language there is.
func (p *Profile) Words(lang string) Words { return In(p.Wording, lang) }

// CategoryName is what people call a category; the id itself where the profile has no such category any more.
func (p *Profile) CategoryName(id, lang string) string {
	if c, ok := p.Category(id); ok {
		return c.Name.In(lang)
	}
	return id
}

// DepartmentName is what people call a department; the id itself where the profile has it no more.
func (p *Profile) DepartmentName(id, lang string) string {
	if d, ok := p.Department(id); ok {
		return d.Name.In(lang)
	}
	return id
}

// UrgencyName is what people call an urgency.
func (p *Profile) UrgencyName(u heed.Urgency, lang string) string {
	for _, n := range p.Urgencies {
		if n.ID == u {
			return n.Name.In(lang)
		}
	}
	return string(u)
}
