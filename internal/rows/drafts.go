package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func draft(d lite.Draft) *heed.Draft {
	return &heed.Draft{
		ID: heed.ID(d.ID), Staff: heed.ID(d.Staff), Call: heed.ID(d.Call), Sealed: d.Sealed, Since: moment(d.Since), SavedAt: moment(d.SavedAt),
	}
}

// AddDraft implements heed.DraftTx.
func (t *Tx) AddDraft(ctx context.Context, d *heed.Draft) error {
	n, err := t.engine.InsertDraft(ctx, lite.InsertDraftParams{
		ID: string(d.ID), Staff: string(d.Staff), Call: string(d.Call), Sealed: present(d.Sealed), Since: millis(d.Since), SavedAt: millis(d.SavedAt),
	})
	return touched(n, err, heed.ErrConflict, "add a draft")
}

// ChangeDraft implements heed.DraftTx.
func (t *Tx) ChangeDraft(ctx context.Context, d *heed.Draft, from heed.ID, seen time.Time) error {
	n, err := t.engine.UpdateDraft(ctx, lite.UpdateDraftParams{
		ID: string(d.ID), Staff: string(d.Staff), Sealed: present(d.Sealed), SavedAt: millis(d.SavedAt), Holder: string(from), Seen: millis(seen),
	})
	if err == nil && n == 0 {
		var stands *heed.Draft
		if stands, err = t.Draft(ctx, d.ID); err == nil && stands.Staff != from {
			err = heed.ErrNotFound
		}
	}
	return touched(n, err, heed.ErrConflict, "change a draft")
}

// Draft implements heed.DraftTx.
func (t *Tx) Draft(ctx context.Context, id heed.ID) (*heed.Draft, error) {
	d, err := t.engine.GetDraft(ctx, string(id))
	return one(d, err, draft, "find a draft")
}

// DraftOfCall implements heed.DraftTx.
func (t *Tx) DraftOfCall(ctx context.Context, call heed.ID) (*heed.Draft, error) {
	d, err := t.engine.GetDraftOfCall(ctx, string(call))
	return one(d, err, draft, "find a call's draft")
}

// Drafts implements heed.DraftTx.
func (t *Tx) Drafts(ctx context.Context, staff heed.ID) ([]*heed.Draft, error) {
	ds, err := t.engine.StaffDrafts(ctx, string(staff))
	return each(ds, err, draft, "list drafts")
}

// DeleteDraft implements heed.DraftTx.
func (t *Tx) DeleteDraft(ctx context.Context, id heed.ID, seen time.Time) error {
	n, err := t.engine.DeleteDraft(ctx, lite.DeleteDraftParams{ID: string(id), Seen: millis(seen)})
	if err == nil && n == 0 {
		_, err = t.Draft(ctx, id)
	}
	return touched(n, err, heed.ErrConflict, "delete a draft")
}

// DeleteDrafts implements heed.DraftTx.
func (t *Tx) DeleteDrafts(ctx context.Context, before time.Time) (int, error) {
	n, err := t.engine.DeleteDrafts(ctx, millis(before))
	return int(n), failed(err, "delete drafts")
}
