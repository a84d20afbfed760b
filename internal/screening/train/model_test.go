package train

import (
	"bytes"
	"os"
	"testing"
)

// The file is part of the program, so what made it must still be there. It takes half a minute of processor time.
func TestTheShippedModelIsWhatTrainingMakes(t *testing.T) {
	want, err := os.ReadFile("../model.bin")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("training makes another model (%d bytes, shipped are %d): heed train --out internal/screening/model.bin", len(got), len(want))
	}
}
