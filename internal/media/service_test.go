package media_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

type line struct {
	*testing.T
	store  heed.Store
	blobs  blob.Store
	days   *identity.Service
	in     *intake.Service
	review *review.Service
	media  *media.Service
	config media.Config
	rules  *profile.Profile
	ann    *heed.Staff
	now    time.Time
	folder string // of the blobs
}

// onBothStores runs the test on either store, where there is a Custodian and where there is none.
func onBothStores(t *testing.T, test func(l *line, custodian bool)) {
	for _, custodian := range []bool{true, false} {
		name := map[bool]string{true: "custodian", false: "none"}[custodian]
		t.Run("sqlite/"+name, func(t *testing.T) {
			test(onSQLite(t, custodian), custodian)
		})
		t.Run("postgres/"+name, func(t *testing.T) {
			store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{Connections: 4})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			test(newLine(t, store, custodian), custodian)
		})
	}
}

// onOneStore is a line with a Custodian on SQLite, for what the store has no part in.
func onOneStore(t *testing.T) *line { return onSQLite(t, true) }

func onSQLite(t *testing.T, custodian bool) *line {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return newLine(t, store, custodian)
}

func newLine(t *testing.T, store heed.Store, custodian bool) *line {
	dir := t.TempDir()
	l := &line{T: t, store: store, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return l.now }
	var err error
	l.folder = filepath.Join(dir, "blobs")
	l.blobs, err = blob.OpenDirectory(l.folder)
	l.must(err)
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keystore"))
	l.must(err)
	l.days = identity.New(identity.Config{Store: store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: clock})
	if custodian {
		s := &heed.Staff{ID: heed.NewID(l.now), Name: "carla", Roles: []heed.Role{heed.Custodian}, Language: "en", CreatedAt: l.now, EnrolledAt: l.now}
		s.CustodianPublic, s.CustodianPrivate, err = identity.CreateCustodian("a long passphrase")
		l.must(err)
		l.must(store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddStaff(t.Context(), s) }))
		l.must(l.days.Begin(t.Context())) // the only one counts
	}
	l.must(l.days.EnsureDays(t.Context(), l.now))
	content, log, p := seal.GeneratePrivateKey(), slog.New(slog.NewTextHandler(t.Output(), nil)), profile.Default()
	l.in = intake.New(intake.Config{
		Store: store, Blobs: l.blobs, Line: "test", ContentKey: content.Public(),
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100),
		Days: l.days, Limits: intake.Limits{Text: 1000, Message: 1000, Messages: 8, Field: 100, Files: 3, FileBytes: 4 << 20, TotalBytes: 8 << 20},
		Languages: []string{"en"}, StartClocks: func(*heed.Report) {}, RunClocks: func(*heed.Report) {}, Now: clock, Log: log,
	})
	l.review = review.New(review.Config{
		Store: store, Blobs: l.blobs, Files: l.days, Days: l.days, Line: "test", Content: content, Matching: seal.NewMatchingKey(seal.NewKey()),
		Profile: p, Screener: screening.New(screening.Config{}), Allow: auth.Allow, Now: clock, Log: log,
	})
	l.rules = p
	l.config = media.Config{Store: store, Blobs: l.blobs, Files: l.days, Line: "test", Content: content, Matching: seal.NewMatchingKey(seal.NewKey()), Reports: l.review, Now: clock, Log: log}
	l.media = media.New(l.config)
	l.ann = &heed.Staff{ID: heed.NewID(l.now), Name: "ann", Roles: []heed.Role{heed.Specialist}, Language: "en", CreatedAt: l.now}
	l.must(store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddStaff(t.Context(), l.ann) }))
	return l
}

func (l *line) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// call is a report that was spoken.
func (l *line) call(sound []byte) heed.ID {
	l.Helper()
	f, err := l.in.Stage(l.Context(), "call-1.au", bytes.NewReader(sound))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelPhone, Language: "en", Files: []intake.StagedFile{f}})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	return a.Report
}

// written is a report with a text and a recording.
func (l *line) written(text string, sound []byte) (heed.ID, review.File) {
	l.Helper()
	f, err := l.in.Stage(l.Context(), "memo.au", bytes.NewReader(sound))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: text}, Files: []intake.StagedFile{f}})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	return a.Report, l.file(a.Report)
}

func (l *line) file(report heed.ID) review.File {
	l.Helper()
	v, err := l.review.Read(l.Context(), l.ann, report, "queue")
	l.must(err)
	return v.Files[0]
}

// copies does the worker's part for one file.
func (l *line) copies(f review.File) {
	l.Helper()
	l.must(l.media.Find(l.Context()))
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	l.must(err)
	l.must(l.media.HandleCopy(l.Context(), args))
	l.must(l.media.HandleCopy(l.Context(), args)) // at least once
}

// leaves counts the report's leaves of the act.
func (l *line) leaves(report heed.ID, act string) (n int) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
		all, err := tx.Leaves(l.Context(), 0, report, 500)
		for _, leaf := range all {
			if leaf.Act == act {
				n++
			}
		}
		return err
	}))
	return n
}

// recording is a call as it is kept.
func recording(t testing.TB) []byte {
	return encoded(t, spoken(t, "m3", told[1]), "-ar", "8000", "-c:a", "pcm_mulaw", "-f", "au")
}

func TestARecordingIsHeardByItsCopyAloneAndTheOriginalIsTheCustodiansOnBothStores(t *testing.T) {
	sound := recording(t)
	onBothStores(t, func(l *line, custodian bool) {
		report := l.call(sound)
		f := l.file(report)
		if f.CopyCode != review.CopyIsWaiting {
			l.Errorf("before its copy: %q", f.CopyCode)
		}
		if _, _, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID); !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("a copy that isn't made: %v", err)
		}
		l.copies(f)
		f = l.file(report)
		if f.CopyCode != "" || f.TransitKey != nil || (f.DayKey != nil) != custodian || l.leaves(report, audit.FileCopied) != 1 {
			l.Fatalf("after: %q, transit %v, day %v, %d leaves", f.CopyCode, f.TransitKey != nil, f.DayKey != nil, l.leaves(report, audit.FileCopied))
		}
		c, r, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID)
		l.must(err)
		heard, err := io.ReadAll(r)
		l.must(err)
		if c.Type != "audio/mpeg" || seal.PaddedSize(int64(len(heard))) != c.Size || len(samples(t, heard)) < 3*hertz {
			l.Errorf("%s of %d bytes, %d are heard", c.Type, c.Size, len(heard))
		}
		from, err := r.Seek(-100, io.SeekEnd)
		l.must(err)
		end, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(end, heard[from:]) {
			l.Errorf("from byte %d on: %d bytes, %v", from, len(end), err)
		}
		l.must(r.Close())
		if n := l.leaves(report, audit.CopyOpened); n != 1 {
			l.Errorf("%d leaves of one opening", n)
		}
		l.now = l.now.Add(11 * time.Minute)
		_, r, err = l.review.OpenCopy(l.Context(), l.ann, report, f.ID)
		l.must(errors.Join(err, r.Close()))
		if n := l.leaves(report, audit.CopyOpened); n != 2 {
			l.Errorf("%d leaves of two openings", n)
		}
		l.ends(report, f, c, custodian)
	})
}

// ends goes on with the line: the day dies and the copy stays, the report is erased and nothing does.
func (l *line) ends(report heed.ID, f review.File, c *heed.SafeCopy, custodian bool) {
	l.Helper()
	ctx := context.WithoutCancel(l.Context())
	l.must(l.store.View(ctx, func(tx heed.Tx) error {
		staged, err := tx.StagedBefore(ctx, l.now.Add(time.Hour), 10)
		if len(staged) != 0 {
			l.Errorf("%d blobs wait to be swept", len(staged))
		}
		return err
	}))
	l.now = l.now.Add(7 * 24 * time.Hour)
	_, err := l.days.EraseDue(ctx, l.now)
	l.must(err)
	if _, err := l.in.Sweep(ctx); err != nil {
		l.Fatal(err)
	}
	if _, err := l.blobs.Size(ctx, f.Blob); custodian && !errors.Is(err, heed.ErrNotFound) {
		l.Errorf("the original after its day: %v", err)
	}
	if f := l.file(report); f.CopyCode != "" {
		l.Errorf("the copy after the day: %q", f.CopyCode)
	}
	args, err := json.Marshal(review.EraseArgs{Report: report})
	l.must(err)
	l.must(l.review.HandleErase(ctx, args))
	l.must(l.store.View(ctx, func(tx heed.Tx) error {
		_, err := tx.SafeCopy(ctx, c.Attachment)
		if !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("the copy's record after the report: %v", err)
		}
		return nil
	}))
	blobs, err := json.Marshal(map[string][]string{"blobs": {f.Blob, c.Blob}}) // as the erasure enqueued it
	l.must(err)
	l.must(l.review.HandleBlobs(ctx, blobs))
	if _, err := l.blobs.Size(ctx, c.Blob); !errors.Is(err, heed.ErrNotFound) {
		l.Errorf("the copy after the report: %v", err)
	}
}

func TestACopyThatCantBeMadeSaysWhyOnBothStores(t *testing.T) {
	sound := recording(t)
	onBothStores(t, func(l *line, _ bool) {
		f := l.file(l.call(append([]byte(".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x63"), bytes.Repeat([]byte{9}, 5000)...)))
		l.copies(f)
		if f = l.file(f.Report); f.CopyCode != heed.CopyUnreadable || f.TransitKey == nil {
			l.Errorf("what no program reads: %q", f.CopyCode)
		}
		path, ffmpeg := os.Getenv("PATH"), tool(l, "ffmpeg")
		l.Setenv("PATH", l.TempDir())
		f = l.file(l.call(sound))
		l.must(l.media.Find(l.Context()))
		if f = l.file(f.Report); f.CopyCode != heed.CopyNoTool {
			l.Errorf("without ffmpeg: %q", f.CopyCode)
		}
		only := l.TempDir()
		l.must(os.Symlink(ffmpeg, filepath.Join(only, "ffmpeg")))
		l.Setenv("PATH", only)
		l.must(l.media.Find(l.Context()))
		if f = l.file(f.Report); f.CopyCode != heed.CopyNoRoom {
			l.Errorf("without bubblewrap: %q", f.CopyCode)
		}
		l.Setenv("PATH", path)
		l.copies(f)
		if f = l.file(f.Report); f.CopyCode != "" {
			l.Errorf("once it is there: %q", f.CopyCode)
		}
		l.Setenv("PATH", l.TempDir())
		lost := l.call(sound)
		l.now = l.now.Add(8 * 24 * time.Hour)
		_, err := l.days.EraseDue(l.Context(), l.now)
		l.must(err)
		if f = l.file(lost); f.CopyCode != heed.CopyLost {
			l.Errorf("after its day: %q", f.CopyCode)
		}
		l.Setenv("PATH", path)
	})
}
