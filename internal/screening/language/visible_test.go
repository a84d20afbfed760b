package language_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/language"
)

// ways in which a text is written that look like it, or say the same.
func ways(text string) map[string]string {
	shifted := func(capital, small rune) string {
		return strings.Map(func(r rune) rune {
			switch {
			case r >= 'A' && r <= 'Z':
				return capital + r - 'A'
			case r >= 'a' && r <= 'z':
				return small + r - 'a'
			}
			return r
		}, text)
	}
	between := func(mark string) string { return strings.Join(strings.Split(text, ""), mark) }
	return map[string]string{
		"full width": shifted(0xFF21, 0xFF41), "bold": shifted(0x1D400, 0x1D41A), "zero width": between("\u200b"), "joined": between("\u200d"),
		"soft hyphens": between("\u00ad"), "hidden start": strings.Repeat("\u200b", 4000) + text, "turned": "\u202a" + text + "\u202c",
	}
}

func TestALanguageIsKnownHoweverItsLettersAreWritten(t *testing.T) {
	for tag, text := range map[string]string{
		"en": "My manager takes a third of our wages in cash every month and keeps our passports in his safe.",
		"de": "Mein Nachbar hat seine Frau eingesperrt und droht, sie heute Nacht umzubringen, ich höre sie weinen.",
		"ru": "Мой начальник забирает треть нашей зарплаты и держит наши паспорта в своём сейфе.",
	} {
		for way, written := range ways(text) {
			if got := language.Default().Detect(written); got.Main != tag || got.All != nil {
				t.Errorf("%s, %s: %s %v", tag, way, got.Main, got.All)
			}
		}
	}
}

func TestAPassageStandsAtItsPlaceAmongWhatIsNotSeen(t *testing.T) {
	english, german := "The guards locked all the doors of the hall and nobody can leave.", "Die Wachen haben alle Türen der Halle abgeschlossen und niemand kann hinaus."
	for way, first := range ways(english) {
		text := first + " " + german
		got := language.Default().Detect(text)
		var tags []string
		for _, p := range got.Passages {
			tags = append(tags, p.Tag)
			if p.Tag == "de" && !strings.Contains(text[p.Start:p.End], "Wachen haben alle") {
				t.Errorf("%s: %q is called German", way, text[p.Start:p.End])
			}
		}
		if !slices.Contains(tags, "de") || !slices.Contains(tags, "en") {
			t.Errorf("%s: passages in %v", way, tags)
		}
	}
}
