package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
)

const knife = "He has a gun now and says he will kill her tonight"

// sent is a screened report with a text and a file.
func (l *line) sent(text, name string, file []byte) (heed.ID, review.File) {
	l.Helper()
	f, err := l.in.Stage(l.Context(), name, bytes.NewReader(file))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: text}, Files: []intake.StagedFile{f}})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	return a.Report, l.file(a.Report)
}

// reads does the worker's part for one picture or document, however often.
func (l *line) reads(f review.File) error {
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	l.must(err)
	return errors.Join(l.media.HandleRead(l.Context(), args), l.media.HandleRead(l.Context(), args))
}

// photographed is a picture of a page that says something.
func photographed(t testing.TB, words string) []byte {
	t.Helper()
	page := loaded(words)
	return made(t, page, "png", "pdftoppm", "-r", "150", "-png", "-singlefile", "-f", "1", "-l", "1", "FROM", "STEM")
}

func TestTheUrgencyRisesByWhatAMachineReadsInAPictureAndADocument(t *testing.T) {
	tool(t, "tesseract")
	tool(t, "pdftoppm")
	for name, file := range map[string][]byte{"letter.pdf": loaded(knife), "photo.png": photographed(t, knife)} {
		l := onOneStore(t)
		report, f := l.sent("My neighbour's dog barks the whole night.", name, file)
		l.copies(f)
		if n := l.waiting(media.JobRead); n != 1 {
			l.Errorf("%s: %d jobs have it read", name, n)
		}
		l.must(l.reads(f))
		f = l.file(report)
		if f.Transcript == nil || !strings.Contains(strings.ToLower(strings.Join(strings.Fields(f.Transcript.Text), " ")), strings.ToLower(knife)) || strings.Contains(f.Transcript.Text, "canary") {
			t.Fatalf("%s: %+v", name, f.Transcript)
		}
		if p := f.Transcript.Passages[0]; p.At != 1 || f.Transcript.Text[p.Start:p.End] == "" || l.leaves(report, audit.FileTranscribed) != 1 {
			t.Errorf("%s: %+v, %d leaves", name, p, l.leaves(report, audit.FileTranscribed))
		}
		if bytes.Contains(f.Copy.Transcript, []byte("gun")) {
			t.Errorf("%s: it isn't sealed", name)
		}
		args, err := json.Marshal(review.MessageArgs{Report: report, Attachment: f.ID})
		l.must(err)
		l.must(l.review.HandleScreenMessage(l.Context(), args))
		v, err := l.review.Read(l.Context(), l.ann, report, "queue")
		l.must(err)
		if v.Report.Urgency != heed.Immediate {
			t.Errorf("%s: it is %s", name, v.Report.Urgency)
		}
		l.wantTime(f.Transcript)
		args, err = json.Marshal(review.ScreenArgs{Reports: []heed.ID{report}})
		l.must(err)
		if found := l.finds("gun"); found {
			t.Errorf("%s: it is found by a word before it is in the index", name)
		}
		l.must(l.review.HandleRebuild(l.Context(), args))
		if !l.finds("gun") || !l.finds("barks") || l.finds("quokka") {
			t.Errorf("%s: it isn't found by the words in its file, or by others", name)
		}
	}
}

// wantTime wants a time to be found where it stands.
func (l *line) wantTime(t *heed.Transcript) {
	l.Helper()
	for _, d := range t.Details {
		if d.Type == "time" && t.Text[d.Start:d.End] == d.Text && d.Text == "tonight" {
			return
		}
	}
	l.Errorf("found are %+v in %q", t.Details, t.Text)
}

// finds reports whether a search by a word finds a report.
func (l *line) finds(word string) bool {
	l.Helper()
	list, err := l.review.Search(l.Context(), l.ann, word, "a test of searching", heed.ReportQuery{Limit: 10})
	l.must(err)
	return len(list) == 1
}

func TestNothingIsReadInAFileOfARefusedReport(t *testing.T) {
	tool(t, "pdftoppm")
	l := onOneStore(t)
	report, f := l.sent("My neighbours are Muslims and pray every evening. I think that should be forbidden.", "letter.pdf", loaded(knife))
	l.copies(f)
	l.must(l.reads(f))
	v, err := l.review.Read(l.Context(), l.ann, report, "queue")
	l.must(err)
	if v.Report.State != heed.RefusalProposed || v.Files[0].Transcript != nil {
		t.Errorf("%s, %+v", v.Report.State, v.Files[0].Transcript)
	}
}
