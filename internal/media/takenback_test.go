package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
)

// sends is an anonymous report with a recording, and its mailbox.
func (l *line) sends(sound []byte) (review.File, *intake.Mailbox) {
	l.Helper()
	f, err := l.in.Stage(l.Context(), "memo.au", bytes.NewReader(sound))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "The bolts of the swing are loose"}, Files: []intake.StagedFile{f},
	})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	m, err := l.in.Open(l.Context(), string(a.Receipt))
	l.must(err)
	return l.file(a.Report), m
}

// takesBack does what a reporter does, and what the worker does then.
func (l *line) takesBack(f review.File, m *intake.Mailbox) {
	l.Helper()
	l.must(m.TakeBack(l.Context()))
	args, err := json.Marshal(media.TakenBackArgs{Report: f.Report})
	l.must(err)
	for range 2 { // at least once
		l.must(l.media.HandleTakenBack(l.Context(), args))
	}
}

// deleted are the files that the jobs that wait are to delete.
func (l *line) deleted() (blobs []string) {
	l.Helper()
	l.must(l.store.(heed.Copier).CopyOut(l.Context(), func(r *heed.CopiedRow) error {
		if r.Table != heed.CopiedJobs || r.Values[0] != review.JobBlobs {
			return nil
		}
		var args struct{ Blobs []string }
		text, ok := r.Values[1].([]byte)
		if !ok {
			l.Fatalf("a job's args are a %T", r.Values[1])
		}
		err := json.Unmarshal(text, &args)
		blobs = append(blobs, args.Blobs...)
		return err
	}))
	return blobs
}

// gone says that neither a key nor a byte of the original is there, once what is to be deleted is.
func (l *line) gone(f review.File) bool {
	l.Helper()
	now := l.file(f.Report)
	blobs, err := json.Marshal(map[string][]string{"blobs": l.deleted()})
	l.must(err)
	l.must(l.review.HandleBlobs(l.Context(), blobs))
	_, err = l.blobs.Size(l.Context(), f.Blob)
	return now.TransitKey == nil && now.DayKey == nil && errors.Is(err, heed.ErrNotFound)
}

func TestAnOriginalThatIsTakenBackGoesAndItsCopyStays(t *testing.T) {
	sound := recording(t)
	onBothStores(t, func(l *line, custodian bool) {
		if !custodian {
			f, m := l.sends(sound)
			l.copies(f)
			if err := m.TakeBack(l.Context()); !errors.Is(err, heed.ErrGone) {
				l.Errorf("without a Custodian: %v", err)
			}
			return
		}
		made, mailbox := l.sends(sound)
		l.copies(made)
		args, err := json.Marshal(media.TakenBackArgs{Report: made.Report})
		l.must(err)
		l.must(l.media.HandleTakenBack(l.Context(), args))
		if l.gone(made) {
			l.Error("a job deletes what nobody took back")
		}
		l.takesBack(made, mailbox)
		if !l.gone(made) || l.file(made.Report).CopyCode != "" {
			l.Errorf("after its copy: %+v", l.file(made.Report))
		}
		waiting, mailbox := l.sends(sound)
		l.takesBack(waiting, mailbox)
		if f := l.file(waiting.Report); f.TransitKey == nil || f.DayKey != nil {
			l.Errorf("before its copy: transit %v, day %v", f.TransitKey != nil, f.DayKey != nil)
		}
		l.copies(waiting)
		if !l.gone(waiting) || l.file(waiting.Report).CopyCode != "" {
			l.Errorf("its copy made afterwards: %+v", l.file(waiting.Report))
		}
		broken := append([]byte(".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x63"), bytes.Repeat([]byte{9}, 5000)...)
		failed, mailbox := l.sends(broken)
		l.copies(failed)
		l.takesBack(failed, mailbox)
		failing, mailbox := l.sends(broken)
		l.takesBack(failing, mailbox)
		l.copies(failing)
		if !l.gone(failed) || !l.gone(failing) || l.file(failing.Report).CopyCode != heed.CopyUnreadable {
			l.Errorf("without a copy: %+v, %+v", l.file(failed.Report), l.file(failing.Report))
		}
	})
}
