package media_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/media"
)

func TestARecordingsCopyHasItsLengthAndLoudnessBesideItWhateverItSaysItself(t *testing.T) {
	tool(t, "bwrap")
	// A second of silence, and one of a tone.
	how := []string{"-v", "error", "-f", "lavfi", "-i", "sine=f=1000:r=16000:d=2", "-af", "volume=0:enable='lt(t,1)',volume=6"}
	au := made(t, nil, "au", "ffmpeg", append(how, "-ar", "8000", "-c:a", "pcm_mulaw", "-y", "MADE")...)
	copy(au[8:12], "\xff\xff\xff\xff") // as a call leaves it: of no length that it says
	for name, c := range map[string]struct {
		kind string
		file []byte
	}{
		"as a call leaves it": {"audio/basic", au},
		"Opus in Ogg":         {"audio/ogg", made(t, nil, "ogg", "ffmpeg", append(how, "-c:a", "libopus", "-y", "MADE")...)},
		"M4A":                 {"audio/mp4", made(t, nil, "m4a", "ffmpeg", append(how, "-c:a", "aac", "-y", "MADE")...)},
	} {
		heard, details, err := media.CopyFile(t.Context(), c.kind, bytes.NewReader(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(heard) == 0 || details == nil || details.Length < 1900 || details.Length > 2300 || len(details.Waveform) < 200 || len(details.Waveform) > 240 {
			t.Errorf("%s: %d bytes, %+v", name, len(heard), details)
			continue
		}
		n := len(details.Waveform)
		if quiet, loud := slices.Max(details.Waveform[:n*4/10]), slices.Min(details.Waveform[n*6/10:n*8/10]); quiet > 8 || loud < 40 {
			t.Errorf("%s: as loud as %d where it is silent, and as %d where it sounds", name, quiet, loud)
		}
	}
}
