package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/known"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening/calibrate"
)

// examine looks at everything, from what the rest stands on upwards. What can't be looked at for want of another thing
// is left out: that thing's fault stands there already.
func (d *doctor) examine(ctx context.Context) {
	if d.ofAPortal(ctx) {
		p := d.examineProfile()
		d.examinePortal(ctx)
		if slices.Contains(d.faces(), rolePhone) {
			d.examineHelper(voiceProgram)
			d.examinePrompts(p)
			d.examinePhone()
			d.examineTrunk(ctx, p)
		}
		d.examineBlobs(ctx)
		d.examineTLS()
		d.examineClock()
		d.examineSwap()
		return
	}
	there := d.examineFolder()
	if there {
		d.examineDisk()
	}
	p := d.examineProfile()
	known := d.examineStore(ctx, p)
	d.examineBlobs(ctx)
	d.examineKeys(ctx, known)
	d.examineTLS()
	d.examineClock()
	d.examineSwap()
	d.examineHelpers()
	d.examineOutlook(ctx)
	d.examineRoom(ctx)
	d.examineKnownFiles(p)
	d.examineClamd(ctx, p)
	d.examinePrompts(p)
	d.examinePhone()
	d.examineTrunk(ctx, p)
	d.examineEngine(ctx, p)
	d.examineListener(ctx, p)
}

// examineKnownFiles reads the lists of known files that the profile names, without which the worker doesn't start.
func (d *doctor) examineKnownFiles(p *profile.Profile) {
	if p == nil {
		return
	}
	for _, l := range []struct{ name, path string }{{"hoax list", p.KnownFiles.Hoax}, {"abuse list", p.KnownFiles.Abuse}} {
		if l.path == "" {
			continue
		}
		list, err := known.Load(l.path)
		if err != nil {
			d.fault(l.name, "%v", err)
			continue
		}
		if info, err := os.Stat(l.path); err == nil && info.Mode().Perm()&0o007 != 0 {
			d.fault(l.name, "%s can be read or changed by everybody on this machine (%v): chmod o= it", l.path, info.Mode().Perm())
			continue
		}
		d.ok(l.name, "%d hashes", list.Size())
	}
}

// clamdSockets are where distributions have clamd listen.
var clamdSockets = [...]string{"/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock"}

// examineClamd asks whether the clamd that the profile names answers: without it no file is opened. Where it names none and one is there, it says so.
func (d *doctor) examineClamd(ctx context.Context, p *profile.Profile) {
	if p == nil {
		return
	}
	c := clamd.New(p.Clamd)
	if c == nil {
		for _, socket := range clamdSockets {
			if _, err := os.Stat(socket); err == nil {
				d.note("clamd", "it is at %s, and no file is shown to it: see clamd in docs/profile.md", socket)
				return
			}
		}
		d.note("clamd", "none: no file is held against known malicious ones (clamd in the profile)")
		return
	}
	if err := c.Ping(ctx); err != nil {
		d.fault("clamd", "%v: files wait for it, and are lost with their day", err)
		return
	}
	d.ok("clamd", "it answers; its TemporaryDirectory must lie in memory, for it writes files there in clear")
}

// examineEngine asks whether the language model that the profile names is there. It is optional, so nothing of it is a fault.
func (d *doctor) examineEngine(ctx context.Context, p *profile.Profile) {
	if p == nil || p.Engines.Language.URL == "" {
		return
	}
	e, err := engine.New(p.Engines.Language, readSecretFile)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, engineTimeout)
		defer cancel()
		err = e.Check(ctx)
	}
	if err != nil {
		d.note("engine", "%v", err)
		return
	}
	d.ok("engine", "%s answers", p.Engines.Language.Model)
}

// examineListener asks whether the engine that hears is there. It is optional, so nothing of it is a fault.
func (d *doctor) examineListener(ctx context.Context, p *profile.Profile) {
	if p == nil || p.Engines.Speech.URL == "" {
		return
	}
	e, err := engine.NewListener(p.Engines.Speech, readSecretFile)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, engineTimeout)
		defer cancel()
		err = e.Check(ctx)
	}
	if err != nil {
		d.note("speech", "%v", err)
		return
	}
	d.ok("speech", "the engine that hears answers")
}

// engineTimeout is how long the doctor waits for the engine.
const engineTimeout = 5 * time.Second

// examineProfile reads the profile; nil where it doesn't load.
func (d *doctor) examineProfile() *profile.Profile {
	file := d.flags.profileFile()
	p, err := profile.Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		d.fault("profile", "%s isn't there: heed serve writes one to begin with", file)
		return nil
	}
	var faults *profile.Faults
	if errors.As(err, &faults) {
		first := faults.List[0]
		d.fault("profile", "%s:%d:%d: %s %s (%d faults in all)", file, first.Line, first.Column, first.Key, first.Message, len(faults.List))
		return nil
	}
	if err != nil {
		d.fault("profile", "%v", err)
		return nil
	}
	d.ok("profile", "%s: %d languages, %d categories, %d departments", file, len(p.Languages), len(p.Categories), len(p.Departments))
	for _, department := range p.Departments {
		if len(department.Recipients) == 0 {
			d.note("department "+department.ID, "has no age recipient: nothing can be referred to it")
		}
	}
	if p.Notify.SMTP.Host == "" && p.Notify.Webhook.URL == "" {
		d.note("notices", "neither mail nor a webhook is set: a deadline that passes is told at the desk alone")
	}
	for _, secret := range []string{p.Notify.SMTP.PasswordFile, p.Notify.Webhook.SecretFile} {
		if secret == "" {
			continue
		}
		if _, err := os.Stat(secret); err != nil {
			d.fault("notices", "%v", err)
		}
	}
	if file := p.SignIn.OIDC.ClientSecretFile; file != "" {
		if _, err := readSecretFile(file); err != nil {
			d.fault("sign-on", "%v", err)
		}
	}
	return p
}

// examineStore opens the store and reads what it says of the line. It answers the keystore's fingerprint, or nil.
func (d *doctor) examineStore(ctx context.Context, p *profile.Profile) []byte {
	if there, err := d.flags.storeExists(); err != nil || !there {
		d.fault("store", "not there yet: heed serve creates it")
		return nil
	}
	store, err := openStore(ctx, d.flags)
	if err != nil {
		d.fault("store", "%v", err)
		return nil
	}
	defer store.Close()
	if err := store.Ready(ctx); err != nil {
		d.fault("store", "%v", err)
		return nil
	}
	var known []byte
	err = store.View(ctx, func(tx heed.Tx) error {
		var err error
		if known, err = tx.Setting(ctx, settingRing); err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		if err := d.examineStaff(ctx, tx, p); err != nil {
			return err
		}
		if err := d.examineDays(ctx, tx); err != nil {
			return err
		}
		if err := d.examineBackup(ctx, tx); err != nil {
			return err
		}
		if err := d.examineDoubt(ctx, tx); err != nil {
			return err
		}
		if err := d.examineAside(ctx, tx, p); err != nil {
			return err
		}
		return d.examineWork(ctx, tx)
	})
	if err != nil {
		d.fault("store", "%v", err)
		return nil
	}
	d.ok("store", "%s", d.flags.storeName())
	d.examineScrub(ctx, store)
	return known
}

// examineScrub names the tables in whose files destroyed rows lie until other rows take their place.
func (d *doctor) examineScrub(ctx context.Context, store heed.Store) {
	grows, ok := store.(interface {
		Overgrown(context.Context) ([]string, error)
	})
	if !ok {
		return
	}
	large, err := grows.Overgrown(ctx)
	switch {
	case err != nil:
		d.fault("erasure", "%v", err)
	case len(large) > 0:
		d.note("erasure", "%s: too large to be written anew while the line runs; heed operations scrub does it, in a quiet hour", strings.Join(large, ", "))
	}
}

func (d *doctor) examineStaff(ctx context.Context, tx heed.Tx, p *profile.Profile) error {
	all, err := tx.AllStaff(ctx)
	if err != nil {
		return fmt.Errorf("listing the accounts: %w", err)
	}
	count := map[heed.Role]int{}
	liaisons := map[string]bool{}
	workers, limited := 0, 0 // of those who work the queue
	for _, staff := range all {
		if staff.Disabled || staff.EnrolledAt.IsZero() {
			continue
		}
		for _, role := range staff.Roles {
			count[role]++
		}
		if staff.Has(heed.Specialist) || staff.Has(heed.RoleLead) {
			workers++
			if len(staff.Categories) > 0 {
				limited++
			}
		}
		if staff.Has(heed.Liaison) {
			liaisons[staff.Department] = true
		}
	}
	if count[heed.Specialist]+count[heed.RoleLead] == 0 {
		d.note("staff", "nobody can decide about a report (heed staff add NAME --role specialist)")
	} else if count[heed.RoleLead] == 0 {
		d.note("staff", "no lead: what needs a second person stays where it is")
	} else {
		d.ok("staff", "%d specialists, %d leads", count[heed.Specialist], count[heed.RoleLead])
	}
	if workers > 0 && limited == workers {
		d.note("need to know", "everybody who works the queue is limited to categories: nobody sees a report that has none yet (heed staff limit NAME)")
	}
	if p == nil {
		return nil
	}
	for _, department := range p.Departments {
		if len(department.Recipients) > 0 && !liaisons[department.ID] {
			d.note("department "+department.ID, "has no liaison with an account: nobody fetches its packages")
		}
	}
	return nil
}

func (d *doctor) examineDays(ctx context.Context, tx heed.Tx) error {
	days, err := tx.DayKeys(ctx)
	if err != nil {
		return fmt.Errorf("listing the days' keys: %w", err)
	}
	// A day's keys die at the start of the seventh day after it.
	oldest := d.s.Now().UTC().AddDate(0, 0, -7).Format(time.DateOnly)
	today := d.s.Now().UTC().Format(time.DateOnly)
	haveToday := false
	var overdue []string
	for _, day := range days {
		haveToday = haveToday || day.Day == today
		if day.Day <= oldest && day.DestroyedAt.IsZero() {
			overdue = append(overdue, day.Day)
		}
	}
	switch {
	case len(overdue) > 0:
		d.fault("identities", "the keys of %s should be destroyed: run heed serve, or heed erase --due", strings.Join(overdue, ", "))
	case !haveToday:
		d.note("identities", "no keys for today: the worker makes them (heed serve)")
	default:
		d.ok("identities", "none overdue")
	}
	return nil
}

// examineDoubt says where the line doesn't believe the host's clock, which only people end.
func (d *doctor) examineDoubt(ctx context.Context, tx heed.Tx) error {
	doubt, err := audit.Doubted(ctx, tx)
	if err != nil {
		return fmt.Errorf("reading whether the clock is believed: %w", err)
	}
	if doubt != nil {
		d.fault("line's time", "since %s the host's clock isn't believed, which said %s then: set it right, then two people say so at /clock of the desk",
			doubt.At.UTC().Format(time.RFC3339), doubt.Host.UTC().Format(time.RFC3339))
	}
	return nil
}

// examineAside says what is set aside, or what that wants. A line that sets nothing aside works, and its people read everything.
func (d *doctor) examineAside(ctx context.Context, tx heed.SettingTx, p *profile.Profile) error {
	if p == nil {
		return nil
	}
	t, err := review.ThresholdOf(ctx, tx)
	if err != nil {
		return err
	}
	asked := p.Screening.SetAside
	needed := calibrate.Needed(calibrate.Bound{Share: asked.Missed, Confidence: asked.Confidence})
	aside := t.Aside(t.Model, p, d.s.Now())
	switch {
	case asked.Missed == 0:
		d.ok("setting aside", "nothing is: the profile says so")
	case aside.Below > 0:
		d.ok("setting aside", "under %.1f %% relevance, by %d decisions of %d people", 100*aside.Below, t.Reports, t.Accounts)
	case t.Evidence < needed:
		d.note("setting aside", "nothing is yet: people found %d of the %d reports relevant that it takes, those of whoever decided most left out", t.Evidence, needed)
	default:
		d.note("setting aside", "nothing is until the threshold is fitted again: the worker does it once a day (or heed screening threshold --fit)")
	}
	return nil
}

func (d *doctor) examineWork(ctx context.Context, tx heed.Tx) error {
	traces, err := review.TracesOf(ctx, tx)
	if err != nil {
		return err
	}
	if traces.Done < traces.Total {
		d.note("duplicates", "%d of %d reports can be found as similar and searched again; the worker goes on with the rest", traces.Done, traces.Total)
	}
	waiting, err := tx.Unscreened(ctx, d.s.Now(), 1)
	if err != nil {
		return fmt.Errorf("looking for unscreened reports: %w", err)
	}
	if len(waiting) == 0 {
		d.ok("screening", "nothing waits")
		return nil
	}
	if age := d.s.Now().Sub(waiting[0].StateSince); age > 5*time.Minute {
		d.fault("screening", "a report has waited for %s: does a worker run?", age.Round(time.Second))
		return nil
	}
	d.ok("screening", "under way")
	return nil
}

// examineKeys opens the ring, if the store says which it must be; it never makes a key.
func (d *doctor) examineKeys(ctx context.Context, known []byte) {
	if onPostgres(d.flags.Keystore) {
		d.note("key place", "a database keeps destroyed keys in its journal (WAL) for a while: docs/operations.md says how to shorten that; no archive, replica or backup of it")
		d.examineRing(ctx, known)
		return
	}
	dir := d.flags.keystoreDir()
	info, err := os.Stat(dir)
	if err != nil {
		d.fault("keystore", "%v", err)
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		d.fault("keystore", "%s can be entered by others (%v): chmod 700 it", dir, info.Mode().Perm())
		return
	}
	d.examineKeyPlace(dir)
	d.examineRing(ctx, known)
}

func (d *doctor) examineRing(ctx context.Context, known []byte) {
	name := d.flags.keystoreName()
	if known == nil {
		d.note("keystore", "%s is there, but the store doesn't say which keys it must hold", name)
		return
	}
	keys, err := d.flags.openKeystore(ctx)
	if err != nil {
		d.fault("keystore", "%v", err)
		return
	}
	defer closeKeystore(keys) // nothing was written to it
	ring, err := keystore.LoadRing(ctx, keys, known)
	switch {
	case errors.Is(err, heed.ErrNotFound):
		d.fault("keystore", "a key is missing: %v", err)
	case errors.Is(err, heed.ErrConflict):
		d.fault("keystore", "these are another line's keys")
	case err != nil:
		d.fault("keystore", "%v", err)
	default:
		d.ok("keystore", "%s, fingerprint %x", name, ring.Fingerprint()[:6])
		d.examineCustodians(ctx, keys, ring)
		d.examineModels(ctx, ring)
	}
}
