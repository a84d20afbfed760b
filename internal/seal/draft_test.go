package seal

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

type someDraft struct {
	Text string `json:"text"`
	Key  Key    `json:"key"`
}

var someTime = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func draftOf(t testing.TB, k DraftKey, kind string, v any) string {
	t.Helper()
	token, err := k.Seal(kind, v, someTime, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestADraftComesBackAsItWas(t *testing.T) {
	k := NewDraftKey(NewKey())
	for _, text := range []string{"", "at the pier", strings.Repeat("港", 50_000)} {
		want, got := someDraft{text, NewKey()}, someDraft{}
		if err := k.Open("report", draftOf(t, k, "report", want), someTime, &got); err != nil || got != want {
			t.Fatalf("%d bytes: %v", len(text), err)
		}
	}
}

func TestADraftOpensForItsOwnFormAndLineAlone(t *testing.T) {
	k := NewDraftKey(NewKey())
	token := draftOf(t, k, "report", someDraft{Text: "x"})
	var got someDraft
	if err := k.Open("reply", token, someTime, &got); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("another form: %v", err)
	}
	if err := NewDraftKey(NewKey()).Open("report", token, someTime, &got); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("another key: %v", err)
	}
	if err := k.Open("report", token, someTime, new(int)); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("another version's state: %v", err)
	}
}

func TestADraftPastItsLifeIsGone(t *testing.T) {
	k := NewDraftKey(NewKey())
	token := draftOf(t, k, "report", someDraft{Text: "x"})
	var got someDraft
	if err := k.Open("report", token, someTime.Add(time.Hour-time.Millisecond), &got); err != nil {
		t.Fatal(err)
	}
	got = someDraft{}
	if err := k.Open("report", token, someTime.Add(time.Hour), &got); !errors.Is(err, heed.ErrGone) || got.Text != "" {
		t.Fatalf("got %v, %q", err, got.Text)
	}
}

func TestAChangedDraftDoesNotOpen(t *testing.T) {
	k := NewDraftKey(NewKey())
	token := draftOf(t, k, "report", someDraft{Text: "x"})
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	var got someDraft
	refuses(t, sealed, func(b []byte) error {
		return k.Open("report", base64.RawURLEncoding.EncodeToString(b), someTime, &got)
	})
	for _, bad := range []string{token + "=", token[:len(token)-1], " " + token, token + "\n", strings.ToLower(token), "¿"} {
		if err := k.Open("report", bad, someTime, &got); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%.20q…: %v", bad, err)
		}
	}
}

func TestADraftsLengthTellsLittleOfItsText(t *testing.T) {
	k := NewDraftKey(NewKey())
	lengths := map[int]int{}
	for n := range 3000 {
		lengths[len(draftOf(t, k, "report", strings.Repeat("a", n)))]++
	}
	if len(lengths) > 4 {
		t.Errorf("%d lengths for texts up to 3,000", len(lengths))
	}
	if a, b := len(draftOf(t, k, "report", strings.Repeat("a", 40_000))), len(draftOf(t, k, "report", strings.Repeat("a", 45_000))); a != b {
		t.Errorf("40,000 and 45,000 characters: %d and %d", a, b)
	}
}

func TestADraftThatHasNoJSONIsAnError(t *testing.T) {
	if _, err := NewDraftKey(NewKey()).Seal("report", make(chan int), someTime, time.Hour); err == nil {
		t.Fatal("sealed a channel")
	}
}

func BenchmarkDraftOf50000Characters(b *testing.B) {
	k := NewDraftKey(NewKey())
	v := someDraft{Text: strings.Repeat("港", 50_000)}
	b.SetBytes(int64(len(v.Text)))
	for b.Loop() {
		var got someDraft
		if err := k.Open("report", draftOf(b, k, "report", v), someTime, &got); err != nil {
			b.Fatal(err)
		}
	}
}
