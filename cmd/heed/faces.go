package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/heed-line/heed/internal/desk"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/portal"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
	heedweb "github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/web"
)

// setupURL is the page that makes the first account.
func setupURL(desk, secret string) string { return desk + "/setup/" + secret }

// enrolmentURL is the page on which a new staff member chooses a passphrase.
func enrolmentURL(desk, secret string) string { return desk + "/enrol/" + secret }

// locales are the texts of the profile's languages, its own first.
func (l *place) locales() (*heedweb.Locales, error) {
	if l.spoken != nil {
		return l.spoken, nil
	}
	folder, err := web.Locales()
	if err != nil {
		return nil, fmt.Errorf("opening the texts: %w", err)
	}
	l.spoken, err = heedweb.LoadLocales(folder, l.profile.Languages...)
	return l.spoken, err
}

// english is the voice of the terminal.
func (l *place) english(now time.Time) (*heedweb.Voice, error) {
	locales, err := l.locales()
	if err != nil {
		return nil, err
	}
	return locales.Voice("en", now, time.UTC), nil
}

// portalHandler is the public face.
func (sv *server) portalHandler() (http.Handler, error) {
	return sv.place.portalHandler(sv.ring.Public(), sv.monitor, sv.encrypted(), sv.flood)
}

// portalHandler is the public face. What it gets opens no stored report and no identity: public keys, the pepper and the
// key of its own drafts. Without limits floods come in as they like.
func (l *place) portalHandler(ring keystore.PublicRing, figures *monitor.Monitor, encrypted, limits bool) (http.Handler, error) {
	locales, err := l.locales()
	if err != nil {
		return nil, err
	}
	front := l.reception(ring)
	var gate *flood.Gate
	if limits {
		gate = l.newGate(ring, front.pools)
	}
	countFloods(figures, front.pools, gate)
	handler, err := portal.New(portal.Config{
		Intake: front.intake, Profile: l.profile, DraftKey: ring.Draft, Locales: locales, Files: web.Files, Now: l.s.Now,
		IdentityAvailable: l.identityAvailable(front),
		Transparency:      &transparency{l.store}, OwnDetails: own.Words, Ready: l.store.Ready, Log: l.log, TLS: encrypted, Flood: gate,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the portal: %w", err)
	}
	return figures.Count(string(rolePortal), handler), nil
}

// reception is what the channels of the public have in common.
type reception struct {
	pools  pools
	intake *intake.Service
	sealer *identity.Sealer
}

// reception makes what the portal and the phone take reports in with, of public keys alone, once.
func (l *place) reception(ring keystore.PublicRing) *reception {
	if l.front == nil {
		pools, sealer := l.newPools(ring), identity.NewSealer(l.store, ring.Audit, l.id)
		l.front = &reception{pools: pools, sealer: sealer, intake: l.newIntake(ring, sealer, pools)}
	}
	return l.front
}

// identityAvailable says whether a Custodian could open an identity that is given now.
func (l *place) identityAvailable(front *reception) func(context.Context) bool {
	return func(ctx context.Context) bool {
		day, err := front.sealer.Day(ctx, l.s.Now())
		if err != nil {
			l.log.Error("finding today's keys", "error", err)
		}
		return err == nil && day.Identity != nil
	}
}

// newGate makes what sheds floods before they cost a derivation.
func (l *place) newGate(ring keystore.PublicRing, pools pools) *flood.Gate {
	return flood.New(flood.Config{
		Tickets: seal.NewTicketKey(ring.Draft), Now: l.s.Now, Cores: runtime.GOMAXPROCS(0),
		Waiting: func(k flood.Kind) (all, newcomers int) {
			switch k {
			case flood.Submission:
				return pools.submissions.Waiting()
			case flood.Lookup:
				return pools.lookups.Waiting()
			}
			return 0, 0
		},
	})
}

// countFloods adds to the figures what came in, what was shed, and what was derived.
func countFloods(figures *monitor.Monitor, pools pools, gate *flood.Gate) {
	for _, f := range gate.Figures() {
		if f.Way == "" {
			figures.Watch("heed_shed_total", "Requests told to work or wait first, by kind.", map[string]string{"kind": f.Kind.String()}, f.Read)
			continue
		}
		figures.Watch("heed_admitted_total", "Requests let in, by kind and by what let them in: free, work or wait.",
			map[string]string{"kind": f.Kind.String(), "way": f.Way}, f.Read)
	}
	for name, pool := range map[string]*seal.Deriver{"submissions": pools.submissions, "lookups": pools.lookups} {
		figures.Watch("heed_derivations_total", "Receipts' keys derived (Argon2id), by pool.", map[string]string{"pool": name}, pool.Derived)
	}
}

// deskHandler is the staff's face.
func (sv *server) deskHandler() (http.Handler, error) {
	locales, err := sv.locales()
	if err != nil {
		return nil, err
	}
	front := sv.reception(sv.ring.Public())
	d, err := desk.New(desk.Config{
		Auth: sv.auth, Review: sv.review, Referral: sv.referral, Custody: sv.custody, Models: sv.models, Calls: sv.newCallTaking(front.intake),
		DraftKey: sv.ring.Draft, IdentityAvailable: sv.identityAvailable(front), Store: sv.store, Profile: sv.profile, Locales: locales,
		Files: web.Files, Now: sv.s.Now, Clock: sv.clock, Metrics: sv.monitor.Handler(), Log: sv.log, TLS: sv.encrypted(),
	})
	if err != nil {
		return nil, fmt.Errorf("opening the desk: %w", err)
	}
	sv.stopEvents = d.Stop
	return sv.monitor.Count(string(roleDesk), d), nil
}
