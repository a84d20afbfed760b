package media_test

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	known "github.com/heed-line/heed/internal/media/look"
	"github.com/heed-line/heed/internal/seal"
)

// sentences are long enough to be known again.
var sentences = []string{
	"The warehouse behind the harbour keeps barrels of solvent that nobody has registered, and the lorries come after midnight. On Sundays a man in a white van looks whether anybody is there, writes something down, and leaves by the back gate towards the river.",
	"My neighbour sells tablets to the pupils of the school at the corner, every Thursday when the lessons are over. They pay with their telephones, and two of the younger ones have been taken to hospital since the holidays. The caretaker knows and says nothing.",
	"Somebody called my grandmother and claimed he was from her bank, and she gave him all of her savings. He knew her date of birth and the name of her doctor. An hour later a young woman rang at her door and fetched an envelope, quite politely, and was gone.",
	"There is a crack in this bridge as wide as a hand, yet heavy buses drive across it all day long. When I stand below and one of them passes I hear stones fall into the water. I have told the office twice in writing, and once by telephone, and nobody came.",
}

// kept is what is kept of a sound, and the question that it asks.
func kept(t *testing.T, eye *known.Eye, sound []byte) (*known.Kept, *known.Question) {
	t.Helper()
	return keptOf(t, eye, sound, encoded(t, sound, heardAs...))
}

// heardAs is the form in which a sound is heard.
var heardAs = []string{"-f", "s16le", "-ac", "1", "-ar", strconv.Itoa(known.Rate)}

// keptOf is what is kept of a sound that is heard as all.
func keptOf(t *testing.T, eye *known.Eye, sound, all []byte) (*known.Kept, *known.Question) {
	t.Helper()
	ear := known.NewEar()
	for len(all) > 0 { // as they come
		n := min(len(all), 4097)
		if _, err := ear.Write(all[:n]); err != nil {
			t.Fatal(err)
		}
		all = all[n:]
	}
	k := &known.Kept{Digest: sound[:min(len(sound), 32)]}
	k.Hear(ear)
	q, err := known.NewQuestion(eye, k)
	if err != nil {
		t.Fatal(err)
	}
	return k, q
}

func TestARecordingIsKnownAgainAndItsSpeakerIsNot(t *testing.T) {
	eye, key := known.NewEye(), seal.NewMatchingKey(seal.NewKey())
	type recorded struct {
		voice string
		sound []byte
		kept  *known.Kept
	}
	var all []recorded
	for _, voice := range []string{"m3", "f2"} {
		for _, text := range sentences {
			sound := spoken(t, voice, text)
			k, _ := kept(t, eye, sound)
			all = append(all, recorded{voice, sound, k})
		}
	}
	ways := map[string][]string{
		"MP3, quieter":   {"-af", "volume=0.4", "-b:a", "32k", "-f", "mp3"},
		"Opus":           {"-ar", "16000", "-c:a", "libopus", "-b:a", "20k", "-application", "voip", "-f", "ogg"},
		"a part, in AAC": {"-ss", "0.777", "-t", "10.3", "-c:a", "aac", "-b:a", "48k", "-f", "adts"},
		"as a telephone": {"-ar", "8000", "-c:a", "pcm_mulaw", "-f", "au"},
	}
	found, asked, wrong := 0, 0, 0
	var sounds [][]byte
	for _, one := range all {
		sounds = append(sounds, one.sound)
	}
	for way, args := range ways {
		others := encodedAll(t, sounds, args...)
		heard := encodedAll(t, others, heardAs...)
		for i, original := range all {
			_, q := keptOf(t, eye, others[i], heard[i])
			asks := map[int64]bool{}
			for _, m := range q.Marks(key) {
				asks[m] = true
			}
			for j, other := range all {
				marks, err := other.kept.Marks(key)
				if err != nil {
					t.Fatal(err)
				}
				byMark := false
				for _, m := range marks {
					byMark = byMark || asks[m]
				}
				answer, err := q.Answer(other.kept)
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case i == j:
					asked++
					if byMark && answer.Same == known.SameSound {
						found++
					} else {
						t.Logf("%s of %s, sentence %d: by a mark %v, %+v", way, original.voice, i%len(sentences), byMark, answer)
					}
				case answer.Same != "": // nor the same words by another
					wrong++
					t.Logf("%s: %d of %s is taken for %d of %s: %+v", way, i, original.voice, j, other.voice, answer)
				}
			}
		}
	}
	t.Logf("%d of %d recordings are found, %d others", found, asked, wrong)
	if float64(found) < 0.95*float64(asked) || wrong > 0 {
		t.Errorf("found %d of %d, and %d others", found, asked, wrong)
	}
}

func TestOfSilenceAndOfAShortSoundNothingIsKept(t *testing.T) {
	for name, sound := range map[string][]byte{
		"silence": made(t, nil, "wav", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "10", "MADE"),
		"a word":  spoken(t, "m3", "Hello."),
	} {
		if k, _ := kept(t, known.NewEye(), sound); len(k.Sound) != 0 {
			t.Errorf("%s: %d bytes", name, len(k.Sound))
		}
	}
}

func TestARecordingThatWasSentBeforeIsFoundThoughEachCopyHasAnotherVoice(t *testing.T) {
	l := onOneStore(t)
	first := spoken(t, "f2", sentences[0])
	send := func(name string, sound []byte) (heed.ID, []string) {
		f, err := l.in.Stage(l.Context(), name, bytes.NewReader(sound))
		l.must(err)
		a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "I heard this on a tape."}, Files: []intake.StagedFile{f}})
		l.must(err)
		l.must(l.review.Screen(l.Context(), a.Report))
		l.copies(l.file(a.Report))
		l.must(l.looked(l.file(a.Report)))
		var seen []string
		for _, s := range l.file(a.Report).Seen {
			seen = append(seen, s.Kind+" "+string(s.Report.ID))
		}
		return a.Report, seen
	}
	one, seen := send("one.wav", first)
	if len(seen) != 0 {
		t.Errorf("the first: %v", seen)
	}
	if _, seen = send("two.ogg", encoded(t, first, "-ar", "16000", "-c:a", "libopus", "-b:a", "20k", "-f", "ogg")); len(seen) != 1 || seen[0] != heed.SameSound+" "+string(one) {
		t.Errorf("encoded anew: %v, not %s", seen, one)
	}
	film := made(t, first, "mp4", "ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "color=c=gray:s=64x48:r=5", "-i", "FROM", "-shortest", "-c:v", "libx264", "-c:a", "aac", "-b:a", "48k", "MADE")
	if _, seen = send("two.mp4", film); len(seen) != 2 || !strings.HasPrefix(seen[0], heed.SameSound) || !strings.HasPrefix(seen[1], heed.SameSound) {
		t.Errorf("in a film: %v", seen)
	}
	if _, seen = send("three.wav", spoken(t, "f2", sentences[1])); len(seen) != 0 {
		t.Errorf("another recording of the same speaker: %v", seen)
	}
}

// statistics of what is kept of a sound: of each bit how often it is set, how often it changes, and how often it is as the next one's.
func statistics(kept []byte) []float64 {
	const bands = 32
	out := make([]float64, 3*bands)
	n, before := 0.0, uint32(0)
	for ; len(kept) >= 4; kept = kept[4:] {
		v := binary.BigEndian.Uint32(kept)
		if v == 0 {
			continue
		}
		n++
		for b := range bands {
			out[b] += float64(v >> b & 1)
			out[bands+b] += float64((v ^ before) >> b & 1)
			out[2*bands+b] += float64((v ^ v>>1) >> b & 1)
		}
		before = v
	}
	for i := range out {
		out[i] /= max(n, 1)
	}
	return out
}

func TestWhatIsKeptOfASoundTellsNoSpeaker(t *testing.T) {
	speakers := voices
	if soak() {
		speakers = manyVoices
	}
	var all [2][]print
	for k, text := range told {
		for _, v := range speakers {
			one, _ := kept(t, known.NewEye(), spoken(t, v, text))
			all[k] = append(all[k], print{cepstral: statistics(one.Sound)})
		}
	}
	of, chance := linked(all[0], all[1], cepstral), 1/float64(len(speakers))
	t.Logf("%d speakers: linked by what is kept %.2f (chance %.2f)", len(speakers), of, chance)
	if of > 2.2*chance {
		t.Errorf("by what is kept speakers are linked in %.2f, chance is %.2f", of, chance)
	}
}
