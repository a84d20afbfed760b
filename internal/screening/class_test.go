package screening

import (
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/screening/lexicon"
)

func TestEveryClassOfTheWordListsHasANumberAndEveryNumberAClass(t *testing.T) {
	in := map[string]bool{}
	for tag, l := range lexicon.Shipped() {
		for _, name := range l.Classes() {
			in[name] = true
			if classes().number[name] == classNone {
				t.Errorf("%s: no number for %s", tag, name)
			}
		}
	}
	for name := range classes().number {
		if !in[name] {
			t.Errorf("no list has %s", name)
		}
	}
	for _, name := range slices.Concat(actConcepts[:], whoConcepts[:]) {
		if classes().number[name] < classConcept {
			t.Errorf("%s is no concept", name)
		}
	}
	if classes().number[AsksCategory+"disaster"] != classDisaster {
		t.Error("disaster stands elsewhere in gravity")
	}
}
