package screening_test

import (
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

func TestASearchIsNotByWhoSomebodyIs(t *testing.T) {
	for _, words := range []string{
		"muslim", "the Muslims", "GAY", "homeless refugees", "穆斯林", "同性恋 流浪汉", "inmigrantes sin papeles", "musulmanes", "réfugié",
		"sans-abri", "لاجئين", "мигранты", "бомж", "imigrante", "homossexual",
		"艾滋病", "геев", "árabes", "black men", "Romani",
	} {
		tokens, traits := screening.QueryTokens(words)
		tokens = slices.DeleteFunc(tokens, func(w string) bool { return w == "the" })
		if !traits || len(tokens) > 0 {
			t.Errorf("%q is searched by %q", words, tokens)
		}
	}
	for words, want := range map[string][]string{
		"muslim harbour": {"harbour"}, "white van 07700": {"white", "van", "07700"}, "atención incendio": {"atencion", "incendio"},
		"artist Romain": {"artist", "romain"},
	} {
		if tokens, _ := screening.QueryTokens(words); !slices.Equal(tokens, want) {
			t.Errorf("%q is searched by %q, want %q", words, tokens, want)
		}
	}
}
