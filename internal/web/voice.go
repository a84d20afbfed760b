package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/heed-line/heed"
)

// Voice speaks one language at one moment: texts, numbers, sizes and times. Templates reach it as the page's View.
type Voice struct {
	locales  *Locales
	tag      string
	printer  *message.Printer
	now      time.Time
	zone     *time.Location
	explicit bool // chosen by the person: links must carry it
}

// Voice makes the voice for a language of the line at the given moment; times are told in zone.
func (l *Locales) Voice(tag string, now time.Time, zone *time.Location) *Voice {
	// Receipts, times and telephone numbers are in European digits everywhere, so other numbers are too: two kinds of
	// digits on one page would be taken for a riddle.
	european := language.Make(tag)
	if t, err := european.SetTypeForKey("nu", "latn"); err == nil {
		european = t
	}
	return &Voice{locales: l, tag: tag, printer: message.NewPrinter(european), now: now.In(zone), zone: zone}
}

// T is the text of a key. args are either pairs ("Name", value, …) or one map; integers among them are written as the
// language writes them, and one called Count chooses the plural. A key without a text in the language, the line's default
// or English, which a test keeps from happening, shows as the key.
func (v *Voice) T(key string, args ...any) string {
	config := &i18n.LocalizeConfig{MessageID: key}
	if len(args) > 0 {
		data := v.data(args)
		if count, ok := data["Count"]; ok {
			config.PluralCount = count
		}
		for name, value := range data {
			data[name] = v.shown(name, value)
		}
		config.TemplateData = data
	}
	for _, tag := range []string{v.tag, v.locales.tags[0], lastResort} {
		in, ok := v.locales.languages[tag]
		if !ok {
			continue
		}
		if text, err := in.texts().localizer.Localize(config); err == nil || text != "" {
			return text
		}
	}
	return key
}

func (v *Voice) data(args []any) map[string]any {
	if m, ok := args[0].(map[string]any); ok && len(args) == 1 {
		return maps.Clone(m)
	}
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return data
}

func (v *Voice) shown(name string, value any) any {
	switch n := value.(type) {
	case int:
		return v.Number(n)
	case int64:
		if strings.HasSuffix(name, "Bytes") {
			return v.Size(n)
		}
		return v.Number(n)
	}
	return value
}

// Has reports whether the key has a text in this language.
func (v *Voice) Has(key string) bool {
	in, ok := v.locales.languages[v.tag]
	return ok && in.texts().messages[key] != nil
}

// Problem says what is wrong with something a person gave us, and what to do.
func (v *Voice) Problem(p *heed.Problem) string {
	key := "problem." + p.Code
	if !v.Has(key) {
		key = "problem.invalid"
	}
	if p.Args == nil {
		return v.T(key)
	}
	return v.T(key, p.Args)
}

// Lang is the BCP 47 tag of the language.
func (v *Voice) Lang() string { return v.tag }

// Dir is the language's direction, "ltr" or "rtl".
func (v *Voice) Dir() string { return Direction(v.tag) }

// Now is the moment of the request.
func (v *Voice) Now() time.Time { return v.now }

// Number writes a whole number, an integer of any type since templates convert none, with the language's grouping.
func (v *Voice) Number(n any) string { return v.printer.Sprint(number.Decimal(n)) }

// Fraction writes a number with up to so many digits after the point, as the language writes it.
func (v *Voice) Fraction(x float64, digits int) string {
	return v.printer.Sprint(number.Decimal(x, number.MaxFractionDigits(digits)))
}

// Fixed writes a number with exactly so many digits after the point, as the language writes it: for figures below one another.
func (v *Voice) Fixed(x float64, digits int) string {
	return v.printer.Sprint(number.Decimal(x, number.Scale(digits)))
}

// Size writes a number of bytes as people and their phones say it: 640 KB, 2.5 MB, in steps of 1,024.
func (v *Voice) Size(bytes int64) string {
	unit, value := "size.bytes", float64(bytes)
	for _, next := range []string{"size.kb", "size.mb", "size.gb"} {
		if value < 1024 {
			break
		}
		unit, value = next, value/1024
	}
	digits := 0
	if unit != "size.bytes" && value < 10 {
		digits = 1
	}
	return v.T(unit, "Size", v.Fraction(value, digits))
}

// URL is path with the language in its query where the person chose one, so that a link keeps it.
func (v *Voice) URL(path string) string {
	if !v.explicit {
		return path
	}
	return path + "?" + langField + "=" + url.QueryEscape(v.tag)
}

// LanguageChoice is one entry of the language switch.
type LanguageChoice struct {
	Tag, Name, Dir string // Name is in the language itself
	Current        bool
}

// LanguageChoices lists the line's languages for the switch.
func (v *Voice) LanguageChoices() []LanguageChoice {
	choices := make([]LanguageChoice, len(v.locales.tags))
	for i, tag := range v.locales.tags {
		name := cmp.Or(v.locales.languages[tag].name, tag)
		choices[i] = LanguageChoice{Tag: tag, Name: name, Dir: Direction(tag), Current: tag == v.tag}
	}
	return choices
}
