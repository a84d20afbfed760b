package main

import (
	"context"
	"os"

	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/known"
	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/notify"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// openServices makes what the desk and the worker work with; they hold the content key.
func (sv *server) openServices(ctx context.Context) error {
	sv.monitor = monitor.New(sv.store, sv.s.Now)
	sv.monitor.Gauge("heed_clock_doubted", "1 while the host's clock isn't believed, because it jumped forward.", func() float64 {
		if sv.clock.Doubted() {
			return 1
		}
		return 0
	})
	sv.monitor.Gauge("heed_clock_behind_seconds", "How far the host's clock lies behind the line's time.", func() float64 { return sv.clock.Behind().Seconds() })
	helper, err := sv.newEngine()
	if err != nil {
		return err
	}
	if sv.models, err = sv.newModels(ctx); err != nil {
		return err
	}
	sv.monitor.Gauge("heed_line_model", "1 while the line screens by a model of its own, 0 by the shipped one, -1 while its own can't be used.", func() float64 {
		switch record, fault := sv.models.Status(); {
		case record == nil:
			return 0
		case fault != "":
			return -1
		}
		return 1
	})
	sv.review = sv.newReview(helper, sv.models.Model)
	sv.referral = referral.New(referral.Config{
		Store: sv.store, Blobs: sv.blobs, Files: sv.identity, Line: sv.id, Content: sv.ring.Content, Signer: sv.ring.Package,
		Profile: sv.profile, Allow: auth.Allow, Now: sv.s.Now, Log: sv.log,
	})
	listener, err := sv.newListener()
	if err != nil {
		return err
	}
	var known media.Known
	if sv.has(roleWorker) { // the desk has no need of the lists
		if known, err = sv.knownFiles(); err != nil {
			return err
		}
	}
	var scanner media.Scanner
	if c := clamd.New(sv.profile.Clamd); c != nil {
		scanner = c
	}
	sv.media = media.New(media.Config{
		Known: known, Scanner: scanner,
		Store: sv.store, Blobs: sv.blobs, Files: sv.identity, Line: sv.id, Content: sv.ring.Content, Matching: sv.ring.Matching, Reports: sv.review, Listener: listener,
		Now: sv.s.Now, Log: sv.log,
	})
	sv.custody = identity.NewCustody(identity.CustodyConfig{
		Identity: sv.identity, Reports: sv.review, Keys: sv.auth, Allow: auth.Allow, LineName: sv.profile.Line.Name.In(""), Listed: sv.profile.KnownFiles.Abuse != "" || sv.profile.Clamd.Address != "",
		ShownList: sv.profile.KnownFiles.Abuse != "",
	})
	desk, err := sv.deskURL(ctx, "")
	if err != nil {
		return err
	}
	sv.notify = notify.New(notify.Config{
		Store: sv.store, Profile: sv.profile, Desk: desk, Secret: os.ReadFile, Now: sv.s.Now, Log: sv.log,
	})
	return nil
}

// newCallTaking makes what call-takers do.
func (l *line) newCallTaking(front *intake.Service) *calltaker.Service {
	return calltaker.New(calltaker.Config{
		Store: l.store, Intake: front, Line: l.id, Content: l.ring.Content, Languages: l.profile.Languages, Allow: auth.Allow, Now: l.s.Now,
	})
}

// newModels makes what knows by which model the line screens, and looks for it.
func (l *line) newModels(ctx context.Context) (*learning.Service, error) {
	models := learning.New(learning.Config{
		Store: l.store, Line: l.id, Content: l.ring.Content, Audit: l.ring.Audit, Written: training.Reports, Categories: categoryIDs(l.profile),
		Allow: auth.Allow, Now: l.s.Now, Log: l.log,
	})
	return models, models.Refresh(ctx)
}

// newReview makes what works with reports; it holds the content key. The engine is nil where it is not needed or there is
// none, and so is model where nothing is screened.
func (l *line) newReview(helper review.Engine, model func() *learn.Model) *review.Service {
	return review.New(review.Config{
		Engine: helper,
		Store:  l.store, Blobs: l.blobs, Files: l.identity, Days: l.identity, Line: l.id, Content: l.ring.Content, Matching: l.ring.Matching,
		Profile:  l.profile,
		Screener: screening.New(screening.Config{Categories: categoryIDs(l.profile), Regions: l.profile.Line.Countries, Model: model}),
		Allow:    auth.Allow, Now: l.s.Now, Log: l.log,
	})
}

// knownFiles reads the lists of known files that the profile names.
func (l *line) knownFiles() (lists media.Known, err error) {
	if lists.Hoax, err = known.Load(l.profile.KnownFiles.Hoax); err == nil {
		lists.Abuse, err = known.Load(l.profile.KnownFiles.Abuse)
	}
	return lists, err
}

// newEngine makes the engine that the profile names; nil where it names none.
func (l *line) newEngine() (review.Engine, error) {
	e, err := engine.New(l.profile.Engines.Language, readSecretFile)
	if e == nil || err != nil {
		return nil, err
	}
	return e, nil
}

// newListener makes the engine that hears, which the profile names; nil where it names none.
func (l *line) newListener() (media.Listener, error) {
	e, err := engine.NewListener(l.profile.Engines.Speech, readSecretFile)
	if e == nil || err != nil {
		return nil, err
	}
	return e, nil
}
