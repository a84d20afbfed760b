package phone_test

import (
	"context"
	"testing"

	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
)

// belated is a caller whose sound comes two seconds late while they are recorded, and whose keys come at once.
type belated struct {
	*caller
	recorded bool
	held     []sound.Frame
}

func (b *belated) Recorded(on bool) { b.recorded, b.held = on, nil }

// Step implements sound.Leg.
func (b *belated) Step(out *sound.Frame) (*sound.Frame, string, error) {
	in, keys, err := b.caller.Step(out)
	if err != nil || !b.recorded {
		return in, keys, err
	}
	if b.held = append(b.held, *in); len(b.held) <= 100 {
		return &sound.Frame{}, keys, nil
	}
	in, _ = b.Remains()
	return in, keys, nil
}

func (b *belated) Remains() (*sound.Frame, bool) {
	if len(b.held) == 0 {
		return nil, false
	}
	in := b.held[0]
	b.held = b.held[1:]
	return &in, true
}

// counting counts the frames with sound that are recorded.
type counting struct {
	phone.Recorder
	frames *int
}

func (c counting) Begin(ctx context.Context, language string) (phone.Recording, error) {
	r, err := c.Recorder.Begin(ctx, language)
	return &countingRecording{r, c.frames}, err
}

type countingRecording struct {
	phone.Recording
	frames *int
}

func (c *countingRecording) Write(f *sound.Frame) error {
	if *f != (sound.Frame{}) {
		*c.frames++
	}
	return c.Recording.Write(f)
}

func TestWhatComesLateIsRecordedHoweverATakeEnds(t *testing.T) {
	for name, end := range map[string][]turn{
		"by hash":      {{press: "#"}, {hear: "send", press: "1"}},
		"by silence":   {{hear: "send", press: "1"}},
		"by a hang-up": {{wait: 150, hangUp: true}},
	} {
		recorded := 0
		l := newLine(t, func(l *line) { l.between = func(r phone.Recorder) phone.Recorder { return counting{r, &recorded} } })
		c := &belated{caller: &caller{t: t, known: l.known("en"), turns: append([]turn{english, leave, speakNow(30)}, end...)}}
		l.answer(c)
		said := -1 // the first frame comes while the tone ends
		for _, n := range c.said {
			said += n
		}
		if recorded != said || said < 50 {
			t.Errorf("%s: %d of %d frames are recorded", name, recorded, said)
		}
	}
}
