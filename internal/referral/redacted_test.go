package referral_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

func TestAPackageHoldsTheRedactedCopyInPlaceOfTheSafeOneAndSaysSo(t *testing.T) {
	tool(t, "vipsthumbnail")
	tool(t, "ffmpeg")
	l := newLine(t)
	white := image.NewRGBA(image.Rect(0, 0, 64, 48))
	draw.Draw(white, white.Rect, image.White, image.Point{}, draw.Src)
	var drawn bytes.Buffer
	l.must(png.Encode(&drawn, white))
	f, err := l.in.Stage(t.Context(), "yard.png", &drawn)
	l.must(err)
	a, err := l.in.Submit(t.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "Drums lie open in the yard behind the school."}, Files: []intake.StagedFile{f},
	})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
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
		b, err := json.Marshal(heed.Transcript{Model: "tesseract", Text: "canary who is covered"})
		if err != nil {
			return err
		}
		return tx.PutTranscript(t.Context(), attachment, keys.Data.Seal(seal.TranscriptPlace("test", a.Report, attachment), b), "")
	}))
	l.must(l.review.Redact(t.Context(), l.ann, a.Report, attachment, 0, []heed.Mark{{Width: heed.Whole / 2, Height: heed.Whole}}))
	d, err := l.review.Dispose(t.Context(), l.ann, a.Report, review.Decision{
		Kind: heed.Refer, Department: "fire", Reason: "drums near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
	})
	l.must(err)
	l.now = l.now.Add(review.UndoLife)
	if err := l.Prepare(t.Context(), l.of(d).ID); err == nil || l.of(d).State != heed.ReferralPreparing {
		t.Fatalf("a package without its redacted picture: %v, %s", err, l.of(d).State)
	}
	redact, err := json.Marshal(review.RedactArgs{Attachment: attachment, Version: 1})
	l.must(err)
	l.must(l.media.HandleRedact(t.Context(), redact))
	l.must(l.Prepare(t.Context(), l.of(d).ID))
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.fire, l.of(d).ID)), l.secret["fire"])
	l.must(err)
	files := unpack(t, plain)
	p, err := jpeg.Decode(bytes.NewReader(files["attachments/01.jpg"]))
	l.must(err)
	dark, _, _, _ := p.At(10, 20).RGBA()
	light, _, _, _ := p.At(60, 20).RGBA()
	if dark>>8 > 8 || light>>8 < 240 {
		t.Errorf("in the box it is %d, beside it %d", dark>>8, light>>8)
	}
	var manifest struct {
		Files []struct {
			Name     string
			Redacted bool
		}
	}
	l.must(json.Unmarshal(files["manifest.json"], &manifest))
	for _, f := range manifest.Files {
		if f.Redacted != strings.HasPrefix(f.Name, "attachments/") {
			t.Errorf("the manifest says of %s: redacted %v", f.Name, f.Redacted)
		}
	}
	if !bytes.Contains(files["report.json"], []byte(`"redacted": true`)) || !bytes.Contains(files["report.html"], []byte("a part is covered")) {
		t.Error("the report doesn't say that a part is covered")
	}
	for name, b := range files {
		if bytes.Contains(b, []byte("canary")) {
			t.Errorf("%s says what a machine read under the box", name)
		}
	}
	if err := l.review.Redact(t.Context(), l.ann, a.Report, attachment, 1, nil); err == nil {
		t.Error("what was handed on is taken back")
	}
}

func TestAReportThatWasSpokenNeverGoesWithoutItsRedactedRecordingAndComesBackWhereThereIsNone(t *testing.T) {
	l := newLine(t)
	f, err := l.in.Stage(t.Context(), "call-1.au", strings.NewReader(".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x1f\x40\x00\x00\x00\x01"+strings.Repeat("x", 8000)))
	l.must(err)
	a, err := l.in.Submit(t.Context(), intake.Submission{Channel: heed.ChannelPhone, Language: "en", Files: []intake.StagedFile{f}})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	var attachment heed.ID
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Attachments(t.Context(), a.Report)
		if err != nil {
			return err
		}
		attachment = all[0].ID
		return tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: attachment, Report: a.Report, State: heed.CopyMade, Blob: "masked", Type: "audio/mpeg", Size: 1, MadeAt: l.now})
	}))
	l.must(l.review.Redact(t.Context(), l.ann, a.Report, attachment, 0, []heed.Mark{{To: 500}}))
	d, err := l.review.Dispose(t.Context(), l.ann, a.Report, review.Decision{
		Kind: heed.Refer, Department: "fire", Reason: "it burns near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
	})
	l.must(err)
	l.now = l.now.Add(review.UndoLife + 50*time.Minute)
	if err := l.Prepare(t.Context(), l.of(d).ID); err == nil || l.of(d).State != heed.ReferralPreparing {
		t.Fatalf("a package without its recording: %v, %s", err, l.of(d).State)
	}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		return tx.FinishRedaction(t.Context(), 1, &heed.SafeCopy{Attachment: attachment, Report: a.Report, State: heed.CopyFailed, Code: heed.CopyTooLong})
	}))
	l.must(l.Prepare(t.Context(), l.of(d).ID))
	if got := l.of(d).State; got != heed.ReferralCancelled {
		t.Errorf("the referral is %s", got)
	}
	l.must(l.review.Redact(t.Context(), l.ann, a.Report, attachment, 1, nil)) // who decided can cover it otherwise
}
