package seal

import (
	"bytes"
	"errors"
	"testing"

	heed "github.com/heed-line/heed"
)

func TestAWrappedSecretOpensForItsHolderInItsPlaceAlone(t *testing.T) {
	k := GeneratePrivateKey()
	wrapped, err := k.Public().Wrap(place(), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Unwrap(place(), wrapped); err != nil || string(got) != "secret" {
		t.Fatalf("%q, %v", got, err)
	}
	for _, other := range otherPlaces(place()) {
		if _, err := k.Unwrap(other, wrapped); !errors.Is(err, heed.ErrSealed) {
			t.Fatalf("opened in %+v: %v", other, err)
		}
	}
	if _, err := GeneratePrivateKey().Unwrap(place(), wrapped); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("opened for another: %v", err)
	}
	refuses(t, wrapped, func(b []byte) error {
		_, err := k.Unwrap(place(), b)
		return err
	})
}

func TestAKeyPairSurvivesBeingStored(t *testing.T) {
	k := GeneratePrivateKey()
	again, err := ParsePrivateKey(k.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	public, err := ParsePublicKey(k.Public().Bytes())
	if err != nil || !public.Equal(again.Public()) || len(k.Bytes()) != 32 || len(public.Bytes()) != 1216 {
		t.Fatalf("%v; %d and %d bytes", err, len(k.Bytes()), len(public.Bytes()))
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 31), bytes.Repeat([]byte{0xff}, 1216), k.Public().Bytes()[1:]} {
		if _, err := ParsePublicKey(bad); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("public of %d bytes: %v", len(bad), err)
		}
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 31), make([]byte, 33)} {
		if _, err := ParsePrivateKey(bad); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("private of %d bytes: %v", len(bad), err)
		}
	}
}

func TestClearingASeedLeavesTheKeyItCameFromAndTheKeyMadeOfIt(t *testing.T) {
	k := GeneratePrivateKey()
	seed := k.Bytes()
	again, err := ParsePrivateKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	clear(seed)
	if !bytes.Equal(k.Bytes(), again.Bytes()) || bytes.Equal(k.Bytes(), seed) {
		t.Fatal("a key shares its memory with a caller")
	}
}

func TestAReportsKeysOpenForThatReportOfThatLineAlone(t *testing.T) {
	content, keys := GeneratePrivateKey(), NewReportKeys()
	wrapped, err := keys.Wrap(content.Public(), "line", "report")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := UnwrapReportKeys(content, "line", "report", wrapped); err != nil || got != keys {
		t.Fatal(err)
	}
	for _, other := range [][2]string{{"line", "other"}, {"other", "report"}, {"linereport", ""}} {
		if _, err := UnwrapReportKeys(content, other[0], heed.ID(other[1]), wrapped); !errors.Is(err, heed.ErrSealed) {
			t.Fatalf("opened for %v: %v", other, err)
		}
	}
	short, err := content.Public().Wrap(reportKeysBinding("line", "report"), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := UnwrapReportKeys(content, "line", "report", short); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("half of the keys: %v", err)
	}
}

func BenchmarkWrapReportKeys(b *testing.B) {
	content, keys := GeneratePrivateKey().Public(), NewReportKeys()
	for b.Loop() {
		if _, err := keys.Wrap(content, "line", "report"); err != nil {
			b.Fatal(err)
		}
	}
}
