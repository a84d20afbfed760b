package referral_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

func TestAPackageHoldsAPicturesCopyWithoutWhereAndWithWhatItWasTaken(t *testing.T) {
	tool(t, "vipsthumbnail")
	for _, kind := range []string{"jpg", "heic"} {
		t.Run(kind, func(t *testing.T) { packsPicture(t, kind) })
	}
}

// packsPicture has a picture of a kind, which says where and with what it was taken, go into a package.
func packsPicture(t *testing.T, kind string) {
	l := newLine(t)
	taken := filepath.Join(t.TempDir(), "yard.jpg")
	var drawn bytes.Buffer
	l.must(jpeg.Encode(&drawn, image.NewGray(image.Rect(0, 0, 64, 48)), nil))
	l.must(os.WriteFile(taken, drawn.Bytes(), 0o600))
	if kind == "heic" {
		phones := filepath.Join(t.TempDir(), "yard.heic")
		if said, err := exec.CommandContext(t.Context(), tool(t, "heif-enc"), taken, "-o", phones).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		taken = phones
	}
	tags := []string{"-q", "-overwrite_original", "-GPSLatitude=48.85837", "-GPSLatitudeRef=N", "-SerialNumber=canary4711", "-XMP:Creator=canary", taken}
	if said, err := exec.CommandContext(t.Context(), tool(t, "exiftool"), tags...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	original, err := os.ReadFile(taken)
	l.must(err)
	if !bytes.Contains(original, []byte("canary")) {
		t.Fatal("the original says nothing that its copy mustn't")
	}
	f, err := l.in.Stage(t.Context(), "yard."+kind, bytes.NewReader(original))
	l.must(err)
	a, err := l.in.Submit(t.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "Drums lie open in the yard behind the school."}, Files: []intake.StagedFile{f},
	})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	d, err := l.review.Dispose(t.Context(), l.ann, a.Report, review.Decision{
		Kind: heed.Refer, Department: "fire", Reason: "drums near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
	})
	l.must(err)
	l.now = l.now.Add(review.UndoLife)
	if err := l.Prepare(t.Context(), l.of(d).ID); err == nil || l.of(d).State != heed.ReferralPreparing {
		t.Fatalf("a package without its picture: %v, %s", err, l.of(d).State)
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
	l.must(l.Prepare(t.Context(), l.of(d).ID))
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.fire, l.of(d).ID)), l.secret["fire"])
	l.must(err)
	files := unpack(t, plain)
	if p, err := jpeg.Decode(bytes.NewReader(files["attachments/01.jpg"])); err != nil || p.Bounds().Dx() != 64 {
		t.Errorf("the picture: %v", err)
	}
	if !bytes.Contains(files["report.json"], []byte(`"copy": true`)) {
		t.Error("report.json doesn't say that it is a copy")
	}
	for name, b := range files {
		if bytes.Contains(b, []byte("canary")) || bytes.Contains(b, []byte("48.8")) || bytes.Contains(b, []byte("Exif")) {
			t.Errorf("%s tells where or with what it was taken", name)
		}
	}
}
