package desk_test

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// call is a recording of so many seconds of a tone, as a call leaves it.
func call(seconds int) string {
	return ".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x1f\x40\x00\x00\x00\x01" + strings.Repeat("\x80\xa0\xff\x20\x00\x20\x7f\xa0", 1000*seconds)
}

func TestAReportThatWasSaidOnTheTelephoneAsksToBeListenedTo(t *testing.T) {
	l := newLine(t)
	recording, err := l.intake.Stage(t.Context(), "call.au", strings.NewReader(call(1)))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelPhone, Language: "es", Files: []intake.StagedFile{recording}})
	b := l.signIn("ann", heed.Specialist)
	if queue := b.get("/queue/review").text(); !strings.Contains(queue, "Recording") || strings.Contains(queue, "Unscreened") || !strings.Contains(queue, "Spanish") {
		t.Errorf("the queue: %s", queue)
	}
	page := b.get("/reports/" + string(id)).text()
	for _, want := range []string{"It was said on the telephone.", "Please listen to the recording; the machine suggests nothing.", "call.au"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report's page doesn't say %q", want)
		}
	}
}
