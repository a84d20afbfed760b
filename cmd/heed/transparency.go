package main

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/portal"
)

// transparency shows on the portal what the worker last published about the identities that the line holds.
type transparency struct{ store heed.Store }

// Figures implements portal.Transparency.
func (t *transparency) Figures(ctx context.Context) (*portal.Figures, error) {
	var published *identity.Figures
	var checkpoint string
	err := t.store.View(ctx, func(tx heed.Tx) (err error) {
		if published, err = identity.PublishedFigures(ctx, tx); err == nil {
			checkpoint, err = audit.PublicCheckpoint(ctx, tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &portal.Figures{
		IdentitiesHeld: int64(published.Held), Oldest: published.Oldest, Overdue: int64(published.Overdue), Erased: int64(published.Erased),
		Checkpoint: checkpoint,
	}, nil
}
