package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/heed-line/heed/internal/phone/sound"
)

// voice is one of espeak-ng's.
type voice struct {
	name  string
	speed int // words a minute
}

// voices are the languages whose voice isn't called as they are, or whose speed isn't the usual one: where words are long, more
// words a minute are no faster.
var voices = map[string]voice{
	"zh": {"cmn-latn-pinyin", 200}, // plain "cmn" reads most characters as the English letters of their pinyin
	"fr": {"fr-fr", usualSpeed},
	"ar": {"ar", 170}, "es": {"es", 160}, "pt": {"pt", 160}, "ru": {"ru", 160},
}

// usualSpeed is slower than espeak-ng's 175: a caller may be old, or hear badly.
const usualSpeed = 155

// voiceOf is the voice of a language.
func voiceOf(tag string) voice {
	base, _ := language.Make(tag).Base()
	if v, known := voices[base.String()]; known {
		return v
	}
	return voice{base.String(), usualSpeed}
}

const (
	// speakTime is how long a text may take to be spoken, waiting for a place aside.
	speakTime = 10 * time.Second
	// waitTime is how long it may wait for its place.
	waitTime = 10 * time.Second
	// longestText bounds what one process is given, in bytes.
	longestText = 4 << 10
)

// speak has espeak-ng speak a text. The text goes in by a pipe: an argument could be read by everybody on the machine (proc(5)).
//
// It returns ErrMute where there is no espeak-ng, and the error of running it, which never quotes the text.
func (s *Speaker) speak(ctx context.Context, v voice, words string) ([]sound.Frame, error) {
	if s.program == "" {
		return nil, ErrMute
	}
	waiting, stop := context.WithTimeout(ctx, waitTime)
	defer stop()
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-waiting.Done():
		return nil, fmt.Errorf("wait to speak a text: %w", waiting.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, speakTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.program, "-b", "1", "-v", v.name, "-s", strconv.Itoa(v.speed), "--stdin", "--stdout")
	cmd.Env = []string{} // it needs nothing of ours
	cmd.Stdin = strings.NewReader(plain(words))
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("speak a text: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("speak a text: %w", err)
	}
	frames, err := sound.ReadWAV(out)
	if err != nil {
		cancel() // it may have more to say than is taken
	}
	if _, drain := io.Copy(io.Discard, out); drain != nil && err == nil {
		err = drain
	}
	if err = errors.Join(err, cmd.Wait()); err != nil {
		return nil, fmt.Errorf("speak a text: %w", err)
	}
	return polish(frames), nil
}

// plain takes from a text what espeak-ng would take for orders: control characters, and the double brackets of phonemes.
func plain(words string) string {
	if len(words) > longestText {
		words = strings.ToValidUTF8(words[:longestText], "")
	}
	words = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, words)
	return strings.ReplaceAll(strings.ReplaceAll(words, "[[", "[ ["), "]]", "] ]")
}
