package screening

import (
	"slices"
	"testing"

	"github.com/heed-line/heed"
)

func TestAMixedReportNamesItsLanguagesAndWhereEachStands(t *testing.T) {
	s := New(Config{})
	text := "Hay un olor a gas muy fuerte en el edificio de la calle Mayor 5. Please send help, nobody answers the phone."
	got := s.Screen(Input{Text: text, Lang: "en"})
	if got.Language != "es" || !slices.Equal(got.Languages, []string{"es", "en"}) {
		t.Errorf("it is in %s, mixed of %s", got.Language, got.Languages)
	}
	shares := map[string]float64{}
	for _, r := range got.Reasons {
		if r.For != "language" {
			continue
		}
		if text[r.Start:r.End] != r.Phrase {
			t.Errorf("%q isn't at its place", r.Phrase)
		}
		shares[r.Rule] += r.Weight
	}
	if len(shares) != 2 || shares["language.es"] <= shares["language.en"] || shares["language.es"]+shares["language.en"] < 0.998 {
		t.Errorf("the shares are %v", shares)
	}
	plain := s.Screen(Input{Text: "Hay un olor a gas muy fuerte en el edificio de la calle Mayor 5."})
	if plain.Languages != nil || slices.ContainsFunc(plain.Reasons, func(r heed.Reason) bool { return r.For == "language" }) {
		t.Errorf("one language is mixed of %s: %v", plain.Languages, plain.Reasons)
	}
}

func TestADangerToldInTheOtherLanguageOfAMixedReportIsSeen(t *testing.T) {
	got := New(Config{}).Screen(Input{Text: "Hola, escribo desde el colegio de mi hijo, there is a man with a gun in the corridor and he is shooting at the children"})
	if got.Urgency != heed.Immediate {
		t.Errorf("it is %s", got.Urgency)
	}
}
