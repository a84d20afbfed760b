package media_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/media"
)

// TestSpokenFiguresAreStillToldApartBehindAMask has a recognizer that knows nothing of masks (CMU PocketSphinx, its English model) tell
// which of ten figures was said, in each voice, before and after the mask. People follow a shifted voice better than it does, so its
// share is a floor; docs/telephony.md has the figures.
func TestSpokenFiguresAreStillToldApartBehindAMask(t *testing.T) {
	if !soak() {
		t.Skip("HEED_SOAK=on has a recognizer listen to masked voices")
	}
	tool(t, "pocketsphinx_batch")
	const draws = 3
	folder := t.TempDir()
	var list strings.Builder
	var said []string
	keep := func(figure string, mono16k []byte) {
		name := fmt.Sprintf("u%04d", len(said))
		if err := os.WriteFile(filepath.Join(folder, name+".wav"), mono16k, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&list, name)
		said = append(said, figure)
	}
	figures := strings.Fields("zero one two three four five six seven eight nine")
	for _, voice := range voices {
		for i, figure := range figures {
			wav := spoken(t, voice, figure+".")
			keep(figure, encoded(t, wav, "-ac", "1", "-ar", "16000", "-f", "wav"))
			for draw := range draws {
				mp3, err := media.MaskSound(t.Context(), "audio/x-wav", bytes.NewReader(wav), rand.NewChaCha8([32]byte{byte(i), byte(draw), voice[0], voice[1]}))
				if err != nil {
					t.Fatal(err)
				}
				keep(figure, encoded(t, mp3, "-ac", "1", "-ar", "16000", "-f", "wav"))
			}
		}
	}
	heard := recognized(t, folder, list.String(), figures)
	var plain, masked float64
	for i := range said {
		if heard[i] != said[i] {
			continue
		}
		if i%(draws+1) == 0 {
			plain += 1 / float64(len(voices)*len(figures))
		} else {
			masked += 1 / float64(len(voices)*len(figures)*draws)
		}
	}
	t.Logf("figures told apart: %.2f as spoken, %.2f masked (chance 0.10)", plain, masked)
	if plain < 0.6 || masked < 0.6*plain {
		t.Errorf("the recognizer tells %.2f of the figures as spoken and %.2f masked", plain, masked)
	}
}

// recognized is which of the words the recognizer hears in each of the recordings that a list names, a line each.
func recognized(t *testing.T, folder, list string, words []string) []string {
	t.Helper()
	grammar, control, result := filepath.Join(folder, "words.gram"), filepath.Join(folder, "list"), filepath.Join(folder, "heard")
	for name, text := range map[string]string{grammar: "#JSGF V1.0;\ngrammar words;\npublic <word> = " + strings.Join(words, " | ") + ";\n", control: list} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const model = "/usr/share/pocketsphinx/model/en-us/"
	c := exec.CommandContext(t.Context(), "pocketsphinx_batch", "-hmm", model+"en-us", "-dict", model+"cmudict-en-us.dict", "-jsgf", grammar,
		"-adcin", "yes", "-adchdr", "44", "-cepdir", folder, "-cepext", ".wav", "-ctl", control, "-hyp", result)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	for line := range strings.Lines(string(raw)) { // what was heard, and in brackets the recording and a score
		word, _, _ := strings.Cut(line, "(")
		heard = append(heard, strings.TrimSpace(word))
	}
	if want := strings.Count(list, "\n"); len(heard) != want {
		t.Fatalf("of %d recordings %d were listened to", want, len(heard))
	}
	return heard
}
