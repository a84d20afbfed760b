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

// pageMask has the page's script mask files of 48 kHz samples under node, as a browser's worklet does, 128 at a time.
const pageMask = `
require(process.argv[2]);
const fs = require("fs"), { Mask, wav } = globalThis.heedMask;
for (const line of fs.readFileSync(0, "utf8").trim().split("\n")) {
  const [from, to, ...draw] = line.split(" ");
  const bytes = fs.readFileSync(from), heard = new Float32Array(bytes.length / 2);
  for (let i = 0; i < heard.length; i++) heard[i] = bytes.readInt16LE(2 * i) / 32768;
  const mask = new Mask(48000, draw.map(Number)), parts = [];
  for (let at = 0; at < heard.length; at += 128) parts.push(mask.push(heard.subarray(at, at + 128)));
  parts.push(mask.end());
  fs.writeFileSync(to, Buffer.concat(wav(parts).map((p) => Buffer.from(p.buffer, p.byteOffset, p.byteLength))));
}`

// HEED_SOAK=on draws more masks for each of more voices; docs/media.md has its figures.
func TestAVoiceThatThePageMaskedIsNotLinkedToItsOtherRecordingAndIsStillUnderstood(t *testing.T) {
	speakers, draws := voices, 2
	if soak() {
		speakers, draws = manyVoices, 10
	}
	folder, random := t.TempDir(), rand.New(rand.NewChaCha8([32]byte{6}))
	in := func(format string, args ...any) string { return filepath.Join(folder, fmt.Sprintf(format, args...)) }
	var plain [2][]print
	var loudness [2][][]float64
	var work strings.Builder
	for k, text := range told {
		var wav [][]byte
		for _, v := range speakers {
			wav = append(wav, spoken(t, v, text))
		}
		for _, all := range samplesOf(t, wav...) {
			plain[k], loudness[k] = append(plain[k], printOf(all)), append(loudness[k], envelope(all))
		}
		for i, raw := range encodedAll(t, wav, "-ac", "1", "-ar", "48000", "-f", "s16le") {
			heard := in("%d-%d.raw", k, i)
			if err := os.WriteFile(heard, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			for draw := range draws {
				fmt.Fprint(&work, heard, " ", in("%d-%d-%d.wav", k, i, draw))
				for range 10 {
					fmt.Fprint(&work, " ", random.Float64())
				}
				fmt.Fprintln(&work)
			}
		}
	}
	runner := in("runner.cjs")
	if err := os.WriteFile(runner, []byte(pageMask), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("../../web/static/mask.js")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), tool(t, "node"), runner, script)
	node.Stdin = strings.NewReader(work.String())
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	chance := 1 / float64(len(speakers))
	before := max(linked(plain[0], plain[1], cepstral), linked(plain[0], plain[1], spectral))
	var byCepstrum, bySpectrum, rhythm, length float64
	for draw := range draws {
		var prints [2][]print
		for k := range told {
			var copies [][]byte
			for i := range speakers {
				copies = append(copies, read(t, in("%d-%d-%d.wav", k, i, draw)))
			}
			for i, all := range samplesOf(t, copies...) {
				prints[k] = append(prints[k], printOf(all))
				share := 1 / float64(2*draws*len(speakers))
				after := envelope(all)
				rhythm += correlation(loudness[k][i], after) * share
				length = max(length, float64(len(after))-float64(len(loudness[k][i])))
			}
		}
		byCepstrum += linked(prints[0], prints[1], cepstral) / float64(draws)
		bySpectrum += linked(prints[0], prints[1], spectral) / float64(draws)
	}
	other := correlation(loudness[0][0], loudness[1][0])
	t.Logf("%d speakers: linked before %.2f; after, by mean cepstrum %.2f, by long-term spectrum %.2f (chance %.2f); rhythm %.2f, of another text %.2f; longer by %.0f frames of 16 ms at most",
		len(speakers), before, byCepstrum, bySpectrum, chance, rhythm, other, length)
	if before < 0.85 {
		t.Errorf("unmasked recordings are linked in %.2f: the comparison finds nobody", before)
	}
	if byCepstrum > 2.2*chance || bySpectrum > 2.2*chance {
		t.Errorf("masked recordings are still linked in %.2f and %.2f, chance is %.2f", byCepstrum, bySpectrum, chance)
	}
	if rhythm < 0.75 || other > 0.5 {
		t.Errorf("of the rhythm of speech %.2f is left (of another text's: %.2f)", rhythm, other)
	}
	once := read(t, in("0-0-0.wav"))
	mp3, err := media.MaskSound(t.Context(), "audio/wav", bytes.NewReader(once), rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	if d := distance(cepstral(printOf(samples(t, once))), cepstral(printOf(samples(t, mp3)))); d > 4 {
		t.Errorf("what the page masked is masked once more for its copy: %.1f apart", d)
	}
	for says, recording := range map[bool][]byte{true: once, false: spoken(t, speakers[0], told[0])} {
		if _, d, err := media.CopyFile(t.Context(), "audio/wav", bytes.NewReader(recording)); err != nil || d.SaysMasked != says {
			t.Errorf("its copy says that it says that it is masked: %+v, %v", d, err)
		}
	}
	if length > 15 {
		t.Errorf("it lasts %.0f frames longer", length)
	}
}

func TestNoMaskThatThePageDrawsLeavesPitchOrFormantsNearToWhatTheyWere(t *testing.T) {
	script, err := filepath.Abs("../../web/static/mask.js")
	if err != nil {
		t.Fatal(err)
	}
	// 41 by 41 draws, the ends of both ranges among them: each pitch with each place of the formants.
	const drawn = `require(process.argv[1]);
const { Mask, draws } = globalThis.heedMask, all = [[], []];
for (let i = 0; i <= 40; i++) for (let j = 0; j <= 40; j++) {
  const mask = new Mask(48000, Array.from({ length: draws }, (_, k) => [i / 40.00001, j / 40.00001][k] ?? 0.5));
  all[0].push(mask.shift); all[1].push(mask.shift * mask.formants);
}
for (const of of all) console.log(Math.max(...of.filter((v) => v < 1)), Math.min(...of.filter((v) => v >= 1)), of.reduce((a, v) => Math.min(a, v)), of.reduce((a, v) => Math.max(a, v)));`
	out, err := exec.CommandContext(t.Context(), tool(t, "node"), "-e", drawn, script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var found [2][4]float64 // of pitch and formants: nearest below and above, lowest and highest
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		f := &found[i]
		if _, err := fmt.Sscan(line, &f[0], &f[1], &f[2], &f[3]); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	t.Logf("pitch %.3f, formants %.3f", found[0], found[1])
	for _, f := range found {
		if f[0] > 0.901 || f[1] < 1.11 || f[2] < 0.71 || f[3] > 1.39 {
			t.Errorf("pitch and formants %.3f: from 0.72 to 0.9, or from 1.11 to 1.38, they should be", found)
		}
	}
}
