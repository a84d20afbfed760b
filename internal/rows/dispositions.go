package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func disposition(d lite.Disposition) *heed.Disposition {
	return &heed.Disposition{
		ID: heed.ID(d.ID), Report: heed.ID(d.Report), Kind: heed.DispositionKind(d.Kind),
		State: heed.DispositionState(d.State), By: heed.ID(d.DecidedBy), At: moment(d.At), Department: d.Department,
		Lead: heed.ID(d.LeadID), ApproveBy: moment(d.ApproveBy), SealedReason: d.SealedReason,
		SecondBy: heed.ID(d.SecondBy), SecondAt: moment(d.SecondAt),
	}
}

// AddDisposition implements heed.DispositionTx.
func (t *Tx) AddDisposition(ctx context.Context, d *heed.Disposition) error {
	err := t.engine.InsertDisposition(ctx, lite.InsertDispositionParams{
		ID: string(d.ID), Report: string(d.Report), Kind: string(d.Kind), State: string(d.State), DecidedBy: string(d.By),
		At: millis(d.At), Department: d.Department, LeadID: string(d.Lead), ApproveBy: millis(d.ApproveBy),
		SealedReason: d.SealedReason, SecondBy: string(d.SecondBy), SecondAt: millis(d.SecondAt),
	})
	return failed(err, "add disposition %s", d.ID)
}

// Disposition implements heed.DispositionTx.
func (t *Tx) Disposition(ctx context.Context, id heed.ID) (*heed.Disposition, error) {
	d, err := t.engine.GetDisposition(ctx, string(id))
	return one(d, err, disposition, "disposition %s", id)
}

// Dispositions implements heed.DispositionTx.
func (t *Tx) Dispositions(ctx context.Context, report heed.ID) ([]*heed.Disposition, error) {
	ds, err := t.engine.Dispositions(ctx, string(report))
	return each(ds, err, disposition, "dispositions of report %s", report)
}

// DecideDisposition implements heed.DispositionTx.
func (t *Tx) DecideDisposition(ctx context.Context, d *heed.Disposition, from heed.DispositionState) error {
	n, err := t.engine.DecideDisposition(ctx, lite.DecideDispositionParams{
		ID: string(d.ID), State: string(d.State), SecondBy: string(d.SecondBy), SecondAt: millis(d.SecondAt),
		FromState: string(from),
	})
	if err == nil && n == 0 {
		if _, err = t.engine.GetDisposition(ctx, string(d.ID)); err == nil {
			err = heed.ErrConflict
		}
	}
	return failed(err, "decide disposition %s", d.ID)
}

// ApprovalsDue implements heed.DispositionTx.
func (t *Tx) ApprovalsDue(ctx context.Context, now time.Time, limit int) ([]*heed.Disposition, error) {
	ds, err := t.engine.ApprovalsDue(ctx, lite.ApprovalsDueParams{Now: millis(now), MaxRows: capped(limit)})
	return each(ds, err, disposition, "approvals due")
}

// Conclusions implements heed.DispositionTx.
func (t *Tx) Conclusions(ctx context.Context, since time.Time, before heed.ID, limit int) ([]*heed.Disposition, error) {
	if before == "" {
		before = afterAnyID
	}
	ds, err := t.engine.Conclusions(ctx, lite.ConclusionsParams{Before: string(before), Since: millis(since), MaxRows: capped(limit)})
	return each(ds, err, disposition, "conclusions")
}

// afterAnyID sorts after every id.
const afterAnyID heed.ID = "~"

// CountConclusions implements heed.DispositionTx.
func (t *Tx) CountConclusions(ctx context.Context, since time.Time) (int, error) {
	n, err := t.engine.CountConclusions(ctx, millis(since))
	return int(n), failed(err, "count conclusions")
}
