package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// canary is a word that must be found nowhere in clear.
const canary = "zebrafinch-4471"

type line struct {
	dir     string
	store   heed.Store
	blobs   blob.Store
	content *seal.PrivateKey
	days    *identity.Service
	config  intake.Config
	in      *intake.Service
	now     time.Time
}

func newLine(t *testing.T) *line {
	t.Helper()
	ctx := context.Background()
	l := &line{dir: t.TempDir(), content: seal.GeneratePrivateKey(), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return l.now }
	var portal heed.Store
	l.store, portal = openStores(t, l.dir)
	var err error
	if l.blobs, err = blob.OpenDirectory(filepath.Join(l.dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	keys, err := keystore.OpenDirectory(filepath.Join(l.dir, "keystore"))
	if err != nil {
		t.Fatal(err)
	}
	signer := seal.GenerateSigner()
	l.days = identity.New(identity.Config{Store: l.store, Keystore: keys, Line: "test", Audit: signer, Now: clock})
	if err := l.days.EnsureDays(ctx, l.now); err != nil {
		t.Fatal(err)
	}
	l.config = intake.Config{
		Store: portal, Blobs: l.blobs, Line: "test", ContentKey: l.content.Public(),
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100),
		Days: l.days, Limits: intake.Limits{Text: 1000, Message: 1000, Messages: 8, Field: 100, Files: 3, FileBytes: 1 << 20, TotalBytes: 2 << 20},
		Languages: []string{"en", "ar"}, Categories: []string{"hazard"},
		StartClocks: func(r *heed.Report) { r.ScreenBy = r.ReceivedAt.Add(5 * time.Minute); r.NextDue = r.ScreenBy },
		RunClocks:   func(*heed.Report) {}, Now: clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	l.in = intake.New(l.config)
	return l
}

func (l *line) stored(t *testing.T, id heed.ID) *heed.Report {
	t.Helper()
	var r *heed.Report
	err := l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		r, err = tx.Report(context.Background(), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReportIsStoredSealedAndItsReceiptOpensTheMailbox(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Language: "ar", Content: heed.Content{Text: "gas smell " + canary}})
	if err != nil {
		t.Fatal(err)
	}
	r := l.stored(t, a.Report)
	if r.State != heed.Received || r.Language != "ar" || r.Named || r.ScreenBy.IsZero() {
		t.Errorf("stored %+v", r)
	}
	m, err := l.in.Open(ctx, a.Receipt.Grouped())
	if err != nil {
		t.Fatal(err)
	}
	st, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if st.Stage != heed.StageReceived || !st.CanReply || !st.CanWithdraw || len(st.Messages) != 0 {
		t.Errorf("status %+v", st)
	}
	var leaves []*heed.AuditLeaf
	if err := l.store.View(ctx, func(tx heed.Tx) (err error) { leaves, err = tx.Leaves(ctx, 0, a.Report, 10); return err }); err != nil {
		t.Fatal(err)
	}
	if len(leaves) != 1 || leaves[0].Act != "report.received" || !bytes.Contains(leaves[0].Details, []byte(seal.Digest(r.Content))) {
		t.Errorf("leaves %+v", leaves)
	}
	l.expectNowhere(t, canary)
	l.expectNowhere(t, string(a.Receipt))
}

// expectNowhere reads every byte of the line's folder, write-ahead log included.
func (l *line) expectNowhere(t *testing.T, word string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(l.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		if bytes.Contains(b, []byte(word)) {
			t.Errorf("%q stands in clear in %s", word, filepath.Base(path))
		}
		return nil
	})
	if err != nil || seen < 3 {
		t.Fatalf("searched %d files: %v", seen, err)
	}
}

func TestSendingTwiceMakesOneReportAndTheSameReceipt(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	sub := intake.Submission{ID: heed.NewID(l.now), Receipt: seal.NewReceipt(), Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			a, err := l.in.Submit(ctx, sub)
			if err != nil || a.Receipt != sub.Receipt || a.Report != sub.ID {
				t.Errorf("accepted %+v, %v", a, err)
			}
		})
	}
	wg.Wait()
	other := sub
	other.Receipt = seal.NewReceipt()
	if _, err := l.in.Submit(ctx, other); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("the same id with another receipt: %v", err)
	}
}

func TestWhatIsWrongWithASubmissionIsSaidAllAtOnce(t *testing.T) {
	l := newLine(t)
	for _, c := range []struct {
		name string
		sub  intake.Submission
		want string
	}{
		{"empty", intake.Submission{}, "text:text-empty"},
		{"punctuation", intake.Submission{Content: heed.Content{Text: " .. !! "}}, "text:text-empty"},
		{"one letter", intake.Submission{Content: heed.Content{Text: "a"}}, "text:text-too-short"},
		{"too long", intake.Submission{Content: heed.Content{Text: strings.Repeat("é", 1001)}}, "text:text-too-long"},
		{"NUL", intake.Submission{Content: heed.Content{Text: "ab\x00c"}}, "text:nul-character"},
		{"invalid UTF-8", intake.Submission{Content: heed.Content{Text: "ab\xffc", Place: "\xc3("}}, "text:not-utf8 place:not-utf8"},
		{"direction override", intake.Submission{Content: heed.Content{Text: "a\u202eb"}}, "text:direction-override"},
		{"two faults", intake.Submission{Content: heed.Content{Category: "astrology", AgeBand: "old"}}, "text:text-empty category:category-unknown age_band:age-band-unknown"},
		{"email", intake.Submission{Content: heed.Content{Text: "fine text"}, Identity: heed.Identity{Email: "nobody"}}, "identity.email:email-form"},
	} {
		err := l.in.Check(c.sub)
		var ps heed.Problems
		if !errors.As(err, &ps) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, p := range ps {
			got = append(got, p.Field+":"+p.Code)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
	for _, text := range []string{"火灾", strings.Repeat("é", 1000), "मदद"} {
		if err := l.in.Check(intake.Submission{Content: heed.Content{Text: text}}); err != nil {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}

func TestAFileIsSealedWhileItStreamsAndOpensByTheTransitKeyAlone(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	body := "plain words about " + canary + strings.Repeat(" and more", 20_000)
	f, err := l.in.Stage(ctx, `C:\secret\`+"evil\u202e\x07.txt", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "evil.txt" || f.Size != int64(len(body)) || !strings.HasPrefix(f.Type, "text/plain") {
		t.Errorf("staged %+v", f)
	}
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "see the file"}, Files: []intake.StagedFile{f}})
	if err != nil {
		t.Fatal(err)
	}
	var at []*heed.Attachment
	if err := l.store.View(ctx, func(tx heed.Tx) (err error) { at, err = tx.Attachments(ctx, a.Report); return err }); err != nil {
		t.Fatal(err)
	}
	if len(at) != 1 || at[0].DayKey != nil {
		t.Fatalf("attachments %+v", at)
	}
	key, err := l.days.OpenFileKey(ctx, at[0], seal.ByTransit, at[0].TransitKey)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := l.blobs.Open(ctx, at[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	r, err := seal.NewFrameReader(sealed, key, seal.FilePlace("test"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != body {
		t.Errorf("read back %d bytes: %v", len(got), err)
	}
	l.expectNowhere(t, canary)
	l.now = l.now.Add(48 * time.Hour)
	if n, err := l.in.Sweep(ctx); n != 0 || err != nil {
		t.Errorf("a sent report's file was swept: %d, %v", n, err)
	}
}

func TestAFileThatIsRefusedLeavesNothing(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	for _, c := range []struct {
		name, code string
		body       io.Reader
	}{
		{"empty", "file-empty", strings.NewReader("")},
		{"program", "file-type", strings.NewReader("\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 100))},
		{"too large", "file-too-large", strings.NewReader(strings.Repeat("a", 1<<20+1))},
		{"cut off", "file-cut-off", io.MultiReader(strings.NewReader(strings.Repeat("a", 5000)), brokenReader{})},
	} {
		_, err := l.in.Stage(ctx, "x.txt", c.body)
		var p *heed.Problem
		if !errors.As(err, &p) || p.Code != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	l.now = l.now.Add(48 * time.Hour)
	if _, err := l.in.Sweep(ctx); err != nil {
		t.Error(err)
	}
	filepath.WalkDir(filepath.Join(l.dir, "blobs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("left behind: %s", d.Name())
		}
		return err
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAnAbandonedDraftsFileIsSweptAfterADay(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	f, err := l.in.Stage(ctx, "a.txt", strings.NewReader("some words"))
	if err != nil {
		t.Fatal(err)
	}
	l.now = l.now.Add(23 * time.Hour)
	if n, err := l.in.Sweep(ctx); n != 0 || err != nil {
		t.Errorf("swept early: %d, %v", n, err)
	}
	l.now = l.now.Add(2 * time.Hour)
	if n, err := l.in.Sweep(ctx); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := l.blobs.Open(ctx, f.Blob); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestTheBytesOfADaysFilesAreSweptAfterItsKeys(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	f, err := l.in.Stage(ctx, "a.txt", strings.NewReader("some words"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "see the file"}, Files: []intake.StagedFile{f}})
	if err != nil {
		t.Fatal(err)
	}
	day := l.stored(t, a.Report).DayKey
	for range 2 { // an erasure that is done once more finds nothing to do
		if err := l.store.Update(ctx, func(tx heed.Tx) error { return tx.DiscardFilesOfDay(ctx, day) }); err != nil {
			t.Fatal(err)
		}
		if n, err := l.in.Sweep(ctx); n != 1 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
		if _, err := l.blobs.Open(ctx, f.Blob); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("the file is still there: %v", err)
		}
		if left := l.staged(t); len(left) > 0 {
			t.Errorf("notes are left: %v", left)
		}
	}
}

func TestAFileBelongsToTheFirstReportThatIsSentWithIt(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	f, err := l.in.Stage(ctx, "a.txt", strings.NewReader("some words"))
	if err != nil {
		t.Fatal(err)
	}
	sub := intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "see the file"}, Files: []intake.StagedFile{f}}
	if _, err := l.in.Submit(ctx, sub); err != nil {
		t.Fatal(err)
	}
	var ps heed.Problems
	if _, err := l.in.Submit(ctx, sub); !errors.As(err, &ps) || ps[0].Code != "file-gone" {
		t.Errorf("sent once more from the same draft: %v", err)
	}
	if err := l.in.Discard(ctx, f); err != nil {
		t.Fatal(err)
	}
	r, err := l.blobs.Open(ctx, f.Blob)
	if err != nil {
		t.Fatalf("removing it from the draft took it from the report: %v", err)
	}
	r.Close()
}

func TestAMailboxHasRoomForTheLineWhateverTheReporterSends(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.in.Open(ctx, string(a.Receipt))
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // three quarters of eight
		if err := m.Say(ctx, "and more", nil); err != nil {
			t.Fatal(err)
		}
	}
	var ps heed.Problems
	if err := m.Say(ctx, "and more", nil); !errors.As(err, &ps) || ps[0].Code != "messages-full" {
		t.Errorf("the seventh: %v", err)
	}
}

func TestAReportsFilesAreCountedOverAllItsMessages(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	stage := func(n int) (files []intake.StagedFile) {
		for range n {
			f, err := l.in.Stage(ctx, "a.txt", strings.NewReader("some words"))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		return files
	}
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak"}, Files: stage(2)})
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.in.Open(ctx, string(a.Receipt))
	if err != nil {
		t.Fatal(err)
	}
	var ps heed.Problems
	if err := m.Say(ctx, "two more", stage(2)); !errors.As(err, &ps) || ps[0].Code != "too-many-files" {
		t.Errorf("four of three: %v", err)
	}
	if err := m.Say(ctx, "one more", stage(1)); err != nil {
		t.Errorf("three of three: %v", err)
	}
}

func TestTheLanguageFieldHoldsNothingButALanguage(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	for tag, want := range map[string]string{"ar": "ar", "zh-hans": "zh-Hans", "": "en", "x-my-name-is-ada": "en", "i-am-ada-lovelace": "en", "call-555-0100": "en", "en-u-attr-secret": "en"} {
		a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelAPI, Language: tag, Content: heed.Content{Text: "Leak"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := l.stored(t, a.Report).Language; got != want {
			t.Errorf("%q stored as %q, want %q", tag, got, want)
		}
	}
}

func TestAReporterAddsFactsAndTakesTheReportBack(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.in.Open(ctx, string(a.Receipt))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Say(ctx, "", nil); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("an empty addition: %v", err)
	}
	if err := m.Say(ctx, "it is worse "+canary, nil); err != nil {
		t.Fatal(err)
	}
	st, err := m.Status(ctx)
	if err != nil || len(st.Messages) != 1 || st.Messages[0].Text != "it is worse "+canary || st.Messages[0].Kind != heed.Addition {
		t.Errorf("status %+v, %v", st, err)
	}
	if err := m.Withdraw(ctx); err != nil {
		t.Fatal(err)
	}
	if err := m.Withdraw(ctx); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if err := m.Say(ctx, "one more thing", nil); !errors.Is(err, heed.ErrGone) {
		t.Errorf("said after withdrawing: %v", err)
	}
	if st, err := m.Status(ctx); err != nil || st.Stage != heed.StageConcluded || st.CanWithdraw || st.CanReply {
		t.Errorf("status %+v, %v", st, err)
	}
	l.expectNowhere(t, canary)
}

func TestAWrongReceiptFindsNothing(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	if _, err := l.in.Open(ctx, string(seal.NewReceipt())); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	for _, s := range []string{"", "123", "abc", strings.Repeat("1", 21), strings.Repeat("9", 100_000)} {
		if _, err := l.in.Open(ctx, s); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%.10q: %v", s, err)
		}
	}
}

func TestAnImportedIdentityDiesWithTheDayOnWhichItWasReceived(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	public, private := seal.NewCustodianKey("a long passphrase")
	custodian := &heed.Staff{
		ID: heed.NewID(l.now), Name: "dana", Roles: []heed.Role{heed.Custodian}, Language: "en", CreatedAt: l.now, CustodianPublic: public, CustodianPrivate: private,
	}
	if err := l.days.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.store.Update(ctx, func(tx heed.Tx) error { return tx.AddStaff(ctx, custodian) }); err != nil {
		t.Fatal(err)
	}
	if err := l.days.CustodianEnrolled(ctx, l.now, custodian.ID); err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	morning := l.now.Truncate(day)
	var subs []intake.Submission
	ages := []time.Time{l.now.Add(-6 * day), morning.Add(-6 * day), morning.Add(-6*day - time.Second), l.now, l.now.Add(day)}
	for _, at := range ages {
		subs = append(subs, intake.Submission{Channel: heed.ChannelImport, Content: heed.Content{Text: "a report"}, ReceivedAt: at, Identity: heed.Identity{Name: canary}})
	}
	batch, err := l.in.PrepareImport(ctx, subs, false)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := l.in.Import(ctx, batch, func(heed.Tx) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2026-11-17", "2026-11-17", "", "2026-11-23", "2026-11-23"} {
		var held []heed.SealedIdentity
		err := l.store.View(ctx, func(tx heed.Tx) (err error) { held, err = tx.Identities(ctx, ids[i]); return err })
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && (len(held) > 0 || l.stored(t, ids[i]).Named) || want != "" && (len(held) != 1 || held[0].Day != want || l.stored(t, ids[i]).DayKey != want) {
			t.Errorf("received at %s: %+v, want the day %q", ages[i], held, want)
		}
	}
	erased, err := l.days.EraseDue(ctx, morning.Add(day))
	if err != nil || erased.Identities != 2 {
		t.Errorf("on the seventh day after the first ones %+v are erased, %v", erased, err)
	}
}

func TestAnImportHasNoReceiptAndDropsOldIdentities(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	noted := false
	batch, err := l.in.PrepareImport(ctx, []intake.Submission{
		{Channel: heed.ChannelImport, Content: heed.Content{Text: "first one"}, ReceivedAt: l.now.Add(-240 * time.Hour), Identity: heed.Identity{Name: canary}},
		{Channel: heed.ChannelImport, Content: heed.Content{Text: "second one"}},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := l.in.Import(ctx, batch, func(heed.Tx) error { noted = true; return nil })
	if err != nil || len(ids) != 2 || !noted {
		t.Fatalf("%v, %v", ids, err)
	}
	if r := l.stored(t, ids[0]); r.Named || !r.ReceivedAt.Equal(l.now.Add(-240*time.Hour)) {
		t.Errorf("stored %+v", r)
	}
	failed := errors.New("no room")
	if batch, err = l.in.PrepareImport(ctx, []intake.Submission{{Content: heed.Content{Text: "third one"}}}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.Import(ctx, batch, func(heed.Tx) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("a failed note must undo the import: %v", err)
	}
}

func TestAnImportLosesNoIdentityOfALivingDayUnlessItMay(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	yesterday := l.now.Add(-24 * time.Hour)
	subs := []intake.Submission{
		{Channel: heed.ChannelImport, Content: heed.Content{Text: "first one"}, ReceivedAt: yesterday, Identity: heed.Identity{Name: canary}},
		{Channel: heed.ChannelImport, Content: heed.Content{Text: "second one"}, ReceivedAt: yesterday},
	}
	if _, err := l.in.PrepareImport(ctx, subs, false); !errors.Is(err, intake.ErrNoCustodian) || !strings.Contains(err.Error(), yesterday.Format(time.DateOnly)) {
		t.Errorf("a name that nobody could open: %v", err)
	}
	if _, err := l.in.PrepareImport(ctx, subs[1:], false); err != nil {
		t.Errorf("without a name: %v", err)
	}
	batch, err := l.in.PrepareImport(ctx, subs, true)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := l.in.Import(ctx, batch, func(heed.Tx) error { return nil })
	if err != nil || len(ids) != 2 || l.stored(t, ids[0]).Named {
		t.Errorf("dropped on demand: %v, %v", ids, err)
	}
}
