package prompt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

func TestDigitsAreTheSameTenClipsInGroups(t *testing.T) {
	b := newBooth(t, "")
	v := b.In("ru")
	frames := b.heard("ru", prompt.Digits("5 50-17", 4))
	var want []sound.Frame
	for i, d := range []int{5, 5, 0, 1, 7} {
		clip, err := v.Digit(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		begun := len(want)
		want = append(want, clip...)
		switch { // the time of a digit is 45 frames, the pause at least 12, that between groups 80
		case i == 3:
			want = append(want, make([]sound.Frame, 80)...)
		case i < 4:
			want = append(want, make([]sound.Frame, max(12, begun+45-len(want)))...)
		}
	}
	if want = unhurried(want); !slices.Equal(frames, want) {
		t.Errorf("%d frames, want %d", len(frames), len(want))
	}
	for i := range 10 {
		for j := range i {
			a, err := v.Digit(t.Context(), i)
			if err != nil {
				t.Fatal(err)
			}
			if other, err := v.Digit(t.Context(), j); err != nil || slices.Equal(a, other) {
				t.Errorf("%d sounds like %d (%v)", i, j, err)
			}
		}
	}
}

func TestWhatIsSpokenStandsInNoArgumentNoFileNoLogAndNoPrintedPiece(t *testing.T) {
	dir := t.TempDir()
	seen, program := filepath.Join(dir, "seen"), filepath.Join(dir, "espeak-ng")
	// The real program, behind one that writes down what everybody on the machine could see.
	script := fmt.Sprintf("#!/bin/sh\n{ echo \"$@\"; /usr/bin/env; } >> %s\nexec /usr/bin/env espeak-ng \"$@\"\n", seen)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	b := newBooth(t, program)
	const receipt, words = "90417263518264037195", "Which quartzes did you see?"
	pieces := []prompt.Piece{prompt.Digits(receipt, 4), prompt.Words(words, "message-rest", "message-unspoken"), prompt.Since(noon.Add(-23 * time.Minute))}
	if n := speech(b.heard("en", pieces...)); n < 300 {
		t.Errorf("%d frames of speech", n)
	}
	if n := b.kept(); n != 10 {
		t.Errorf("%d texts kept, want the ten digits", n)
	}
	args, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	if runs := strings.Count(string(args), "--stdin"); runs != 12 {
		t.Errorf("%d processes, want one a digit, one for the words, one for the time", runs)
	}
	everything := string(args) + b.log.String() + fmt.Sprintf("%v %+v %#v %s", pieces[:2], pieces[:2], pieces[:2], pieces[:2])
	for _, secret := range []string{receipt, "quartzes", receipt[:4], "23", "HEED", "HOME="} {
		if strings.Contains(everything, secret) {
			t.Errorf("%q stands in\n%s", secret, everything)
		}
	}
	b.expectQuietLog()
}

func TestWordsAreSpokenByAVoiceThatReadsTheirScript(t *testing.T) {
	b := newBooth(t, "")
	for _, c := range []struct{ caller, words, voice string }{
		{"en", "Which door?", "en"},
		{"fr", "Quelle porte ?", "fr-fr"},
		{"fr", "Which door?", "fr-fr"}, // the same script: they may be French
		{"fr", "Какая дверь?", "ru"},
		{"ar", "أي باب؟", "ar"},
		{"ar", "Which door?", "en"},
		{"zh-Hans", "是 Heed 的哪一扇门？", "cmn-latn-pinyin"},
		{"ru", "哪一扇门？", "cmn-latn-pinyin"},
		{"pt", "12345", "pt"},
	} {
		if got := b.In(c.caller).VoiceFor(c.words); got != c.voice {
			t.Errorf("%q for a caller of %s: %s, want %s", c.words, c.caller, got, c.voice)
		}
	}
}

func TestWordsAreCutWhereAVoiceBreathesAndWhatIsTooLongIsReadElsewhere(t *testing.T) {
	got, cut := prompt.Sentences("What is it? It costs 3.50 there.\nن؟ 门在哪里。谢谢! …  ")
	want := []string{"What is it?", "It costs 3.50 there.", "ن؟", "门在哪里。", "谢谢!"}
	if !slices.Equal(got, want) || cut {
		t.Errorf("%q, %v", got, cut)
	}
	for _, long := range []string{strings.Repeat("word ", 300), strings.Repeat("语", 1500), strings.Repeat("x, ", 500)} {
		all, cut := prompt.Sentences(long)
		if cut {
			t.Errorf("%.10q… is cut", long)
		}
		if squeeze(strings.Join(all, "")) != squeeze(long) {
			t.Errorf("%.10q… loses something", long)
		}
		for _, s := range all {
			if n := len([]rune(s)); n > 300 {
				t.Errorf("%.10q… has a sentence of %d", long, n)
			}
		}
	}
	if all, cut := prompt.Sentences(strings.Repeat("word ", 401)); !cut || len(all) == 0 {
		t.Errorf("%d sentences, %v", len(all), cut)
	}
	b := newBooth(t, "")
	b.record("en", "message-rest.wav")
	rest := b.heard("en", prompt.Text("message-rest"))
	said := b.heard("en", prompt.Words("Yes."+strings.Repeat("\n", 2000), "message-rest", "message-unspoken"))
	if len(said) < len(rest)+10 || !slices.Equal(said[len(said)-len(rest):], rest) {
		t.Errorf("%d frames don't end with the text that there is more", len(said))
	}
}

func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

func TestWhatWouldBeAnOrderToTheVoiceIsSpokenAsItIs(t *testing.T) {
	b := newBooth(t, "")
	for _, words := range []string{"[[hello]]", "-f /etc/passwd", "<speak>hello</speak>", "hello\x00\x1b[31m hello", strings.Repeat("[[", 900) + "hello"} {
		if n := speech(b.heard("en", prompt.Words(words, "message-rest", "message-unspoken"))); n < 5 {
			t.Errorf("%.20q is %d frames of speech", words, n)
		}
	}
	b.expectQuietLog()
}

func TestWithoutAVoiceRecordingsArePlayedAndWordsAreReadElsewhere(t *testing.T) {
	b := newBooth(t, "/nonexistent/espeak-ng")
	b.record("fr", "message-unspoken.wav")
	b.record("fr", "bye.wav")
	if n := speech(b.heard("fr", prompt.Words("Quelle porte ?", "message-rest", "message-unspoken"), prompt.Text("bye"))); n < 48 || n > 54 {
		t.Errorf("%d frames of sound, want two recordings of 25", n)
	}
	if n := speech(b.heard("fr", prompt.Text("sent"), prompt.Digits("123", 4))); n != 0 {
		t.Errorf("%d frames of what can't be spoken", n)
	}
	if n := strings.Count(b.log.String(), "can't be spoken"); n != 3 {
		t.Errorf("the log is told %d times:\n%s", n, b.log.String())
	}
}

func TestWhoStopsListeningStopsTheVoice(t *testing.T) {
	b := newBooth(t, "")
	for range 20 {
		for f := range b.In("en").Say(t.Context(), prompt.Words(strings.Repeat("One more. ", 100), "message-rest", "message-unspoken")) {
			if f != nil {
				break
			}
		}
	}
	b.expectQuietLog()
}

func TestATimeIsSaidInItsLargestUnit(t *testing.T) {
	b := newBooth(t, "")
	for name, ago := range map[string]time.Duration{
		"since.minutes-1.wav": 3 * time.Second, "since.minutes-119.wav": 119 * time.Minute, "since.hours-47.wav": 47*time.Hour + 50*time.Minute,
		"since.days-2.wav": 48 * time.Hour, "since.days-59.wav": 59 * 24 * time.Hour, "since.date.wav": 70 * 24 * time.Hour,
	} {
		b.record("en", name)
		if n := speech(b.heard("en", prompt.Since(noon.Add(-ago)))); n < 24 || n > 27 {
			t.Errorf("%v ago isn't %s: %d frames", ago, name, n)
		}
	}
}

func TestWhereTheProgramBreaksWhileATextIsSpokenTheCallHearsWhatFollows(t *testing.T) {
	b := newBooth(t, "")
	after := b.heard("en", prompt.Text("bye"))
	b.Break()
	if got := b.heard("en", prompt.Text("start"), prompt.Digits("1", 1), prompt.Words("Which one?", "message-rest", "message-unspoken"), prompt.Text("bye")); !slices.Equal(unhurried(got), unhurried(after)) {
		t.Errorf("%d frames are heard, want %d", len(got), len(after))
	}
	if log := b.log.String(); strings.Count(log, "a fault was met") != 4 || strings.Contains(log, "Which") {
		t.Error(log)
	}
}
