package train

import (
	"os"
	"testing"

	"github.com/heed-line/heed/internal/screening/learn"
)

// The file is part of the program, so what made it must still be there. It takes half a minute of processor time.
func TestTheShippedModelIsWhatTrainingMakes(t *testing.T) {
	packed, err := os.ReadFile("../model.bin.gz")
	if err != nil {
		t.Fatal(err)
	}
	want, err := learn.Unpack(string(packed)) // another Go may pack it otherwise
	if err != nil {
		t.Fatal(err)
	}
	got, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("training makes another model (%d bytes, shipped are %d): heed train --out internal/screening/model.bin.gz", len(got), len(want))
	}
}
