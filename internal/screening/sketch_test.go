package screening

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// keyless stands in for a matching key.
type keyless struct{}

func (keyless) Hash64(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

func sketched(text, language string) (f Features, m Marks) {
	f = New(Config{}).Recall(Input{Text: text}, heed.Screening{Language: language, Category: "hazard"})
	return f, MarksOf(keyless{}, f)
}

func TestASketchPromisesWhatTheTextsSayAndLittleElse(t *testing.T) {
	const gas = "Strong smell of gas in front of the Nordaquille warehouse on the quay since this morning, the door is locked and four workers sleep inside."
	for _, c := range []struct {
		name, text, language string
		apart                time.Duration
		want                 bool
	}{
		{"a copy", gas, "en", 80 * 24 * time.Hour, true},
		{"an edited copy", "Forwarded: strange smell of gas in front of that Nordaquille warehouse on the quay since last evening, its door is locked and some workers sleep inside!", "en", 80 * 24 * time.Hour, true},
		{"another account", "They locked the men into Nordaquille's warehouse, and there is gas on the quay", "en", 0, true},
		{"in another language", "رائحة غاز أمام مستودع نورداكي على الرصيف والباب مقفل والعمال نائمون في الداخل", "ar", 0, true},
		{"something else", "The teacher at the music school takes money for better marks, and whoever pays nothing fails every time.", "en", 0, false},
		{"the same place", "Somebody with a red bag sells tickets that are false, each Friday on the quay, from the tram stop to the bridge.", "en", 60 * 24 * time.Hour, false},
	} {
		f, m := sketched(gas, "en")
		other, its := sketched(c.text, c.language)
		if got := NewProspect(keyless{}, f, m).Promises(its.Sketch(other), c.apart); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := NewProspect(keyless{}, other, its).Promises(m.Sketch(f), -c.apart); got != c.want {
			t.Errorf("%s, the other way about: %v", c.name, got)
		}
	}
}

// What can't be read is opened, as whatever an earlier program stored.
func TestASketchThatIsCutOffPromisesEverything(t *testing.T) {
	f, m := sketched("The lamp in Mill Lane flickers at night.", "en")
	whole := m.Sketch(f)
	other, its := sketched("A letter says that I have won a car.", "en")
	p := NewProspect(keyless{}, other, its)
	if p.Promises(whole, 0) {
		t.Fatal("the whole promises something")
	}
	for n := range whole {
		if !p.Promises(whole[:n], 0) {
			t.Errorf("%d bytes of it promise nothing", n)
		}
	}
}

func TestASketchIsWhatTheDocumentSays(t *testing.T) {
	m := Marks{{7}, {-1 << 63, 0x0102030405060708}, {0x7fff000000000000}, nil, {-1, 0}}
	f := Features{script: 1, signs: make([]sign, 300)}
	if got, want := hex.EncodeToString(m.Sketch(f)), "01ff"+"0200008102"+"01ffff"+"00"+"027fff8000"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
