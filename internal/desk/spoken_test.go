package desk_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
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
	if strings.Contains(page, "Download") {
		t.Error("the voice as it was can be had")
	}
	for _, want := range []string{"Being prepared", "It was said on the telephone.", "Please listen to the recording; the machine suggests nothing.", "call.au"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report's page doesn't say %q", want)
		}
	}
}

func TestTheDeskPlaysTheMaskedCopyInPartsTooAndTheAPIPointsToIt(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ffmpeg is not installed")
		}
		t.Skip("ffmpeg is not installed")
	}
	l := newLine(t)
	recording, err := l.intake.Stage(t.Context(), "call.au", strings.NewReader(call(3)))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelPhone, Files: []intake.StagedFile{recording}})
	var file heed.ID
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Attachments(t.Context(), id)
		file = all[0].ID
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: file})
	l.must(err)
	l.must(l.media.Find(t.Context()))
	l.must(l.media.HandleCopy(t.Context(), args))

	b := l.signIn("ann", heed.Specialist)
	report := b.get("/reports/" + string(id))
	address := "/reports/" + string(id) + "/files/" + string(file) + "/copy"
	if !strings.Contains(report.body, `<audio controls preload="none" src="`+address+`"`) || !strings.Contains(report.text(), "The voice is masked") {
		t.Error("the page doesn't play the copy")
	}
	if !strings.Contains(report.body, `<div class="sound-wave" dir="ltr"><svg viewBox="0 0 2`) || !strings.Contains(report.body, ` of 0:03`) {
		t.Error("the page doesn't show how loud it is, from beginning to end")
	}
	if policy := report.header.Get("Content-Security-Policy"); !strings.Contains(policy, "media-src 'self'") {
		t.Errorf("the page may play nothing: %s", policy)
	}
	whole := b.get(address)
	if whole.status != http.StatusOK || whole.header.Get("Content-Type") != "audio/mpeg" || len(whole.body) < 10_000 {
		t.Fatalf("%d, %s, %d bytes", whole.status, whole.header.Get("Content-Type"), len(whole.body))
	}
	r, err := http.NewRequest(http.MethodGet, l.server.URL+address, nil)
	l.must(err)
	r.Header.Set("Range", "bytes=5000-5099")
	if part := b.do(r); part.status != http.StatusPartialContent || part.body != whole.body[5000:5100] {
		t.Errorf("a part: %d, %d bytes", part.status, len(part.body))
	}
	if refused := b.post("/reports/" + string(id) + "/files/" + string(file)); refused.status != http.StatusNotFound {
		t.Errorf("the voice as it was: %d", refused.status)
	}
	outsider := l.signIn("otto", heed.Overseer)
	if a := outsider.get(address); a.status != http.StatusForbidden {
		t.Errorf("who reads no reports: %d", a.status)
	}
	p := l.program("pia", heed.Specialist)
	a := p.call("GET", "/reports/"+string(id), nil)
	view := a.body["attachments"].([]any)[0].(map[string]any)["view"]
	if view != "/api/v1/reports/"+string(id)+"/attachments/"+string(file)+"/view" {
		t.Errorf("the API: %v", view)
	}
	l.hear(id, file, heed.Transcript{Model: "whisper-1", Language: "ar", Text: "رائحة غاز في شارع النيل. <b>أسرعوا</b>"})
	page := b.get("/reports/" + string(id))
	for _, want := range []string{`lang="ar" dir="auto"`, "machine-made", "Written by whisper-1 from the masked voice.", "رائحة غاز", "&lt;b&gt;"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page with a transcript doesn't say %q", want)
		}
	}
	a = p.call("GET", "/reports/"+string(id), nil)
	if heard, ok := a.body["attachments"].([]any)[0].(map[string]any)["transcript"].(map[string]any); !ok || heard["model"] != "whisper-1" || heard["language"] != "ar" {
		t.Errorf("the API: %v", heard)
	}
	l.must(l.review.Screen(t.Context(), id))
	if page := b.get("/reports/" + string(id)); !strings.Contains(page.text(), "What is suggested rests on what a machine heard") || !strings.Contains(page.body, `<mark class="found`) {
		t.Error("what the screening found in the transcript isn't shown as such")
	}
}

// hear stores what a machine heard in a copy, as the worker does.
func (l *line) hear(report, file heed.ID, heard heed.Transcript) {
	l.t.Helper()
	b, err := json.Marshal(heard)
	l.must(err)
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
		wrapped, err := tx.WrappedKey(l.t.Context(), report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(l.content, "test", report, wrapped)
		if err != nil {
			return err
		}
		sealed := keys.Data.Seal(seal.TranscriptPlace("test", report, file), b)
		if err := tx.PutTranscript(l.t.Context(), file, sealed, ""); err != nil {
			return err
		}
		return l.review.Transcribed(l.t.Context(), tx, report, review.TranscribedDetails{Attachment: file, Model: heard.Model, SHA256: seal.Digest(sealed)})
	}))
}

// markedWave is a recording of a second that says, as the portal's page has its own say, that it is masked.
func markedWave() string {
	var b bytes.Buffer
	for _, part := range []any{
		[]byte("RIFF"), uint32(48 + 32_000), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(16_000), uint32(32_000), uint16(2), uint16(16),
		[]byte("mask"), uint32(4), uint32(1), []byte("data"), uint32(32_000), bytes.Repeat([]byte{0, 0x10, 0, 0xf0}, 8_000),
	} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			panic(err)
		}
	}
	return b.String()
}

func TestTheDeskPromisesNoMaskOfARecordingThatSaysItselfThatItIsMasked(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ffmpeg is not installed")
		}
		t.Skip("ffmpeg is not installed")
	}
	l := newLine(t)
	recording, err := l.intake.Stage(t.Context(), "recording-1.wav", strings.NewReader(markedWave()))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "They burn tyres behind the harbour market every Saturday."}, Files: []intake.StagedFile{recording}})
	var file heed.ID
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Attachments(t.Context(), id)
		file = all[0].ID
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: file})
	l.must(err)
	l.must(l.media.Find(t.Context()))
	l.must(l.media.HandleCopy(t.Context(), args))
	page := l.signIn("ann", heed.Specialist).get("/reports/" + string(id)).text()
	if !strings.Contains(page, "This recording says that its voice was masked in the page") || strings.Contains(page, "The voice is masked.") {
		t.Errorf("the page says %s", page)
	}
}
