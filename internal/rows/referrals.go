package rows

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// beyond sorts after every id.
const beyond = "~"

func referral(r lite.Referral) *heed.Referral {
	return &heed.Referral{
		ID: heed.ID(r.ID), Report: heed.ID(r.Report), Disposition: heed.ID(r.Disposition), Department: r.Department,
		State: heed.ReferralState(r.State), CreatedAt: moment(r.CreatedAt), Blob: r.BlobKey, Size: r.Size, SHA256: r.Sha256,
		StateSince: moment(r.StateSince), SealedReason: r.SealedReason, Outcome: r.Outcome, Version: r.Version,
	}
}

// AddReferral implements heed.ReferralTx. It sets Version to 1.
func (t *Tx) AddReferral(ctx context.Context, r *heed.Referral) error {
	err := t.engine.InsertReferral(ctx, lite.InsertReferralParams{
		ID: string(r.ID), Report: string(r.Report), Disposition: string(r.Disposition), Department: r.Department,
		State: string(r.State), CreatedAt: millis(r.CreatedAt), BlobKey: r.Blob, Size: r.Size, Sha256: r.SHA256,
		StateSince: millis(r.StateSince), SealedReason: r.SealedReason, Outcome: r.Outcome,
	})
	if err != nil {
		return failed(err, "add referral %s", r.ID)
	}
	r.Version = 1
	return nil
}

// Referral implements heed.ReferralTx.
func (t *Tx) Referral(ctx context.Context, id heed.ID) (*heed.Referral, error) {
	r, err := t.engine.GetReferral(ctx, string(id))
	return one(r, err, referral, "referral %s", id)
}

// UpdateReferral implements heed.ReferralTx.
func (t *Tx) UpdateReferral(ctx context.Context, r *heed.Referral) error {
	n, err := t.engine.UpdateReferral(ctx, lite.UpdateReferralParams{
		ID: string(r.ID), Report: string(r.Report), Disposition: string(r.Disposition), Department: r.Department,
		State: string(r.State), CreatedAt: millis(r.CreatedAt), BlobKey: r.Blob, Size: r.Size, Sha256: r.SHA256,
		StateSince: millis(r.StateSince), SealedReason: r.SealedReason, Outcome: r.Outcome, Version: r.Version,
	})
	if err == nil && n == 0 {
		if _, err = t.engine.GetReferral(ctx, string(r.ID)); err == nil {
			err = heed.ErrConflict
		}
	}
	if err != nil {
		return failed(err, "update referral %s", r.ID)
	}
	r.Version++
	return nil
}

// Referrals implements heed.ReferralTx.
func (t *Tx) Referrals(
	ctx context.Context, department string, report heed.ID, after heed.ID, limit int,
) ([]*heed.Referral, error) {
	if after == "" {
		after = beyond
	}
	var rs []lite.Referral
	var err error
	switch {
	case department == "" && report == "":
		rs, err = t.engine.Referrals(ctx, lite.ReferralsParams{After: string(after), MaxRows: capped(limit)})
	case report == "":
		rs, err = t.engine.ReferralsOfDepartment(ctx, lite.ReferralsOfDepartmentParams{
			Department: department, After: string(after), MaxRows: capped(limit),
		})
	case department == "":
		rs, err = t.engine.ReferralsOfReport(ctx, lite.ReferralsOfReportParams{
			Report: string(report), After: string(after), MaxRows: capped(limit),
		})
	default:
		rs, err = t.engine.ReferralsOfReportAndDepartment(ctx, lite.ReferralsOfReportAndDepartmentParams{
			Report: string(report), Department: department, After: string(after), MaxRows: capped(limit),
		})
	}
	return each(rs, err, referral, "referrals")
}
