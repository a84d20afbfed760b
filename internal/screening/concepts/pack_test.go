package concepts

import (
	"os"
	"testing"
)

func TestTheConceptsThatAreCarriedAreThoseOfTheFile(t *testing.T) {
	text, err := os.ReadFile("concepts.txt")
	if carried, failed := unpack(); err != nil || failed != nil || string(text) != carried {
		t.Errorf("run go generate in this folder: %v, %v", err, failed)
	}
}
