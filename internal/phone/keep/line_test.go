package keep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/keep"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(speaksIn); dir != "" {
		speak(dir)
		return
	}
	os.Exit(pgtest.Main(m))
}

// line is a line with a process that takes calls, by public keys and a phone's role alone, and a worker.
type line struct {
	*testing.T
	store   heed.Store // as the worker has it
	phones  heed.Store // as the process has it that takes calls
	blobs   blob.Store
	days    *identity.Service
	content *seal.PrivateKey
	audit   *seal.Verifier
	in      *intake.Service
	keeper  *keep.Keeper
	worker  *keep.Recovery

	full   atomic.Bool // the disk
	breaks atomic.Bool // the program, where it stores something

	mu  sync.Mutex
	now time.Time
}

func (l *line) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *line) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

// onBothStores runs the test on SQLite, and on PostgreSQL under a phone's role.
func onBothStores(t *testing.T, test func(*line)) {
	t.Run("sqlite", func(t *testing.T) {
		store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		test(newLine(t, t.TempDir(), store, store))
	})
	t.Run("postgres", func(t *testing.T) {
		url, as := pgtest.URLWithRoles(t)
		open := func(url string, o postgres.Options) heed.Store {
			s, err := postgres.Open(t.Context(), url, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}
		all := open(url, postgres.Options{Connections: 4})
		test(newLine(t, t.TempDir(), all, open(as("phone"), postgres.Options{Connections: 4, Phone: true, SchemaWait: time.Second})))
	})
}

func newLine(t *testing.T, dir string, all, phones heed.Store) *line {
	l := &line{T: t, store: all, phones: phones, content: seal.GeneratePrivateKey(), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	var err error
	if l.blobs, err = blob.OpenDirectory(filepath.Join(dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keystore"))
	l.must(err)
	signer := seal.GenerateSigner()
	l.days = identity.New(identity.Config{Store: all, Keystore: keys, Line: "test", Audit: signer, Now: l.clock})
	l.addCustodian()
	l.must(errors.Join(l.days.Begin(t.Context()), l.days.EnsureDays(t.Context(), l.now)))
	l.audit = signer.Verifier()
	l.open(phones, identity.NewSealer(phones, signer.Verifier(), "test"))
	return l
}

// open makes the process that takes calls, and the worker.
func (l *line) open(phones heed.Store, days *identity.Sealer) {
	log := slog.New(slog.NewTextHandler(l.Output(), nil))
	service := func(store heed.Store) *intake.Service {
		return intake.New(intake.Config{
			Store: store, Blobs: l.blobs, Line: "test", ContentKey: l.content.Public(),
			Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100),
			Room: intake.Room{Reserve: 1 << 20, Free: func() (int64, error) {
				if l.breaks.Load() {
					panic("a canary that no log shows")
				}
				if l.full.Load() {
					return 0, nil
				}
				return 1 << 30, nil
			}},
			Days: days, Limits: intake.Limits{Text: 1000, Message: 1000, Messages: 8, Field: 100, Files: 3, FileBytes: 1 << 20, TotalBytes: 2 << 20},
			Languages: []string{"en", "ar"}, StartClocks: func(*heed.Report) {}, RunClocks: func(*heed.Report) {}, Now: l.clock, Log: log,
		})
	}
	l.in = service(phones)
	l.keeper = keep.New(keep.Config{Store: phones, Intake: l.in, Days: days, Line: "test", Now: l.clock, Log: log})
	l.worker = &keep.Recovery{Store: l.store, Intake: service(l.store), Calls: l.days, Now: l.clock, Log: log}
}

// addCustodian has the line take identities.
func (l *line) addCustodian() {
	l.Helper()
	public, private, err := identity.CreateCustodian("correct horse battery staple")
	l.must(err)
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error {
		return tx.AddStaff(l.Context(), &heed.Staff{
			ID: heed.NewID(l.now), Name: "custodian", Roles: []heed.Role{heed.Custodian}, CustodianPublic: public, CustodianPrivate: private, CreatedAt: l.now,
		})
	}))
}

func (l *line) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// frames are so many frames of a tone that no other pitch gives.
func frames(n int, pitch float64) []sound.Frame {
	all := make([]sound.Frame, n)
	for i := range n * sound.FrameSamples {
		all[i/sound.FrameSamples][i%sound.FrameSamples] = int16(9000 * math.Sin(2*math.Pi*pitch*float64(i)/sound.Rate))
	}
	return all
}

// coded are frames as they are kept.
func coded(all []sound.Frame) (b []byte) {
	for _, f := range all {
		b = sound.MuLaw.Encode(b, f[:])
	}
	return b
}

// says opens a take and speaks.
func (l *line) says(r phone.Recording, all []sound.Frame) {
	l.Helper()
	l.must(r.NewTake(l.Context()))
	for i := range all {
		l.must(r.Write(&all[i]))
	}
}

func (l *line) begin(language string) phone.Recording {
	l.Helper()
	r, err := l.keeper.Begin(l.Context(), language)
	l.must(err)
	return r
}

// reports are all reports, and calls how many stand in the store.
func (l *line) reports() (all []*heed.Report, calls int) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) (err error) {
		if all, err = tx.Reports(l.Context(), heed.ReportQuery{}); err != nil {
			return err
		}
		seen, err := tx.CallsSeen(l.Context())
		calls = len(seen)
		return err
	}))
	return all, calls
}

// files are a report's files in clear, as the worker's transit key opens them.
func (l *line) files(report heed.ID) (all [][]byte) {
	l.Helper()
	var attachments []*heed.Attachment
	l.must(l.store.View(l.Context(), func(tx heed.Tx) (err error) {
		attachments, err = tx.Attachments(l.Context(), report)
		return err
	}))
	for _, a := range attachments {
		if a.Type != "audio/basic" {
			l.Errorf("a recording is %s", a.Type)
		}
		key, err := l.days.OpenFileKey(l.Context(), a, seal.ByTransit, a.TransitKey)
		l.must(err)
		sealed, err := l.blobs.Open(l.Context(), a.Blob)
		l.must(err)
		clear, err := seal.NewFrameReader(sealed, key, seal.FilePlace("test"))
		l.must(err)
		b, err := io.ReadAll(clear)
		l.must(errors.Join(err, sealed.Close()))
		all = append(all, b)
	}
	return all
}

// isRecording fails unless the file is what was said, behind a header with its true length.
func (l *line) isRecording(file []byte, said []sound.Frame) {
	l.Helper()
	h, err := sound.ReadAUHeader(bytes.NewReader(file))
	l.must(err)
	if int(h.Size) != len(file)-24 || h.Encoding != sound.AUMuLaw || h.Rate != sound.Rate || h.Channels != 1 {
		l.Errorf("a header of %+v before %d bytes", h, len(file)-24)
	}
	if !bytes.Equal(file[24:], coded(said)) {
		l.Errorf("%d bytes were kept, and they are not what was said in %d", len(file)-24, len(coded(said)))
	}
}

// stored waits until something of what is said in the only call is stored.
func (l *line) stored() {
	l.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		n := 0
		l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
			seen, err := tx.CallsSeen(l.Context())
			if err != nil {
				return err
			}
			for id := range seen {
				c, err := tx.Call(l.Context(), id)
				if err != nil {
					return err
				}
				b, err := l.days.OpenCall(l.Context(), c)
				if err != nil {
					return err
				}
				var left struct {
					Takes []intake.Upload `json:"takes"`
				}
				if err := json.Unmarshal(b, &left); err != nil {
					return err
				}
				pieces, err := tx.Pieces(l.Context(), left.Takes[0].ID)
				if err != nil {
					return err
				}
				n += len(pieces)
			}
			return nil
		}))
		if n > 0 {
			return
		}
	}
	l.Fatal("nothing of what was said is stored after a minute")
}

// dies has the worker come by for as long as it takes to see that a call's process is gone.
func (l *line) dies(ctx context.Context) {
	l.Helper()
	l.must(l.worker.Run(ctx))
	l.wait(61 * time.Second)
	l.must(l.worker.Run(ctx))
}
