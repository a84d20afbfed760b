package main

import (
	"context"
	"strings"

	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/keystore"
)

// examineCustodians says who can open identities, which takes the store and the keystore together.
func (d *doctor) examineCustodians(ctx context.Context, keys keystore.Keystore, ring *keystore.Ring) {
	store, line, err := openNamedStore(ctx, d.flags)
	if err != nil {
		d.fault("custodian", "%v", err)
		return
	}
	defer store.Close() // nothing was written to it
	service := identity.New(identity.Config{Store: store, Keystore: keys, Line: line, Audit: ring.Audit, Now: d.s.Now})
	circle, err := service.Circle(ctx)
	if err != nil {
		d.fault("custodian", "%v", err)
		return
	}
	d.sayCustodians(circle)
	unfinished, err := service.Unfinished(ctx)
	if err != nil {
		d.fault("custodian", "%v", err)
		return
	}
	for _, u := range unfinished {
		d.sayUnfinished(u)
	}
}

// sayUnfinished names what was cut short. Until the worker completes it, who went opens what is given today and in the days for which
// keys are made.
func (d *doctor) sayUnfinished(u identity.Unfinished) {
	const complete = "start heed serve, whose worker completes it when it starts and every hour"
	switch {
	case u.Happened && u.Removed == "":
		d.fault("custodian replacement", "was cut short: until today's keys and those of the coming days are made anew, former custodians open what is given (%s)", complete)
	case u.Happened:
		d.fault("custodian removal", "of %[1]s was cut short: until today's keys and those of the coming days are made anew, %[1]s opens what is given (%[2]s)", u.Removed, complete)
	case u.Removed == "":
		d.note("custodian replacement", "was begun and never happened: run heed custodian replace again if it is still meant; else the worker forgets it")
	default:
		d.note("custodian removal", "of %[1]s was begun and never happened: run heed custodian remove %[1]s again if it is still meant; else the worker forgets it", u.Removed)
	}
}

func (d *doctor) sayCustodians(circle *identity.Circle) {
	counting := circle.Counting()
	var waiting []string
	for _, m := range circle.Members {
		if m.State == identity.Waits {
			waiting = append(waiting, m.Account.Name)
		}
	}
	switch {
	case !circle.Begun && len(waiting) > 0:
		d.fault("custodian", "it isn't clear who was one before approvals were signed (%s): the line takes anonymous reports only until heed custodian replace says who", strings.Join(waiting, ", "))
	case len(counting) == 0 && len(waiting) > 0:
		d.fault("custodian", "none that is approved, and nobody who could approve %s: the line takes anonymous reports only (heed custodian replace)", strings.Join(waiting, ", "))
	case len(counting) == 0:
		d.note("custodian", "none: the line takes anonymous reports only (heed staff add NAME --role custodian)")
	case len(counting) == 1:
		d.note("custodian", "%s alone: with a lost passphrase the living days' identities are lost (heed staff add NAME --role custodian)", counting[0])
	default:
		d.ok("custodian", "%s", strings.Join(counting, ", "))
	}
	if len(counting) > 0 && len(waiting) > 0 {
		d.note("custodian waiting", "%s: for a custodian's approval (heed custodian approve)", strings.Join(waiting, ", "))
	}
}
