package desk_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	files "github.com/heed-line/heed/web"
)

var (
	textLine    = regexp.MustCompile(`(?m)^"([^"]+)" = (.*)$`)
	placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)
	saidKey     = regexp.MustCompile(`\bT\(? ?"([a-z][^"]*[^".-])"`)
)

// texts are the desk's texts of one language by key.
func texts(t *testing.T, name string) map[string]string {
	t.Helper()
	folder, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, m := range textLine.FindAllStringSubmatch(string(raw), -1) {
		found[m[1]] = m[2]
	}
	return found
}

func places(text string) []string {
	found := placeholder.FindAllString(text, -1)
	sort.Strings(found)
	return slices.Compact(found)
}

func TestEveryLanguageOfTheDeskSaysEverythingWithTheSamePlaces(t *testing.T) {
	for _, kind := range deskTexts {
		english := texts(t, kind+".en.toml")
		for _, tag := range []string{"zh-Hans", "es", "fr", "ar", "ru", "pt"} {
			other := texts(t, kind+"."+tag+".toml")
			for key, text := range english {
				if other[key] == "" {
					t.Errorf("%s has no %s", tag, key)
				} else if !slices.Equal(places(text), places(other[key])) {
					t.Errorf("%s, %s: %s has other places than %s", tag, key, other[key], text)
				}
			}
			if len(other) != len(english) {
				t.Errorf("%s.%s has %d texts, English %d", kind, tag, len(other), len(english))
			}
		}
	}
}

// deskTexts are how the files begin in which the desk's texts are.
var deskTexts = []string{"desk", "calls", "media"}

func TestEveryActHasWords(t *testing.T) {
	source, err := os.ReadFile("../audit/leaf.go")
	if err != nil {
		t.Fatal(err)
	}
	english := texts(t, "desk.en.toml")
	acts := regexp.MustCompile(`(?m)^\t[A-Z]\w+ += "([a-z-]+\.[a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	for _, m := range acts {
		if english["act."+m[1]] == "" {
			t.Errorf("nobody wrote what %s is", m[1])
		}
	}
	if len(acts) < 30 {
		t.Errorf("%d acts found", len(acts))
	}
}

func TestEveryTextThatThePagesSayIsThere(t *testing.T) {
	known := texts(t, "en.toml")
	for _, kind := range deskTexts {
		maps.Copy(known, texts(t, kind+".en.toml"))
	}
	err := fs.WalkDir(files.Files, "templates/desk", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files.Files, name)
		if err != nil {
			return err
		}
		for _, m := range saidKey.FindAllStringSubmatch(string(raw), -1) {
			if !strings.Contains(m[1], "%") && known[m[1]] == "" {
				t.Errorf("%s says %s, which nobody wrote", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, s := range heed.States {
		made = append(made, "state."+string(s.State))
	}
	for _, r := range heed.Roles {
		made = append(made, "role."+string(r), "role-hint."+string(r))
	}
	for _, d := range heed.DetailTypes {
		made = append(made, "detail."+d)
	}
	for _, key := range made {
		if known[key] == "" {
			t.Errorf("nobody wrote %s", key)
		}
	}
}
