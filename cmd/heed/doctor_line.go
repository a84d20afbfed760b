package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
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

// examineStore opens the store and reads what it says of the line. It answers the keystore's fingerprint, or nil.
func (d *doctor) examineStore(ctx context.Context, p *profile.Profile) []byte {
	there, err := d.flags.storeExists(ctx)
	if err != nil {
		d.fault("store", "%v", err)
		return nil
	}
	if !there {
		d.fault("store", "%s is not there yet: heed serve creates it", d.flags.storeName())
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
	case t.Below <= 0:
		d.note("setting aside", "nothing is: people found reports relevant that the machine takes for the least relevant of all")
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
