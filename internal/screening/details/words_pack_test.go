package details

import (
	"os"
	"testing"

	"github.com/heed-line/heed/internal/screening/lexicon"
)

func TestTheWordsThatAreCarriedAreThoseOfTheFile(t *testing.T) {
	text, err := os.ReadFile("words.txt")
	if err != nil || string(text) != lexicon.Unpack(wordList) {
		t.Errorf("run go generate in this folder: %v", err)
	}
}
