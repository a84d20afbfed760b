package main

import (
	"context"
	"os"

	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/notify"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
)

// openServices makes what the desk and the worker work with; they hold the content key.
func (sv *server) openServices(ctx context.Context) error {
	sv.monitor = monitor.New(sv.store, sv.s.Now)
	sv.review = review.New(review.Config{
		Store: sv.store, Blobs: sv.blobs, Files: sv.identity, Line: sv.id, Content: sv.ring.Content, Matching: sv.ring.Matching,
		Profile:  sv.profile,
		Screener: screening.New(screening.Config{Categories: categoryIDs(sv.profile)}),
		Allow:    auth.Allow, Now: sv.s.Now, Log: sv.log,
	})
	sv.referral = referral.New(referral.Config{
		Store: sv.store, Blobs: sv.blobs, Files: sv.identity, Line: sv.id, Content: sv.ring.Content, Signer: sv.ring.Package,
		Profile: sv.profile, Allow: auth.Allow, Now: sv.s.Now, Log: sv.log,
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
