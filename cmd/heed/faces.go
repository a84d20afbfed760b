package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/heed-line/heed/internal/desk"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/portal"
	"github.com/heed-line/heed/internal/screening/own"
	heedweb "github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/web"
)

// setupURL is the page that makes the first account.
func setupURL(desk, secret string) string { return desk + "/setup/" + secret }

// enrolmentURL is the page on which a new staff member chooses a passphrase.
func enrolmentURL(desk, secret string) string { return desk + "/enrol/" + secret }

// locales are the texts of the profile's languages, its own first.
func (sv *server) locales() (*heedweb.Locales, error) {
	folder, err := fs.Sub(web.Files, "locales")
	if err != nil {
		return nil, fmt.Errorf("opening the texts: %w", err)
	}
	return heedweb.LoadLocales(folder, sv.profile.Languages...)
}

// encrypted says that everything reaches the faces by HTTPS, ended here or at the proxy.
func (sv *server) encrypted() bool {
	return sv.transport.certificate != nil || sv.transport.behindProxy
}

// portalHandler is the public face. What it gets opens no stored report and no identity: public keys, the pepper and the
// key of its own drafts.
func (sv *server) portalHandler() (http.Handler, error) {
	locales, err := sv.locales()
	if err != nil {
		return nil, err
	}
	ring := sv.ring.Public()
	sealer := identity.NewSealer(sv.store, ring.Audit, sv.id)
	handler, err := portal.New(portal.Config{
		Intake: sv.newIntake(ring, sealer), Profile: sv.profile, DraftKey: ring.Draft, Locales: locales, Files: web.Files, Now: sv.s.Now,
		IdentityAvailable: func(ctx context.Context) bool {
			day, err := sealer.Day(ctx, sv.s.Now())
			if err != nil {
				sv.log.Error("finding today's keys", "error", err)
			}
			return err == nil && day.Identity != nil
		},
		Transparency: &transparency{sv.store}, OwnDetails: own.Words, Ready: sv.store.Ready, Log: sv.log, TLS: sv.encrypted(),
	})
	if err != nil {
		return nil, fmt.Errorf("opening the portal: %w", err)
	}
	return sv.monitor.Count(string(rolePortal), handler), nil
}

// deskHandler is the staff's face.
func (sv *server) deskHandler() (http.Handler, error) {
	locales, err := sv.locales()
	if err != nil {
		return nil, err
	}
	d, err := desk.New(desk.Config{
		Auth: sv.auth, Review: sv.review, Referral: sv.referral, Store: sv.store, Profile: sv.profile, Locales: locales,
		Files: web.Files, Now: sv.s.Now, Metrics: sv.monitor.Handler(), Log: sv.log, TLS: sv.encrypted(),
	})
	if err != nil {
		return nil, fmt.Errorf("opening the desk: %w", err)
	}
	sv.stopEvents = d.Stop
	return sv.monitor.Count(string(roleDesk), d), nil
}
