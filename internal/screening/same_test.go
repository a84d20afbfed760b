package screening

import "testing"

func TestTheSameWordsAreToldFromWhatOnlyLooksLikeThem(t *testing.T) {
	const text = "The guard of the hall in Mill Lane wants 3.5 thousand by tonight, or he locks the exit: write to jo_hn@gate.example, he says €900 will do."
	s := New(Config{})
	of := s.Features(text)
	for other, want := range map[string]bool{
		text: true,
		"THE GUARD of the hall in “Mill Lane”\nwants  3.5 thousand by tonight – or he locks the exit! Write to jo_hn@gate.example; he says €900 will do":   true,
		"The gu\u200bard of the hall in Mill Lane wants 3.5 thousand by tonight, or he locks the exit: write to jo_hn@gate.example, he says €900 will do.": true,
		"The guard of the hall in Mill Lane wants 35 thousand by tonight, or he locks the exit: write to jo_hn@gate.example, he says €900 will do.":        false,
		"The guard of the hall in Mill Lane wants 3.5 thousand by tonight, or he locks the exit: write to jo-hn@gate.example, he says €900 will do.":       false,
		"The guard of the hall in Mill Lane wants 3.5 thousand by tonight, or he locks the exit: write to jo_hn@gate.example, he says $900 will do.":       false,
		"The guard of the hall in Mìll Lane wants 3.5 thousand by tonight, or he locks the exit: write to jo_hn@gate.example, he says €900 will do.":       false,
		"The guard of the hall in Mill Lane wants 3.5 thousand by tonight, or he locks the exit: write to jo_hn@gate.example, he says €900 will do. 7":     false,
	} {
		if got := Same(of, s.Features(other)); got != want {
			t.Errorf("%q is the same: %t", other, got)
		}
	}
}
