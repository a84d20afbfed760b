package rows

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func disclosure(d lite.Disclosure) *heed.Disclosure {
	return &heed.Disclosure{
		ID: heed.ID(d.ID), Report: heed.ID(d.Report), State: heed.DisclosureState(d.State), By: heed.ID(d.AskedBy),
		At: moment(d.At), Reason: heed.DisclosureReason(d.Reason), SealedReason: d.SealedReason, Day: d.Day, Key: d.ShowingKey,
		SecondBy: heed.ID(d.SecondBy), SecondAt: moment(d.SecondAt), Until: moment(d.Until), Sealed: d.Sealed,
		SeenAt: moment(d.SeenAt), ExportedAt: moment(d.ExportedAt), ExportedAgain: exports(d.ExportedAgain, moment(d.ExportedAt)), Proof: d.Proof, File: heed.ID(d.File), Department: d.Department,
	}
}

// AddDisclosure implements heed.DisclosureTx.
func (t *Tx) AddDisclosure(ctx context.Context, d *heed.Disclosure) error {
	err := t.engine.InsertDisclosure(ctx, lite.InsertDisclosureParams{
		ID: string(d.ID), Report: string(d.Report), State: string(d.State), AskedBy: string(d.By), At: millis(d.At),
		Reason: string(d.Reason), SealedReason: d.SealedReason, Day: d.Day, ShowingKey: d.Key, SecondBy: string(d.SecondBy),
		SecondAt: millis(d.SecondAt), Until: millis(d.Until), Sealed: d.Sealed, SeenAt: millis(d.SeenAt), Proof: d.Proof,
		ExportedAt: millis(d.ExportedAt), File: string(d.File), Department: d.Department,
	})
	return failed(err, "add disclosure %s", d.ID)
}

// exports are the times that AddDisclosureExport stored. What isn't one counts as of the first export: the reporter is to be told of each.
func exports(column string, first time.Time) (times []time.Time) {
	for _, at := range strings.Fields(column) {
		if ms, err := strconv.ParseInt(at, 10, 64); err == nil {
			times = append(times, moment(ms))
		} else {
			times = append(times, first)
		}
	}
	return times
}

// AddDisclosureExport implements heed.DisclosureTx.
func (t *Tx) AddDisclosureExport(ctx context.Context, id heed.ID, at time.Time) error {
	n, err := t.engine.AddDisclosureExport(ctx, lite.AddDisclosureExportParams{ID: string(id), At: " " + strconv.FormatInt(millis(at), 10)})
	return touched(n, err, heed.ErrNotFound, "note an export of disclosure %s", id)
}

// Disclosure implements heed.DisclosureTx.
func (t *Tx) Disclosure(ctx context.Context, id heed.ID) (*heed.Disclosure, error) {
	d, err := t.engine.GetDisclosure(ctx, string(id))
	return one(d, err, disclosure, "disclosure %s", id)
}

// Disclosures implements heed.DisclosureTx.
func (t *Tx) Disclosures(ctx context.Context, report heed.ID) ([]*heed.Disclosure, error) {
	ds, err := t.engine.Disclosures(ctx, string(report))
	return each(ds, err, disclosure, "disclosures of report %s", report)
}

// WaitingDisclosures implements heed.DisclosureTx.
func (t *Tx) WaitingDisclosures(ctx context.Context, now time.Time, limit int) ([]*heed.Disclosure, error) {
	ds, err := t.engine.WaitingDisclosures(ctx, lite.WaitingDisclosuresParams{Now: millis(now), MaxRows: capped(limit)})
	return each(ds, err, disclosure, "waiting disclosures")
}

// UnseenDisclosures implements heed.DisclosureTx.
func (t *Tx) UnseenDisclosures(ctx context.Context, custodian heed.ID, limit int) ([]*heed.Disclosure, error) {
	ds, err := t.engine.UnseenDisclosures(ctx, lite.UnseenDisclosuresParams{SecondBy: string(custodian), MaxRows: capped(limit)})
	return each(ds, err, disclosure, "unseen disclosures of custodian %s", custodian)
}

// OpenDisclosuresOfDay implements heed.DisclosureTx.
func (t *Tx) OpenDisclosuresOfDay(ctx context.Context, day string, limit int) ([]*heed.Disclosure, error) {
	ds, err := t.engine.OpenDisclosuresOfDay(ctx, lite.OpenDisclosuresOfDayParams{Day: day, MaxRows: capped(limit)})
	return each(ds, err, disclosure, "open disclosures of day %s", day)
}

// DisclosuresDue implements heed.DisclosureTx.
func (t *Tx) DisclosuresDue(ctx context.Context, now time.Time, limit int) ([]*heed.Disclosure, error) {
	ds, err := t.engine.DisclosuresDue(ctx, lite.DisclosuresDueParams{Now: millis(now), MaxRows: capped(limit)})
	return each(ds, err, disclosure, "disclosures due")
}

// MoveDisclosure implements heed.DisclosureTx.
func (t *Tx) MoveDisclosure(ctx context.Context, d *heed.Disclosure, from heed.DisclosureState) error {
	n, err := t.engine.MoveDisclosure(ctx, lite.MoveDisclosureParams{
		ID: string(d.ID), State: string(d.State), SecondBy: string(d.SecondBy), SecondAt: millis(d.SecondAt),
		Until: millis(d.Until), Sealed: d.Sealed, SeenAt: millis(d.SeenAt), Proof: d.Proof, ExportedAt: millis(d.ExportedAt), Department: d.Department, FromState: string(from),
	})
	if err == nil && n == 0 {
		if _, err = t.engine.GetDisclosure(ctx, string(d.ID)); err == nil {
			err = heed.ErrConflict
		}
	}
	return failed(err, "move disclosure %s", d.ID)
}

func custodianApproval(a lite.CustodianApproval) *heed.CustodianApproval {
	return &heed.CustodianApproval{Staff: heed.ID(a.Staff), By: heed.ID(a.ApprovedBy), At: moment(a.At), Signature: a.Signature}
}

// PutCustodianApproval implements heed.CustodianTx.
func (t *Tx) PutCustodianApproval(ctx context.Context, a *heed.CustodianApproval) error {
	err := t.engine.PutCustodianApproval(ctx, lite.PutCustodianApprovalParams{
		Staff: string(a.Staff), ApprovedBy: string(a.By), At: millis(a.At), Signature: a.Signature,
	})
	return failed(err, "store the approval of custodian %s", a.Staff)
}

// CustodianApprovals implements heed.CustodianTx.
func (t *Tx) CustodianApprovals(ctx context.Context) ([]*heed.CustodianApproval, error) {
	as, err := t.engine.CustodianApprovals(ctx)
	return each(as, err, custodianApproval, "approvals of custodians")
}

// DeleteCustodianApproval implements heed.CustodianTx.
func (t *Tx) DeleteCustodianApproval(ctx context.Context, staff heed.ID) error {
	n, err := t.engine.DeleteCustodianApproval(ctx, string(staff))
	return touched(n, err, heed.ErrNotFound, "delete the approval of custodian %s", staff)
}
