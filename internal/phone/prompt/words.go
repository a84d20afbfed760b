package prompt

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// longestWords is how many characters of somebody's words are spoken: two to four minutes.
	longestWords = 2000
	// sentencePause lies between sentences.
	sentencePause = 200 * time.Millisecond
	// longestSentence is how many are spoken as one.
	longestSentence = 300
)

// Words says what somebody wrote, in whatever language, sentence by sentence: one is spoken while the one before is heard, and none
// is kept. Where they are too many, the text of the key rest follows; where they can't be spoken, only the text of otherwise does.
func Words(words, rest, otherwise string) Piece { return free{words, rest, otherwise} }

type free struct{ words, rest, otherwise string }

// String and GoString keep the words out of whatever prints a Piece.
func (free) String() string   { return "[words]" }
func (free) GoString() string { return "[words]" }

func (f free) say(ctx context.Context, v *Voice, yield func(*sound.Frame) bool) bool {
	sentences, cut := sentences(f.words)
	spoken := make(chan []sound.Frame, 1)
	failed := make(chan error, 1)
	go func() {
		defer close(spoken)
		for _, s := range sentences {
			var frames []sound.Frame
			err := v.speaker.guard(func() (err error) {
				frames, err = v.speaker.speak(ctx, v.voiceFor(s), s)
				return err
			})
			if err != nil {
				failed <- err
				return
			}
			select {
			case spoken <- frames:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		frames, open, err := await(v, yield, func() ([]sound.Frame, error) {
			if frames, more := <-spoken; more {
				return frames, nil
			}
			return nil, io.EOF
		})
		if !open {
			return false
		}
		if err != nil {
			break
		}
		if !play(frames, yield) || !Pause(sentencePause).say(ctx, v, yield) {
			return false
		}
	}
	select {
	case err := <-failed:
		if ctx.Err() == nil {
			v.speaker.silent(v.language, "(words)", err)
		}
		return Text(f.otherwise).say(ctx, v, yield)
	default:
	}
	if cut {
		return Text(f.rest).say(ctx, v, yield)
	}
	return true
}

// voiceFor is the caller's voice where it reads the script in which the words are written, else one that does.
func (v *Voice) voiceFor(words string) voice {
	const han, arabic, cyrillic, latin = "zh", "ar", "ru", "en"
	count := map[string]int{}
	for _, r := range words {
		switch {
		case unicode.Is(unicode.Han, r):
			count[han] += 3 // a character is as good as a word's beginning
		case unicode.Is(unicode.Arabic, r):
			count[arabic]++
		case unicode.Is(unicode.Cyrillic, r):
			count[cyrillic]++
		case unicode.Is(unicode.Latin, r):
			count[latin]++
		}
	}
	most := ""
	for _, l := range []string{latin, han, arabic, cyrillic} {
		if count[l] > count[most] {
			most = l
		}
	}
	if most == "" || most == scriptVoice(v.language) {
		return voiceOf(v.language)
	}
	return voiceOf(most)
}

// scriptVoice is the language that stands for a language's script.
func scriptVoice(tag string) string {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Hans", "Hant", "Hani":
		return "zh"
	case "Arab":
		return "ar"
	case "Cyrl":
		return "ru"
	default:
		return "en"
	}
}

// sentences cuts words where a voice would breathe. cut says that some were left out.
func sentences(words string) (all []string, cut bool) {
	runes := []rune(strings.ToValidUTF8(words, " "))
	if cut = len(runes) > longestWords; cut {
		runes = runes[:longestWords]
	}
	begin, space := 0, 0
	end := func(at int) {
		if s := strings.TrimSpace(string(runes[begin:at])); strings.ContainsFunc(s, speakable) {
			all = append(all, s)
		}
		begin, space = at, at
	}
	for i, r := range runes {
		switch {
		case strings.ContainsRune("。！？؟\n", r), strings.ContainsRune(".!?", r) && (i+1 == len(runes) || unicode.IsSpace(runes[i+1])):
			end(i + 1)
		case unicode.IsSpace(r) || strings.ContainsRune("，；、،؛", r):
			space = i + 1
		}
		if i+1-begin >= longestSentence {
			if space == begin { // a word of three hundred letters is none
				space = i + 1
			}
			end(space)
		}
	}
	end(len(runes))
	return all, cut
}

func speakable(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r) }
