package intake_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// au is a recording of a call, as short as a file can be: a Sun/NeXT header and µ-law.
func au(sound string) string {
	return ".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x1f\x40\x00\x00\x00\x01" + sound
}

func TestWhoCallsNeedsNoTextBesideARecordingAndEverybodyElseDoes(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	recording, err := l.in.Stage(ctx, "call.au", strings.NewReader(au(strings.Repeat("\xff\x7f", 8000))))
	if err != nil {
		t.Fatal(err)
	}
	if recording.Type != "audio/basic" {
		t.Errorf("a recording is taken for %s", recording.Type)
	}
	var ps heed.Problems
	for name, sub := range map[string]intake.Submission{
		"on the web":          {Channel: heed.ChannelWeb, Files: []intake.StagedFile{recording}},
		"without a recording": {Channel: heed.ChannelPhone},
	} {
		if err := l.in.Check(sub); !errors.As(err, &ps) || ps[0].Code != "text-empty" {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelPhone, Language: "ar", Files: []intake.StagedFile{recording}})
	if err != nil {
		t.Fatal(err)
	}
	if r := l.stored(t, a.Report); r.Channel != heed.ChannelPhone || r.Language != "ar" || r.Files != 1 {
		t.Errorf("%+v", r)
	}
}
