package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

// listens gives the line an engine behind OpenAI's audio transcriptions, which answers with what say gives, and counts how often it is asked.
func (l *line) listens(say func(heard []byte) (status int, text string)) *atomic.Int32 {
	l.Helper()
	asked := &atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		file, _, err := r.FormFile("file")
		if err != nil {
			l.Error(err)
			return
		}
		heard, err := io.ReadAll(file)
		if err != nil {
			l.Error(err)
		}
		status, text := say(heard)
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(map[string]string{"text": text}); err != nil {
			l.Error(err)
		}
	}))
	l.Cleanup(s.Close)
	listener, err := engine.NewListener(profile.Engine{URL: s.URL + "/v1", Model: "whisper-1", Timeout: 10 * time.Second}, nil)
	l.must(err)
	cfg := l.config
	cfg.Listener = listener
	l.media = media.New(cfg)
	return asked
}

// hears does the worker's part for one recording, however often.
func (l *line) hears(f review.File) error {
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	l.must(err)
	return errors.Join(l.media.HandleTranscribe(l.Context(), args), l.media.HandleTranscribe(l.Context(), args))
}

// waiting is how many jobs of a kind were enqueued.
func (l *line) waiting(kind string) (n int) {
	l.Helper()
	const query = "SELECT count(*) FROM river_job WHERE kind = "
	switch store := l.store.(type) {
	case *sqlite.Store:
		l.must(store.WriteDB().QueryRowContext(l.Context(), query+"?", kind).Scan(&n))
	case *postgres.Store:
		l.must(store.Pool().QueryRow(l.Context(), query+"$1", kind).Scan(&n))
	}
	return n
}

// numbered is what a caller says who leaves their number.
const numbered = gas + " My number is 020 7946 0123."

const gas = "There is a strong smell of gas in the stairwell of 14 Mill Lane and people feel sick, come now."

func TestWhatAMachineHearsInTheMaskedCopyIsTheTextOfAReportThatHasNoneOnBothStores(t *testing.T) {
	sound := recording(t)
	onBothStores(t, func(l *line, _ bool) {
		var sent []byte
		asked := l.listens(func(heard []byte) (int, string) { sent = heard; return 200, numbered })
		report := l.call(sound)
		f := l.file(report)
		l.copies(f)
		if asked.Load() != 0 {
			l.Fatal("the making of a copy waits for the engine")
		}
		l.must(l.hears(f))
		f = l.file(report)
		copied, r, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID)
		l.must(err)
		masked, err := io.ReadAll(r)
		l.must(errors.Join(err, r.Close()))
		if asked.Load() != 1 || !bytes.Equal(sent, masked) || copied.Type != "audio/mpeg" {
			l.Errorf("it was asked %d times, and heard %d bytes of the copy's %d", asked.Load(), len(sent), len(masked))
		}
		if f.Transcript == nil || f.Transcript.Text != numbered || f.Transcript.Model != "whisper-1" || f.Transcript.Language != "en" {
			l.Fatalf("%+v", f.Transcript)
		}
		if bytes.Contains(f.Copy.Transcript, []byte("gas")) || l.leaves(report, audit.FileTranscribed) != 1 {
			l.Errorf("%d leaves of one hearing", l.leaves(report, audit.FileTranscribed))
		}
		l.must(l.review.Screen(l.Context(), report)) // as the job does that was enqueued with it
		v, err := l.review.Read(l.Context(), l.ann, report, "queue")
		l.must(err)
		if v.Screening == nil || v.Unscreened || v.Report.Urgency.Rank() > heed.High.Rank() || v.Report.State != heed.Queued || v.Report.Category == "" {
			l.Fatalf("%s %s %s: %+v", v.Report.State, v.Report.Urgency, v.Report.Category, v.Screening)
		}
		place := false
		for _, d := range v.Screening.Details {
			if strings.Contains(d.Text, "7946") {
				l.Errorf("the caller's number is a detail: %+v", d)
			}
			place = place || d.Type == "place" && strings.Contains(d.Text, "Mill Lane") && gas[d.Start:d.End] == d.Text
		}
		if !place {
			l.Errorf("no place among %+v", v.Screening.Details)
		}
		foundBy := func(when string) {
			l.Helper()
			for word, want := range map[string]bool{"stairwell": true, "7946": false, "02079460123": false} {
				if l.finds(word) != want {
					l.Errorf("%s: found by %q: %v", when, word, !want)
				}
			}
		}
		foundBy("screened")
		l.asBefore(report, v.Screening)
		args, err := json.Marshal(review.RebuildArgs{Reports: []heed.ID{report}})
		l.must(err)
		l.must(l.review.HandleRebuild(l.Context(), args))
		foundBy("made findable anew")
		v, err = l.review.Read(l.Context(), l.ann, report, "queue")
		l.must(err)
		if slices.ContainsFunc(v.Screening.Details, func(d heed.Detail) bool { return strings.Contains(d.Text, "7946") }) || len(v.Screening.Details) == 0 {
			l.Errorf("made findable anew it has the details %+v", v.Screening.Details)
		}
		second := l.call(sound)
		again := l.file(second)
		l.copies(again)
		l.must(l.hears(again))
		l.must(l.review.Screen(l.Context(), second))
		if v, err = l.review.Read(l.Context(), l.ann, second, "queue"); err != nil || v.Screening.DuplicateOf == nil || *v.Screening.DuplicateOf != report {
			l.Errorf("who says the same is no copy: %+v, %v", v.Screening.Similar, err)
		}
	})
}

// asBefore puts a Screening in its place with the number that its speaker gave, as earlier versions of Heed did.
func (l *line) asBefore(report heed.ID, sc *heed.Screening) {
	l.Helper()
	before, at := *sc, strings.Index(numbered, "020 7946 0123")
	before.Details = append(slices.Clone(sc.Details), heed.Detail{Type: "phone", Text: numbered[at : len(numbered)-1], Start: at, End: len(numbered) - 1})
	b, err := json.Marshal(before)
	l.must(err)
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error {
		wrapped, err := tx.WrappedKey(l.Context(), report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(l.config.Content, "test", report, wrapped)
		if err != nil {
			return err
		}
		rec, err := tx.Screening(l.Context(), report)
		if err != nil {
			return err
		}
		rec.Sealed = keys.Data.Seal(seal.ScreeningPlace("test", report), b)
		return tx.PutScreening(l.Context(), rec)
	}))
}

func TestTheReportIsReadOnceAllItsRecordingsAreHeard(t *testing.T) {
	sound := recording(t)
	l := onOneStore(t)
	text := "It began on Monday at the river bank."
	l.listens(func([]byte) (int, string) { return 200, text })
	var files []intake.StagedFile
	for _, name := range []string{"call-1.au", "call-2.au"} {
		f, err := l.in.Stage(l.Context(), name, bytes.NewReader(sound))
		l.must(err)
		files = append(files, f)
	}
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelPhone, Language: "en", Files: files})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	v, err := l.review.Read(l.Context(), l.ann, a.Report, "queue")
	l.must(err)
	for _, f := range v.Files {
		l.copies(f)
	}
	l.must(l.hears(v.Files[0]))
	if n := l.waiting(review.JobScreen); n != 1 { // of its arrival
		l.Errorf("%d screenings wait while half of it is heard", n)
	}
	text = gas
	l.must(l.hears(v.Files[1]))
	if n := l.waiting(review.JobScreen); n != 2 {
		l.Errorf("%d screenings wait once all is heard", n)
	}
	l.must(l.review.Screen(l.Context(), a.Report))
	v, err = l.review.Read(l.Context(), l.ann, a.Report, "queue")
	l.must(err)
	whole := "It began on Monday at the river bank.\n\n" + gas
	if first, second := v.Files[0], v.Files[1]; first.Heard != 0 || whole[second.Heard:] != second.Transcript.Text {
		l.Errorf("they begin at %d and %d", first.Heard, second.Heard)
	}
	if len(v.Screening.Details) == 0 {
		l.Error("nothing is found in it")
	}
	for _, d := range v.Screening.Details {
		if whole[d.Start:d.End] != d.Text {
			l.Errorf("%+v isn't in what was heard", d)
		}
	}
}

func TestAnUrgencyRisesByWhatIsHeardInARecordingBesideAText(t *testing.T) {
	sound := recording(t)
	l := onOneStore(t)
	l.listens(func([]byte) (int, string) { return 200, "He has a gun now and says he will kill her tonight." })
	report, f := l.written("My neighbour's dog barks the whole night.", sound)
	l.copies(f)
	l.must(l.hears(f))
	args, err := json.Marshal(review.MessageArgs{Report: report, Attachment: f.ID})
	l.must(err)
	if n := l.waiting(review.JobScreenMessage); n != 1 {
		l.Errorf("%d jobs have it read", n)
	}
	for range 2 {
		l.must(l.review.HandleScreenMessage(l.Context(), args))
	}
	v, err := l.review.Read(l.Context(), l.ann, report, "queue")
	l.must(err)
	if v.Report.Urgency != heed.Immediate || l.leaves(report, audit.ReportUrgency) != 1 {
		l.Errorf("it is %s, by %d leaves", v.Report.Urgency, l.leaves(report, audit.ReportUrgency))
	}
}

func TestWhatIsSaidInAFilmIsHeardReadAndFoundWithoutItsPictures(t *testing.T) {
	sound := recording(t)
	l := onOneStore(t)
	var sent []byte
	asked := l.listens(func(heard []byte) (int, string) { sent = heard; return 200, gas })
	for name, film := range map[string][]byte{
		"spoken": made(t, sound, "mp4", "ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "color=c=gray:s=64x48:r=5", "-i", "FROM", "-shortest", "-c:v", "libx264", "-c:a", "aac", "MADE"),
		"silent": made(t, nil, "mp4", "ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "color=c=gray:s=64x48:r=5:d=1", "-c:v", "libx264", "MADE"),
	} {
		report, f := l.written("My neighbour's dog barks the whole night.", film)
		l.copies(f)
		l.must(l.hears(f))
		f = l.file(report)
		if name == "silent" {
			if f.Transcript != nil || f.Copy.TranscriptCode != "" {
				l.Errorf("in a silent film was heard: %+v", f.Transcript)
			}
			continue
		}
		if f.Transcript == nil || f.Transcript.Text != gas || len(f.Transcript.Details) == 0 {
			l.Fatalf("%+v", f.Transcript)
		}
		if said, whole := len(samples(t, sent)), len(samples(t, sound)); len(sent) >= int(f.Copy.Size) || said < whole*9/10 || said > whole*11/10 {
			l.Errorf("%d samples of %d were sent, in %d bytes", said, whole, len(sent))
		}
		args, err := json.Marshal(review.MessageArgs{Report: report, Attachment: f.ID})
		l.must(err)
		l.must(l.review.HandleScreenMessage(l.Context(), args))
		v, err := l.review.Read(l.Context(), l.ann, report, "queue")
		l.must(err)
		if v.Report.Urgency != heed.Immediate {
			l.Errorf("it is %s", v.Report.Urgency)
		}
	}
	if n := asked.Load(); n != 1 {
		l.Errorf("the engine was asked %d times", n)
	}
}

func TestARefusedReportIsNeverHeardAndOneThatNobodyScreenedWaits(t *testing.T) {
	sound := recording(t)
	l := onOneStore(t)
	asked := l.listens(func([]byte) (int, string) { return 200, "x" })
	f, err := l.in.Stage(l.Context(), "memo.au", bytes.NewReader(sound))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "My neighbours are Muslims and pray every evening. I think that should be forbidden."}, Files: []intake.StagedFile{f}})
	l.must(err)
	v, err := l.review.Read(l.Context(), l.ann, a.Report, "queue")
	l.must(err)
	l.copies(v.Files[0])
	if err := l.hears(v.Files[0]); !errors.Is(err, review.ErrNotYet) {
		l.Errorf("before it is screened: %v", err)
	}
	l.must(l.review.Screen(l.Context(), a.Report))
	if v, err = l.review.Read(l.Context(), l.ann, a.Report, "queue"); err != nil || v.Report.State != heed.RefusalProposed {
		l.Fatalf("it is %s, %v", v.Report.State, err)
	}
	l.must(l.hears(v.Files[0]))
	if asked.Load() != 0 {
		l.Error("the engine heard a report that is proposed for refusal")
	}
}

func TestAnEngineThatFailsIsGivenUpAndTheReportStandsAsItStood(t *testing.T) {
	sound := recording(t)
	l := onOneStore(t)
	l.listens(func([]byte) (int, string) { return 500, "" })
	report := l.call(sound)
	f := l.file(report)
	l.copies(f)
	if err := l.hears(f); !errors.Is(err, engine.ErrUnavailable) {
		l.Errorf("%v", err)
	}
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	l.must(err)
	l.must(l.media.GiveUpTranscribe(l.Context(), args, engine.ErrUnavailable))
	f = l.file(report)
	if f.Transcript != nil || f.Copy.TranscriptCode != heed.TranscriptFailed || f.CopyCode != "" {
		l.Errorf("%+v", f)
	}
	l.must(l.review.Screen(l.Context(), report))
	if v, err := l.review.Read(l.Context(), l.ann, report, "queue"); err != nil || !v.Unscreened || v.Report.State != heed.Queued {
		l.Errorf("%+v, %v", v.Report, err)
	}
}
