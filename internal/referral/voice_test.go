package referral_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

func TestAPackageOfWhatWasSpokenWaitsForTheMaskedCopyAndNeverHoldsTheVoice(t *testing.T) {
	tool(t, "ffmpeg")
	l := newLine(t)
	voice := make([]byte, 24_000) // three seconds of noise that no copy repeats
	for i := range voice {
		voice[i] = byte(rand.Uint32())
	}
	sound := append([]byte(".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x1f\x40\x00\x00\x00\x01"), voice...)
	f, err := l.in.Stage(t.Context(), "call-1.au", bytes.NewReader(sound))
	l.must(err)
	a, err := l.in.Submit(t.Context(), intake.Submission{Channel: heed.ChannelPhone, Language: "en", Files: []intake.StagedFile{f}})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	d, err := l.review.Dispose(t.Context(), l.ann, a.Report, review.Decision{
		Kind: heed.Refer, Department: "fire", Reason: "it burns near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
	})
	l.must(err)
	l.now = l.now.Add(review.UndoLife)
	if err := l.Prepare(t.Context(), l.of(d).ID); err == nil || l.of(d).State != heed.ReferralPreparing {
		t.Fatalf("a package without its recording: %v, %s", err, l.of(d).State)
	}
	var attachment heed.ID
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Attachments(t.Context(), a.Report)
		attachment = all[0].ID
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: attachment})
	l.must(err)
	l.must(l.media.Find(t.Context()))
	l.must(l.media.HandleCopy(t.Context(), args))
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		wrapped, err := tx.WrappedKey(t.Context(), a.Report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(l.content, "test", a.Report, wrapped)
		if err != nil {
			return err
		}
		heard := []byte(`{"model":"whisper-1","language":"en","text":"It <burns> near the school."}`)
		return tx.PutTranscript(t.Context(), attachment, keys.Data.Seal(seal.TranscriptPlace("test", a.Report, attachment), heard), "")
	}))
	l.must(l.Prepare(t.Context(), l.of(d).ID))
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.fire, l.of(d).ID)), l.secret["fire"])
	l.must(err)
	files := unpack(t, plain)
	var doc struct {
		Attachments []struct {
			File, Type, SHA256 string
			Size               int
			Masked             bool                                   `json:"voice_masked"`
			Transcript         struct{ Model, Language, Text string } `json:"transcript_by_machine"`
		}
	}
	l.must(json.Unmarshal(files["report.json"], &doc))
	listed := doc.Attachments[0]
	if listed.File != "attachments/01.mp3" || listed.Type != "audio/mpeg" || !listed.Masked || listed.Size != len(files[listed.File]) || listed.Size < 10_000 {
		t.Errorf("%+v, %d bytes", listed, len(files[listed.File]))
	}
	if !strings.Contains(string(files["manifest.json"]), listed.SHA256) || !strings.Contains(string(files["report.html"]), "It was said on the telephone") {
		t.Error("the manifest or the page doesn't say it")
	}
	page := string(files["report.html"])
	if heard := listed.Transcript; heard.Model != "whisper-1" || heard.Text != "It <burns> near the school." ||
		!strings.Contains(page, "It &lt;burns&gt; near the school.") || !strings.Contains(page, "Written down by a program from the masked voice; it may be wrong.") {
		t.Errorf("what a machine heard: %+v", heard)
	}
	for name, b := range files {
		if bytes.Contains(b, voice[1000:1016]) {
			t.Errorf("%s holds the voice", name)
		}
	}
}
