package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Locales holds every text that people see, in every language that is installed. It is safe for concurrent use.
//
// A locale file is flat TOML: "some.key" = "Text with {{.Name}}", or for plurals "some.key" = { one = "…", other = "…" }.
// Its language is the last part of its name: es.toml, desk.es.toml and hazard.es.toml all add to Spanish.
type Locales struct {
	bundle   *i18n.Bundle
	matcher  language.Matcher
	tags     []string // as in the file names; the first is the default
	parsed   []language.Tag
	messages map[string]map[string]*i18n.Message // by tag, then key
	last     *i18n.Localizer                     // speaks English, for what neither a language nor the default has
}

// lastResort is the language that every text is written in first.
const lastResort = "en"

// LoadLocales reads every *.toml file of fsys (such as web.Files' folder "locales"). The order of wanted is the order of
// the language switch, and its first is the default; empty means all that there are, English first. A text that a language
// lacks is told in the default, and what that lacks too in English, whether English is wanted or not.
//
// It returns heed.ErrInvalid-free, plain errors: a broken locale file is a fault of the program, found at its start.
func LoadLocales(fsys fs.FS, wanted ...string) (*Locales, error) {
	names, err := fs.Glob(fsys, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list locale files: %w", err)
	}
	sort.Strings(names)
	l := &Locales{messages: map[string]map[string]*i18n.Message{}}
	for _, name := range names {
		if err := l.load(fsys, name); err != nil {
			return nil, fmt.Errorf("locale file %s: %w", name, err)
		}
	}
	if err := l.choose(wanted); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Locales) load(fsys fs.FS, name string) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	stem := strings.TrimSuffix(path.Base(name), ".toml")
	tag := stem[strings.LastIndexByte(stem, '.')+1:]
	if _, err := language.Parse(tag); err != nil {
		return fmt.Errorf("language %q: %w", tag, err)
	}
	file, err := i18n.ParseMessageFileBytes(raw, tag+".toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	if l.messages[tag] == nil {
		l.messages[tag] = map[string]*i18n.Message{}
	}
	for _, m := range file.Messages {
		if l.messages[tag][m.ID] != nil {
			return fmt.Errorf("key %q is already in another file", m.ID)
		}
		l.messages[tag][m.ID] = m
	}
	return nil
}

// choose makes wanted the languages of the line, in that order.
func (l *Locales) choose(wanted []string) error {
	if len(wanted) == 0 {
		for tag := range l.messages {
			wanted = append(wanted, tag)
		}
		slices.SortFunc(wanted, func(a, b string) int {
			if (a == lastResort) != (b == lastResort) {
				if a == lastResort {
					return -1
				}
				return 1
			}
			return strings.Compare(a, b)
		})
	}
	if len(wanted) == 0 {
		return errors.New("no locale file at all")
	}
	l.bundle = i18n.NewBundle(language.Make(wanted[0]))
	for _, tag := range wanted {
		messages, ok := l.messages[tag]
		if !ok {
			return fmt.Errorf("no locale file for the language %q", tag)
		}
		parsed := language.Make(tag)
		for _, m := range messages {
			if err := l.bundle.AddMessages(parsed, m); err != nil {
				return fmt.Errorf("language %q, key %q: %w", tag, m.ID, err)
			}
		}
		l.tags, l.parsed = append(l.tags, tag), append(l.parsed, parsed)
	}
	l.matcher = language.NewMatcher(l.parsed)
	bundle := i18n.NewBundle(language.Make(lastResort))
	for _, m := range l.messages[lastResort] {
		if err := bundle.AddMessages(language.Make(lastResort), m); err != nil {
			return fmt.Errorf("language %q, key %q: %w", lastResort, m.ID, err)
		}
	}
	l.last = i18n.NewLocalizer(bundle, lastResort)
	return nil
}

// Tags lists the languages of the line, its default first ("en", "zh-Hans", …).
func (l *Locales) Tags() []string { return slices.Clone(l.tags) }

// Match finds the language of the line nearest to the first of wanted that names one; each may be a tag ("pt-BR") or a
// whole Accept-Language header. Without any it is the default.
func (l *Locales) Match(wanted ...string) string {
	for _, w := range wanted {
		if i := slices.Index(l.tags, w); i >= 0 {
			return w
		}
		if len(w) > 200 { // longer ones are nonsense or an attack on the parser
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(w)
		if err != nil || len(tags) == 0 {
			continue
		}
		for _, tag := range tags {
			if i, ok := l.nearest(tag); ok {
				return l.tags[i]
			}
		}
	}
	return l.tags[0]
}

// nearest finds a language that speakers of tag take for theirs. The matcher would also give one that many of them happen
// to read (Russian for Ukrainian), which some would take for an affront; only another script of the same language counts.
func (l *Locales) nearest(tag language.Tag) (int, bool) {
	_, i, confidence := l.matcher.Match(tag)
	if confidence >= language.High {
		return i, true
	}
	wanted, _ := tag.Base()
	for i, have := range l.parsed {
		if base, _ := have.Base(); base == wanted && confidence > language.No {
			return i, true
		}
	}
	return 0, false
}

// langField is the form field and query parameter that carries the language from page to page, there being no cookie.
const langField = "lang"

// Requested is the language that the request's address asks for ("?lang="), or "" where it doesn't or the line hasn't it.
func (l *Locales) Requested(r *http.Request) string {
	tag := r.URL.Query().Get(langField)
	if slices.Contains(l.tags, tag) {
		return tag
	}
	return ""
}

// Direction is "rtl" for languages written from right to left, else "ltr".
func Direction(tag string) string {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg":
		return "rtl"
	}
	return "ltr"
}
