package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
	heedweb "github.com/heed-line/heed/internal/web"
)

// Settings in the store that make a database this line's.
const (
	settingLine = "line.id"   // heed.ID; every sealed text is bound to it
	settingSalt = "line.salt" // 32 bytes, in every Receipt's derivation
	settingRing = "line.ring" // the fingerprint of the keystore's ring
	settingDesk = "desk.url"  // where the desk last listened
)

// place is where a line keeps what it keeps, as any process of it has it: nothing in it is secret, so a portal's process has a
// place and no line.
type place struct {
	flags   lineFlags
	s       *surroundings
	log     *slog.Logger
	id      string
	salt    []byte
	profile *profile.Profile
	store   heed.Store
	clock   *audit.Clock
	blobs   blob.Place
	spoken  *heedweb.Locales // both faces' texts; nil until one asks
	front   *reception       // the portal's and the phone's; nil until one asks
	// restoring lets a store be opened that isn't whole yet.
	restoring bool
}

// line is a line opened: its place, its keys, and the services that every command may need. What only a server needs is in
// server.
type line struct {
	*place
	keys     keystore.Keystore
	ring     *keystore.Ring
	identity *identity.Service
	intake   *intake.Service
	auth     *auth.Service
}

// openThere opens a line that is there, for what only asks about one: a name that was mistyped is to make no new line that answers for it,
// nor a folder.
func openThere(ctx context.Context, s *surroundings, log *slog.Logger, flags lineFlags) (*line, error) {
	if err := flags.wantLine(ctx); err != nil {
		return nil, err
	}
	return openLine(ctx, s, log, flags)
}

// openLine opens the line that the flags name and creates what a first start must: folders, profile, keys, database.
func openLine(ctx context.Context, s *surroundings, log *slog.Logger, flags lineFlags) (*line, error) {
	return (&place{flags: flags, s: s, log: log}).openLine(ctx)
}

func (p *place) openLine(ctx context.Context) (_ *line, err error) {
	l, flags, s := &line{place: p}, p.flags, p.s
	if flags.Profile != "" { // a name that was mistyped must leave no folder behind
		if l.profile, err = openProfile(flags); err != nil {
			return nil, err
		}
	}
	if err := makeFolder(flags.Data); err != nil {
		return nil, err
	}
	if flags.Profile == "" {
		if l.profile, err = openProfile(flags); err != nil {
			return nil, err
		}
	}
	if l.keys, err = flags.openKeystore(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeKeystore(l.keys))
		}
	}()
	if l.blobs, err = flags.openBlobs(); err != nil {
		return nil, err
	}
	if l.store, err = openStore(ctx, flags); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.store.Close())
		}
	}()
	if keys, ok := l.keys.(*keystore.Postgres); ok { // the store may have just been made in the same database
		if err := keys.Apart(ctx); err != nil {
			return nil, notApart(err)
		}
	}
	if err := l.recognise(ctx); err != nil {
		return nil, err
	}
	if err := l.keepTime(ctx, l.ring.Audit.Verifier()); err != nil {
		return nil, err
	}
	s = l.s
	l.identity = identity.New(identity.Config{Store: l.store, Keystore: l.keys, Line: l.id, Audit: l.ring.Audit, Now: s.Now})
	if err := l.adoptCustodian(ctx); err != nil {
		return nil, err
	}
	l.intake = l.newIntake(l.ring.Public(), l.identity, l.newPools(l.ring.Public()))
	l.auth = auth.New(auth.Config{
		Store: l.store, Custodians: l.identity, Departments: l.departmentIDs(), Categories: categoryIDs(l.profile), Now: s.Now, Browsers: l.ring.Browser,
		Factors: l.ring.SignIn, Line: l.id, Title: l.profile.Line.Name.In(l.profile.Languages[0]),
		SecondStep: l.profile.SignIn.SecondStep == profile.SecondStepRequired,
		Idle:       l.profile.SignIn.Idle, Longest: l.profile.SignIn.Session, SignOn: signOnOf(l.profile),
	})
	return l, nil
}

// adoptCustodian takes over the Custodian of a line from before they were approved. Where it isn't clear who that is the line goes
// on with anonymous reports.
func (l *line) adoptCustodian(ctx context.Context) error {
	err := l.identity.Begin(ctx)
	if errors.Is(err, identity.ErrUnadopted) {
		l.log.Error("nobody is a custodian until you say who: heed custodian replace", "error", err)
		return nil
	}
	return err
}

// signOnOf is the organisation's own sign-on, or nil.
func signOnOf(p *profile.Profile) *auth.SignOnConfig {
	o := p.SignIn.OIDC
	if o.Issuer == "" {
		return nil
	}
	return &auth.SignOnConfig{
		Issuer: o.Issuer, ClientID: o.ClientID, Secret: func() (string, error) { return readSecretFile(o.ClientSecretFile) },
		SecondStep: o.SecondStep == profile.SecondStepRequired,
	}
}

// makeFolder creates the data folder for its owner alone.
//
// It returns a usageError where a folder is there that others may enter.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("creating the data folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("looking at the data folder: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("looking into the data folder: %w", err)
		}
		if len(entries) > 0 {
			return usagef("the data folder %s can be entered by others (%v): chmod 700 it", dir, info.Mode().Perm())
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			return fmt.Errorf("closing the data folder to others: %w", err)
		}
	}
	return nil
}

// openProfile loads the profile; where the data folder has none it writes the default one there, for the operator to edit.
func openProfile(flags lineFlags) (*profile.Profile, error) {
	file := flags.profileFile()
	p, err := profile.Load(file)
	if err == nil {
		return p, nil
	}
	var faults *profile.Faults
	if errors.As(err, &faults) {
		return nil, usagef("the line profile is wrong:\n%w", err)
	}
	if !errors.Is(err, fs.ErrNotExist) || flags.Profile != "" {
		return nil, usagef("reading the line profile: %w", err)
	}
	// Linked into place whole, so that a start cut short leaves no half profile, and two at once agree on one.
	draft, err := os.CreateTemp(filepath.Dir(file), ".profile-*")
	if err != nil {
		return nil, fmt.Errorf("writing the first profile: %w", err)
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(profile.DefaultYAML())
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Link(draft.Name(), file)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("writing the first profile: %w", err)
	}
	return profile.Load(file)
}

// recognise reads from the store which line this is, or makes it one, and checks that the keystore is of the same line.
func (l *line) recognise(ctx context.Context) error {
	var known []byte
	if err := l.whole(ctx); err != nil {
		return err
	}
	err := l.store.Update(ctx, func(tx heed.Tx) error {
		id, err := settingOr(ctx, tx, settingLine, func() []byte { return []byte(heed.NewID(l.s.Now())) })
		if err != nil {
			return err
		}
		l.id = string(id)
		l.salt, err = settingOr(ctx, tx, settingSalt, func() []byte {
			salt := make([]byte, 32)
			rand.Read(salt) // never fails: it ends the program instead
			return salt
		})
		if err != nil {
			return err
		}
		known, err = tx.Setting(ctx, settingRing)
		if errors.Is(err, heed.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading which line this is: %w", err)
	}
	l.ring, err = keystore.LoadRing(ctx, l.keys, known)
	switch {
	case errors.Is(err, heed.ErrNotFound):
		return usagef("the store has a line but %s lacks a key of it; restore the keys, or name the right folder with --keystore: %w",
			l.flags.keystoreName(), err)
	case errors.Is(err, heed.ErrConflict):
		return usagef("the keys in %s are another line's than the store's (%s): %w", l.flags.keystoreName(), l.flags.storeName(), err)
	case err != nil:
		return fmt.Errorf("loading the keys: %w", err)
	}
	if known != nil {
		return nil
	}
	err = l.store.Update(ctx, func(tx heed.Tx) error {
		_, err := settingOr(ctx, tx, settingRing, l.ring.Fingerprint)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting the line's keys: %w", err)
	}
	return nil
}

// whole refuses a store that a restore began to fill and didn't finish: what was erased since the backup could be in it.
func (l *place) whole(ctx context.Context) error {
	if l.restoring {
		return nil
	}
	var begun []byte
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		begun, err = tx.Setting(ctx, heed.SettingRestoring)
		return err
	})
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("looking whether the line was restored whole: %w", err)
	}
	if len(begun) > 0 {
		return usagef("the restore of %s was not finished: empty it, and the folder of sealed files, and run heed restore again", l.flags.storeName())
	}
	return nil
}

// settingOr reads a setting, which it makes where there is none.
func settingOr(ctx context.Context, tx heed.Tx, name string, first func() []byte) ([]byte, error) {
	value, err := tx.Setting(ctx, name)
	if !errors.Is(err, heed.ErrNotFound) {
		return value, err
	}
	value = first()
	return value, tx.PutSetting(ctx, name, value)
}

// Waiting lines of Receipts being derived. One derivation takes 12 to 30 ms of a core, so a full line of submissions on
// two cores is served in eight seconds at most; more would only wait longer to hear that the line is busy.
const (
	submissionsWaiting = 512
	lookupsWaiting     = 128
)

// pools are where Receipts' keys are derived: of what is sent in, and of what is looked up.
type pools struct{ submissions, lookups *seal.Deriver }

// newPools makes the pools, so that a flood of lookups leaves a core to those who report.
func (l *place) newPools(ring keystore.PublicRing) pools {
	cores := runtime.GOMAXPROCS(0)
	return pools{
		submissions: seal.NewDeriver(ring.Pepper, l.salt, cores, submissionsWaiting),
		lookups:     seal.NewDeriver(ring.Pepper, l.salt, max(cores/2, 1), lookupsWaiting),
	}
}

// newIntake makes intake of public keys alone.
func (l *place) newIntake(ring keystore.PublicRing, days intake.Days, pools pools) *intake.Service {
	limits := l.profile.Limits
	return intake.New(intake.Config{
		Store: l.store, Blobs: l.blobs, Line: l.id, ContentKey: ring.Content, Days: days,
		Submissions: pools.submissions, Lookups: pools.lookups,
		Limits: intake.Limits{
			Text: limits.Text, Message: limits.Message, Messages: limits.Messages, Field: shortField,
			Files: limits.Files, FileBytes: limits.FileBytes, TotalBytes: limits.ReportBytes,
		},
		Room:      l.room(),
		Languages: l.profile.Languages, Categories: categoryIDs(l.profile),
		StartClocks: func(r *heed.Report) { review.StartClocks(r, l.profile.Deadlines, l.s.Now()) },
		RunClocks:   func(r *heed.Report) { review.RunClocks(r, l.s.Now()) },
		Now:         l.s.Now, Log: l.log,
	})
}

// freeDisk is how many bytes this process may still write where dir is.
func freeDisk(dir string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0, fmt.Errorf("asking the disk of %s: %w", dir, err)
	}
	return int64(disk.Bavail) * disk.Bsize, nil
}

// shortField is the most characters of a place, a time or a part of an identity.
const shortField = 500

func categoryIDs(p *profile.Profile) []string {
	ids := make([]string, len(p.Categories))
	for i, category := range p.Categories {
		ids[i] = category.ID
	}
	return ids
}

func (l *place) departmentIDs() []string {
	ids := make([]string, len(l.profile.Departments))
	for i, department := range l.profile.Departments {
		ids[i] = department.ID
	}
	return ids
}

// deskURL is where the desk is reached: as given, as the profile says, or where it last listened.
func (l *place) deskURL(ctx context.Context, given string) (string, error) {
	for _, url := range []string{given, l.profile.Notify.DeskURL} {
		if url != "" {
			return strings.TrimRight(url, "/"), nil
		}
	}
	url := "http://" + defaultDesk
	err := l.store.View(ctx, func(tx heed.Tx) error {
		noted, err := tx.Setting(ctx, settingDesk)
		if errors.Is(err, heed.ErrNotFound) {
			return nil
		}
		url = string(noted)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("finding where the desk is reached: %w", err)
	}
	return strings.TrimRight(url, "/"), nil
}

// close gives the store and the keystore back.
func (l *line) close() {
	l.place.close()
	if err := closeKeystore(l.keys); err != nil {
		l.log.Error("closing the keystore", "error", err)
	}
}

// close gives the store back. By then nothing is left to be written, so its error is only worth a line in the log.
func (l *place) close() {
	if err := l.store.Close(); err != nil {
		l.log.Error("closing the store", "error", err)
	}
}
