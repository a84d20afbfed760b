package web

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Locales holds every text that people see, in every language that is installed. It is safe for concurrent use.
//
// A locale file is flat TOML: "some.key" = "Text with {{.Name}}", or for plurals "some.key" = { one = "…", other = "…" }.
// Its language is the last part of its name: es.toml, desk.es.toml and hazard.es.toml all add to Spanish.
type Locales struct {
	matcher   language.Matcher
	tags      []string // as in the file names; the first is the default
	parsed    []language.Tag
	languages map[string]*spoken // by tag; English is there, whether wanted or not, if it has a file
}

// spoken is one language. Its texts take 1 to 2 MB in memory and 15 ms to read, so they are read when somebody first wants
// them: a line of seven languages that waits for its first report, or hears from speakers of two, doesn't hold all seven.
type spoken struct {
	name string // of the language, in itself; "" where it has none
	read func() (*texts, error)
}

func (s *spoken) texts() *texts {
	t, err := s.read()
	if err != nil {
		panic("web: " + err.Error()) // they are part of the program
	}
	return t
}

// texts are what is said in one language.
type texts struct {
	messages  map[string]*i18n.Message // by key
	localizer *i18n.Localizer
}

// lastResort is the language that every text is written in first.
const lastResort = "en"

// LoadLocales finds the *.toml files of fsys (such as web.Locales), which must not change later. The order
// of wanted is the order of the language switch, and its first is the default; empty means all that there are, English
// first. A text that a language lacks is told in the default, and what that lacks too in English, whether English is wanted
// or not.
//
// A language is read when somebody first wants a text in it, and one that can't be read is a fault of the program: it panics there.
// Check, which the program's tests call, finds it before.
func LoadLocales(fsys fs.FS, wanted ...string) (*Locales, error) {
	files, err := localeFiles(fsys)
	if err != nil {
		return nil, err
	}
	l := &Locales{languages: map[string]*spoken{}}
	for tag, names := range files {
		name, err := languageName(fsys, names)
		if err != nil {
			return nil, err
		}
		l.languages[tag] = &spoken{name, sync.OnceValues(func() (*texts, error) { return readTexts(fsys, tag, names) })}
	}
	if len(wanted) == 0 {
		wanted = slices.SortedFunc(maps.Keys(files), englishFirst)
	}
	if len(wanted) == 0 {
		return nil, errors.New("no locale file at all")
	}
	for _, tag := range wanted {
		if l.languages[tag] == nil {
			return nil, fmt.Errorf("no locale file for the language %q", tag)
		}
		l.tags, l.parsed = append(l.tags, tag), append(l.parsed, language.Make(tag))
	}
	l.matcher = language.NewMatcher(l.parsed)
	return l, nil
}

// localeFiles names the locale files of each language.
func localeFiles(fsys fs.FS) (map[string][]string, error) {
	names, err := fs.Glob(fsys, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list locale files: %w", err)
	}
	files := map[string][]string{}
	for _, name := range names {
		stem := strings.TrimSuffix(path.Base(name), ".toml")
		tag := stem[strings.LastIndexByte(stem, '.')+1:]
		if _, err := language.Parse(tag); err != nil {
			return nil, fmt.Errorf("locale file %s: language %q: %w", name, tag, err)
		}
		files[tag] = append(files[tag], name)
	}
	return files, nil
}

func englishFirst(a, b string) int {
	if (a == lastResort) != (b == lastResort) {
		if a == lastResort {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

// languageName reads what a language is called in itself, without the rest of its texts: it stands in one line of one of its files, mostly
// that with the shortest name.
func languageName(fsys fs.FS, files []string) (string, error) {
	for _, name := range slices.SortedFunc(slices.Values(files), func(a, b string) int { return len(a) - len(b) }) {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", fmt.Errorf("locale file %s: read: %w", name, err)
		}
		for line := range bytes.Lines(raw) {
			if !bytes.HasPrefix(line, []byte(`"language.name"`)) {
				continue
			}
			var named map[string]string
			if err := toml.Unmarshal(line, &named); err != nil {
				return "", fmt.Errorf("locale file %s: parse: %w", name, err)
			}
			return named["language.name"], nil
		}
	}
	return "", nil
}

// Check reads every language, to see that it can be read.
func (l *Locales) Check() error {
	var errs []error
	for _, tag := range slices.Sorted(maps.Keys(l.languages)) {
		_, err := l.languages[tag].read()
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// readTexts reads the files of one language.
func readTexts(fsys fs.FS, tag string, files []string) (*texts, error) {
	in := language.Make(tag)
	t, bundle := &texts{messages: map[string]*i18n.Message{}}, i18n.NewBundle(in)
	for _, name := range files {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("locale file %s: read: %w", name, err)
		}
		file, err := i18n.ParseMessageFileBytes(raw, tag+".toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			return nil, fmt.Errorf("locale file %s: parse: %w", name, err)
		}
		for _, m := range file.Messages {
			if t.messages[m.ID] != nil {
				return nil, fmt.Errorf("locale file %s: key %q is already in another file", name, m.ID)
			}
			t.messages[m.ID] = m
		}
		if err := bundle.AddMessages(in, file.Messages...); err != nil {
			return nil, fmt.Errorf("locale file %s: %w", name, err)
		}
	}
	t.localizer = i18n.NewLocalizer(bundle, tag)
	return t, nil
}

// Tags lists the languages of the line, its default first ("en", "zh-Hans", …).
func (l *Locales) Tags() []string { return slices.Clone(l.tags) }

// Has reports whether there is a text of the key.
func (l *Locales) Has(key string) bool {
	in := l.languages[lastResort]
	return in != nil && in.texts().messages[key] != nil
}

// Plain lists, in order, the keys with the prefix whose texts take nothing: neither a count nor anything to fill in.
func (l *Locales) Plain(prefix string) (keys []string) {
	in := l.languages[lastResort]
	if in == nil {
		return nil
	}
	for key, m := range in.texts().messages {
		if strings.HasPrefix(key, prefix) && m.One == "" && !strings.Contains(m.Other, "{{") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

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
