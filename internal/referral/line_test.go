package referral_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// line is a whole line in a temporary folder, with two departments: "fire" with an X25519 key and "water" with a hybrid one.
type line struct {
	*testing.T
	*referral.Service
	review  *review.Service
	store   heed.Store
	blobs   blob.Store
	content *seal.PrivateKey
	in      *intake.Service
	profile *profile.Profile
	signer  *seal.Signer
	secret  map[string]string // department → age identity
	media   *media.Service
	folder  string
	now     time.Time

	ann, lead, fire, water *heed.Staff
}

func newLine(t *testing.T) *line {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	l := &line{T: t, folder: dir, profile: profile.Default(), signer: seal.GenerateSigner(), secret: map[string]string{}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return l.now }
	for i, id := range []string{"fire", "water"} {
		d := &l.profile.Departments[i]
		identity, recipient := seal.GenerateRecipient(id == "water")
		d.ID, d.Recipients = id, []string{recipient}
		l.secret[id] = identity
	}
	store, err := sqlite.Open(ctx, sqlitetest.File(t, dir), sqlite.Options{})
	l.must(err)
	t.Cleanup(func() { l.must(store.Close()) })
	l.store = store
	l.blobs, err = blob.OpenDirectory(filepath.Join(dir, "blobs"))
	l.must(err)
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keystore"))
	l.must(err)
	days := identity.New(identity.Config{Store: store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: clock})
	l.must(days.EnsureDays(ctx, l.now))
	content := seal.GeneratePrivateKey()
	l.content = content
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	l.in = intake.New(intake.Config{
		Store: store, Blobs: l.blobs, Line: "test", ContentKey: content.Public(),
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100),
		Days: days, Limits: intake.Limits{Text: 50_000, Message: 10_000, Messages: 200, Field: 200, Files: 3, FileBytes: 4 << 20, TotalBytes: 8 << 20},
		Languages: l.profile.Languages, Categories: []string{"hazard"},
		StartClocks: func(r *heed.Report) { review.StartClocks(r, l.profile.Deadlines, l.now) },
		RunClocks:   func(r *heed.Report) { review.RunClocks(r, l.now) }, Now: clock, Log: log,
	})
	matching := seal.NewMatchingKey(seal.NewKey())
	l.review = review.New(review.Config{
		Store: store, Blobs: l.blobs, Files: days, Days: days, Line: "test", Content: content, Matching: matching, Profile: l.profile,
		Screener: screening.New(screening.Config{}), Allow: auth.Allow, Now: clock, Log: log,
	})
	l.media = media.New(media.Config{Store: store, Blobs: l.blobs, Files: days, Line: "test", Content: content, Matching: seal.NewMatchingKey(seal.NewKey()), Reports: l.review, Now: clock, Log: log})
	l.Service = referral.New(referral.Config{
		Store: store, Blobs: l.blobs, Files: days, Line: "test", Content: content, Signer: l.signer, Profile: l.profile,
		Allow: auth.Allow, Now: clock, Log: log,
	})
	l.ann, l.lead = l.staff("ann", "", heed.Specialist), l.staff("lea", "", heed.RoleLead)
	l.fire, l.water = l.staff("felix", "fire", heed.Liaison), l.staff("wanda", "water", heed.Liaison)
	return l
}

func (l *line) staff(name, department string, roles ...heed.Role) *heed.Staff {
	s := &heed.Staff{ID: heed.NewID(l.now), Name: name, Roles: roles, Department: department, Language: "en", CreatedAt: l.now}
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.AddStaff(l.Context(), s) }))
	return s
}

func (l *line) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *line) wantErr(err, want error) {
	l.Helper()
	if !errors.Is(err, want) {
		l.Fatalf("%v, want %v", err, want)
	}
}

const story = "Flames behind the bakery <script>alert(1)</script> & nobody comes."

// report submits a report with a file, has it screened, and gives its receipt.
func (l *line) report(language string) (heed.ID, seal.Receipt) {
	l.Helper()
	return l.reportOf(language, story)
}

func (l *line) reportOf(language, text string) (heed.ID, seal.Receipt) {
	l.Helper()
	file, err := l.in.Stage(l.Context(), "../../evil name.TXT", bytes.NewReader(mediatest.Outlook(strings.Repeat("what I saw, line by line\n", 20_000))))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: language, Content: heed.Content{Text: text, Place: "Mill Lane 4"},
		Files: []intake.StagedFile{file},
	})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	l.copied(a.Report)
	return a.Report, a.Receipt
}

// page is what the copies show that copied makes.
var page = bytes.Repeat([]byte("what I saw, line by line\n"), 20_050)

// copied does what a worker does for the files of a report, without looking at them.
func (l *line) copied(report heed.ID) {
	l.Helper()
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error {
		files, err := tx.Attachments(l.Context(), report)
		l.must(err)
		wrapped, err := tx.WrappedKey(l.Context(), report)
		l.must(err)
		keys, err := seal.UnwrapReportKeys(l.content, "test", report, wrapped)
		l.must(err)
		for _, a := range files {
			to, err := l.blobs.Create(l.Context())
			l.must(err)
			key := seal.NewKey()
			frames, err := seal.NewPaddedWriter(to, key, seal.SafeCopyPlace("test", report, a.ID))
			l.must(err)
			_, err = frames.Write(page)
			l.must(errors.Join(err, frames.Close(), to.Commit(l.Context())))
			l.must(tx.PutSafeCopy(l.Context(), &heed.SafeCopy{
				Attachment: a.ID, Report: report, State: heed.CopyMade, Blob: to.Key(), Type: "application/pdf", Size: seal.PaddedSize(int64(len(page))),
				SealedKey: keys.Data.SealSafeCopyKey("test", report, a.ID, key), MadeAt: l.now,
			}))
		}
		return nil
	}))
}

// refer sends the report to the department and prepares the package.
func (l *line) refer(report heed.ID, department string) *heed.Referral {
	l.Helper()
	d, err := l.review.Dispose(l.Context(), l.ann, report, review.Decision{
		Kind: heed.Refer, Department: department, Reason: "it burns near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
	})
	l.must(err)
	l.now = l.now.Add(review.UndoLife)
	f := l.of(d)
	args, err := json.Marshal(review.ReferralArgs{Referral: f.ID})
	l.must(err)
	l.must(l.HandlePrepare(l.Context(), args))
	l.must(l.HandlePrepare(l.Context(), args)) // at least once
	return l.of(d)
}

func (l *line) of(d *heed.Disposition) (found *heed.Referral) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
		all, err := tx.Referrals(l.Context(), "", d.Report, "", 10)
		for _, f := range all {
			if f.Disposition == d.ID {
				found = f
			}
		}
		return err
	}))
	return found
}

func (l *line) state(report heed.ID) (r *heed.Report) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) (err error) {
		r, err = tx.Report(l.Context(), report)
		return err
	}))
	return r
}

// fetch downloads the package as a liaison.
func (l *line) fetch(by *heed.Staff, id heed.ID) []byte {
	l.Helper()
	_, r, err := l.OpenPackage(l.Context(), by, id)
	l.must(err)
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	l.must(errors.Join(err, r.Close()))
	return b.Bytes()
}

func (l *line) view(fn func(ctx context.Context, tx heed.Tx) error) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error { return fn(l.Context(), tx) }))
}
