package web_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed/internal/web"
)

// languages are the first seven.
var languages = []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"}

func locales(t *testing.T) *web.Locales {
	t.Helper()
	sub, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	l, err := web.LoadLocales(sub, languages...)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	return l
}

// messages reads a language's texts as they stand in its files: by key, then plural form ("" where there is one form).
func messages(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	folder, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(folder, "*.toml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, name := range names {
		if name != tag+".toml" && !strings.HasSuffix(name, "."+tag+".toml") {
			continue
		}
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]any
		if err := toml.Unmarshal(raw, &entries); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, entry := range entries {
			forms := map[string]string{}
			switch e := entry.(type) {
			case string:
				forms[""] = e
			case map[string]any:
				for form, text := range e {
					forms[form] = fmt.Sprint(text)
				}
			}
			all[key] = forms
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`{{\.(\w+)}}`)

// placeholders lists what a text mentions. Count may be left out of a form that says the number in words.
func placeholders(forms map[string]string) string {
	names := map[string]bool{}
	for _, text := range forms {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			names[m[1]] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), " ")
}

func TestEveryLanguageHasEveryTextWithTheSamePlaceholders(t *testing.T) {
	english := messages(t, "en")
	for _, tag := range languages[1:] {
		translated := messages(t, tag)
		for key, forms := range english {
			other, ok := translated[key]
			switch {
			case !ok:
				t.Errorf("%s: %q is missing", tag, key)
			case placeholders(other) != placeholders(forms):
				t.Errorf("%s: %q mentions [%s], English [%s]", tag, key, placeholders(other), placeholders(forms))
			case (forms[""] == "") != (other[""] == ""):
				t.Errorf("%s: %q has plurals in one language only", tag, key)
			}
			for form, text := range other {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %q is empty (%s)", tag, key, form)
				}
			}
		}
		for key := range translated {
			if english[key] == nil {
				t.Errorf("%s: %q is not in English", tag, key)
			}
		}
	}
}

// pluralForms are the forms that each language tells apart (CLDR 42).
var pluralForms = map[string][]string{
	"en": {"one", "other"}, "zh-Hans": {"other"}, "es": {"many", "one", "other"}, "fr": {"many", "one", "other"},
	"pt": {"many", "one", "other"}, "ru": {"few", "many", "one", "other"}, "ar": {"few", "many", "one", "other", "two", "zero"},
}

func TestEveryPluralHasEveryFormOfItsLanguage(t *testing.T) {
	for _, tag := range languages {
		for key, forms := range messages(t, tag) {
			if forms[""] != "" {
				continue
			}
			if got := slices.Sorted(maps.Keys(forms)); !slices.Equal(got, pluralForms[tag]) {
				t.Errorf("%s: %q has the forms %v, wants %v", tag, key, got, pluralForms[tag])
			}
		}
	}
}

func TestEveryTextCanBeSaidWithEveryCount(t *testing.T) {
	l := locales(t)
	for _, tag := range languages {
		v := l.Voice(tag, time.Now(), time.UTC)
		for key, forms := range messages(t, tag) {
			if forms[""] != "" {
				continue
			}
			for _, n := range []int{0, 1, 2, 3, 10, 11, 20, 21, 22, 25, 99, 100, 102, 1000, 50_000, 1_000_000} {
				said := v.T(key, "Count", n, "SizeBytes", int64(1))
				if said == key || strings.Contains(said, "<no value>") && !strings.Contains(placeholders(forms), " ") {
					t.Errorf("%s: %q of %d is %q", tag, key, n, said)
				}
			}
		}
	}
}

var (
	templateKey = regexp.MustCompile(`\.T\s+"([^"]+)"|\.T\s+\(printf\s+"([^"]+)"`)
	codeKey     = regexp.MustCompile(`\.T\("([^"]+)"`)
	problemCode = regexp.MustCompile(`(?:Code:\s*|problem\(|NewDocument\([^"\n]*|, )"([a-z0-9]+(?:-[a-z0-9]+)+)"`)
)

func TestEveryTextThatATemplateNamesExists(t *testing.T) {
	english := messages(t, "en")
	err := fs.WalkDir(files.Files, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files.Files, name)
		if err != nil {
			return err
		}
		for _, m := range templateKey.FindAllStringSubmatch(string(raw), -1) {
			expectKey(t, english, name, m[1]+m[2])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryTextThatTheCodeNamesExists(t *testing.T) {
	english := messages(t, "en")
	for name, source := range sources(t, "../internal/web", "../internal/web/question", "../internal/portal", "../internal/desk") {
		for _, m := range codeKey.FindAllStringSubmatch(source, -1) {
			expectKey(t, english, name, m[1])
		}
	}
}

func TestEveryProblemOfWhatAReporterSendsHasWords(t *testing.T) {
	english := messages(t, "en")
	for name, source := range sources(t, "../internal/intake", "../internal/portal") {
		for _, line := range strings.Split(source, "\n") {
			if !strings.Contains(line, "Code") && !strings.Contains(line, "problem(") && !strings.Contains(line, "add(") {
				continue
			}
			for _, m := range problemCode.FindAllStringSubmatch(line, -1) {
				if !strings.HasPrefix(m[1], "under-") {
					expectKey(t, english, name, "problem."+m[1])
				}
			}
		}
	}
}

// sources reads the Go files of folders, tests aside.
func sources(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = string(raw)
		}
	}
	return all
}

// expectKey wants a text for a key, or for every key that a pattern ("stage.%s") or prefix ("problem.") stands for.
func expectKey(t *testing.T, english map[string]map[string]string, where, key string) {
	t.Helper()
	prefix, _, open := strings.Cut(key, "%")
	if !open && !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "-") {
		if english[key] == nil {
			t.Errorf("%s names %q, which no locale file has", where, key)
		}
		return
	}
	for k := range english {
		if strings.HasPrefix(k, prefix) {
			return
		}
	}
	t.Errorf("%s names %q, which no locale file has", where, key)
}

func TestNoTextIsThereThatNothingNames(t *testing.T) {
	var all strings.Builder
	for _, source := range sources(t, "../internal/web", "../internal/web/question", "../internal/portal", "../internal/intake", "../internal/seal", "../internal/auth", "../internal/review") {
		all.WriteString(source)
	}
	if err := fs.WalkDir(files.Files, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files.Files, name)
		all.Write(raw)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	folder, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := fs.ReadFile(folder, "en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]any
	if err := toml.Unmarshal(raw, &entries); err != nil {
		t.Fatal(err)
	}
	for key := range entries {
		stem := strings.TrimPrefix(key, "problem.")
		for _, family := range []string{"month.", "stage.", "message.", "fault.", "language.", "disclosed-reason."} {
			if strings.HasPrefix(key, family) {
				stem = ""
			}
		}
		if !strings.Contains(all.String(), stem) {
			t.Errorf("nothing names %q", key)
		}
	}
}
