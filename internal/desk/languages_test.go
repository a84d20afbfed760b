package desk

import (
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
	files "github.com/heed-line/heed/web"
)

func TestTheLanguagesOfAMixedReportAreShownWithTheirShares(t *testing.T) {
	sub, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	l, err := web.LoadLocales(sub, "en", "zh-Hans", "ar")
	if err != nil {
		t.Fatal(err)
	}
	mixed := &heed.Screening{Language: "es", Languages: []string{"es", "en"}, Reasons: []heed.Reason{
		{For: "language", Rule: "language.es", Weight: 0.4}, {For: "language", Rule: "language.en", Weight: 0.42}, {For: "language", Rule: "language.es", Weight: 0.18},
	}}
	for tag, want := range map[string][2]string{
		"en":      {"Spanish 58%, English 42%", "a passage in this language: English"},
		"zh-Hans": {"西班牙语 58%, 英语 42%", "这一段的语言：英语"},
	} {
		s := speaker{Voice: l.Voice(tag, time.Time{}, time.UTC)}
		if got := s.languages(mixed); got != want[0] {
			t.Errorf("%s: it is in %s", tag, got)
		}
		if got := s.rule("language.en"); got != want[1] {
			t.Errorf("%s: the reason is %s", tag, got)
		}
	}
	s := speaker{Voice: l.Voice("en", time.Time{}, time.UTC)}
	if got := s.languages(&heed.Screening{Language: "es"}); got != "Spanish" {
		t.Errorf("one language is %s", got)
	}
	if got := s.languages(&heed.Screening{Language: "es", Languages: []string{"es", "en"}}); got != "Spanish, English" {
		t.Errorf("languages without passages are %s", got) // as older screenings have them
	}
	if got := beginning("Hay un olor a gas muy fuerte en el edificio de la calle Mayor"); got != "Hay un olor a gas muy fuerte en el edificio de l…" {
		t.Errorf("a passage begins %s", got)
	}
}
