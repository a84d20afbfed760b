package learn

import (
	"errors"
	"testing"
)

func TestAPackedModelComesBackWholeOrNotAtAll(t *testing.T) {
	const file = magic + "{}\nsome weights, some weights, some weights"
	packed, err := Pack([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Unpack(string(packed)); err != nil || got != file {
		t.Errorf("%q, %v", got, err)
	}
	for _, damaged := range []string{"", file, string(packed[:len(packed)-3]), string(packed[:20]) + "x" + string(packed[21:])} {
		if _, err := Unpack(damaged); !errors.Is(err, ErrModel) {
			t.Errorf("%q: %v", damaged, err)
		}
	}
}
