package train

import (
	"os"
	"testing"

	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// The file is part of the program, so what made it must still be there. Training takes a minute and a half of processor time: a test run
// sees that the file is of these texts and under its own digest, and make soak that training makes it, bit for bit. Whatever else changes an answer is seen by
// TestAThousandLinesAreAnsweredAsBefore.
func TestTheShippedModelIsWhatTrainingMakes(t *testing.T) {
	packed, err := os.ReadFile("../model.bin.gz")
	if err != nil {
		t.Fatal(err)
	}
	want, err := learn.Unpack(string(packed)) // another Go may pack it otherwise
	if err != nil {
		t.Fatal(err)
	}
	m, err := learn.Open(want)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	_, v, err := learn.Digested([]byte(want), version(texts))
	if err != nil || m.Version != v {
		t.Fatalf("the shipped model is %s, its weights and the texts make %s (%v): heed train --out internal/screening/model.bin.gz", m.Version, v, err)
	}
	if os.Getenv("HEED_SOAK") == "" {
		return
	}
	got, err := Model(texts)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("training makes another model (%d bytes, shipped are %d): heed train --out internal/screening/model.bin.gz", len(got), len(want))
	}
}
