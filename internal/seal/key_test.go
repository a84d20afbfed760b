package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
	"pgregory.net/rapid"
)

func TestASealedTextOpensInItsPlaceAndNowhereElse(t *testing.T) {
	k := NewKey()
	for _, n := range []int{0, 1, 31, 4096} {
		text := bytes.Repeat([]byte("é"), n)
		sealed := k.Seal(place(), text)
		if got, err := k.Open(place(), sealed); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%d: %v", n, err)
		}
		for _, other := range otherPlaces(place()) {
			if _, err := k.Open(other, sealed); !errors.Is(err, heed.ErrSealed) {
				t.Fatalf("opened in %+v: %v", other, err)
			}
		}
		if _, err := NewKey().Open(place(), sealed); !errors.Is(err, heed.ErrSealed) {
			t.Fatalf("opened under another key: %v", err)
		}
	}
}

func TestAChangedSealedTextDoesNotOpen(t *testing.T) {
	k := NewKey()
	refuses(t, k.Seal(place(), []byte("it happened at the pier")), func(b []byte) error {
		_, err := k.Open(place(), b)
		return err
	})
}

func TestTwoPlacesNeverEncodeAlike(t *testing.T) {
	part := rapid.SampledFrom([]string{"", "a", "b", "ab", "a/b", "\x00", "\x00\x00\x00\x01a", "heed/sealed/1"})
	any := rapid.Custom(func(t *rapid.T) Binding {
		return Binding{part.Draw(t, "line"), part.Draw(t, "report"), part.Draw(t, "field"), rapid.Uint32Max(2).Draw(t, "version")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := any.Draw(t, "a"), any.Draw(t, "b")
		la, lb := part.Draw(t, "label a"), part.Draw(t, "label b")
		if same := a == b && la == lb; same != bytes.Equal(a.encode(la), b.encode(lb)) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

func TestNothingIsSealedUnderNoKey(t *testing.T) {
	var none Key
	defer func() {
		if recover() == nil {
			t.Fatal("a key of zeros sealed something")
		}
	}()
	if _, err := none.Open(place(), NewKey().Seal(place(), nil)); !errors.Is(err, heed.ErrSealed) {
		t.Fatal(err)
	}
	none.Seal(place(), []byte("x"))
}

func TestAKeyTravelsInsideJSONAndShowsNowhereElse(t *testing.T) {
	k := NewKey()
	b, err := json.Marshal(map[string]Key{"key": k})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]Key
	if err := json.Unmarshal(b, &back); err != nil || back["key"] != k {
		t.Fatalf("%v", err)
	}
	for _, bad := range []string{`"AAAA"`, `"!"`, `"` + strings.Repeat("A", 43) + `"`} {
		if err := json.Unmarshal([]byte(bad), &k); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	text, err := k.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{string(text), string(k[:]), fmt.Sprintf("%x", k[:]), fmt.Sprintf("%X", k[:]), strings.Trim(fmt.Sprint(k[:]), "[]")}
	var logged bytes.Buffer
	type holder struct{ Key Key }
	for _, h := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
		slog.New(h).Info("made", "key", k)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		fmt.Fprintf(&logged, verb+verb+verb, k, &k, holder{k})
	}
	for _, s := range secrets {
		if strings.Contains(logged.String(), s) {
			t.Errorf("shown as %q", s)
		}
	}
}

func TestEverySecretPrintsAsAKey(t *testing.T) {
	secrets := []any{NewKey(), GeneratePrivateKey(), GenerateSigner(), NewDraftKey(NewKey()), NewMatchingKey(NewKey()),
		NewDeriver([]byte("pepper"), []byte("salt"), 1, 1), NewSignInKey(NewKey()), NewApartCode()}
	for _, s := range secrets {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if got := fmt.Sprintf(verb, s); got != redactedKey {
				t.Errorf("%T with %s: %s", s, verb, got)
			}
		}
		if v, ok := s.(slog.LogValuer); !ok || v.LogValue().String() != redactedKey {
			t.Errorf("%T logs", s)
		}
	}
	if NewReceipt().LogValue().String() != "[receipt]" {
		t.Error("a Receipt logs")
	}
}

func BenchmarkKeySeal(b *testing.B) {
	k, text := NewKey(), make([]byte, 2000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		k.Seal(place(), text)
	}
}
