package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func dayKey(k lite.DayKey) *heed.DayKeyRecord {
	return &heed.DayKeyRecord{
		Day: k.Day, Identity: k.Identity, Transit: k.Transit, Signature: k.Signature, DestroyedAt: moment(k.DestroyedAt),
	}
}

// AddDayKey implements heed.IdentityTx.
func (t *Tx) AddDayKey(ctx context.Context, k *heed.DayKeyRecord) error {
	n, err := t.engine.InsertDayKey(ctx, lite.InsertDayKeyParams{
		Day: k.Day, Identity: k.Identity, Transit: k.Transit, Signature: k.Signature, DestroyedAt: millis(k.DestroyedAt),
	})
	return touched(n, err, heed.ErrConflict, "add the key of day %s", k.Day)
}

// ReplaceDayKey implements heed.IdentityTx. ErrConflict: something was sealed under it, it is destroyed, or
// the transit half is another.
func (t *Tx) ReplaceDayKey(ctx context.Context, k *heed.DayKeyRecord) error {
	if _, err := t.engine.GetDayKey(ctx, k.Day); err != nil {
		return failed(err, "replace the key of day %s", k.Day)
	}
	sealed, err := t.engine.CountSealedOn(ctx, k.Day)
	if err == nil && sealed > 0 {
		err = heed.ErrConflict
	}
	if err != nil {
		return failed(err, "replace the key of day %s", k.Day)
	}
	n, err := t.engine.ReplaceDayKey(ctx, lite.ReplaceDayKeyParams{
		Day: k.Day, Identity: k.Identity, Transit: k.Transit, Signature: k.Signature,
	})
	return touched(n, err, heed.ErrConflict, "replace the key of day %s", k.Day)
}

// RotateDayKey implements heed.IdentityTx.
func (t *Tx) RotateDayKey(ctx context.Context, k *heed.DayKeyRecord) error {
	n, err := t.engine.ReplaceDayKey(ctx, lite.ReplaceDayKeyParams{
		Day: k.Day, Identity: k.Identity, Transit: k.Transit, Signature: k.Signature,
	})
	return touched(n, err, heed.ErrConflict, "rotate the key of day %s", k.Day)
}

// RenewDayKey implements heed.IdentityTx.
func (t *Tx) RenewDayKey(ctx context.Context, k *heed.DayKeyRecord) error {
	n, err := t.engine.RenewDayKey(ctx, lite.RenewDayKeyParams{
		Day: k.Day, Identity: k.Identity, Transit: k.Transit, Signature: k.Signature,
	})
	return touched(n, err, heed.ErrConflict, "renew the key of day %s", k.Day)
}

// DayKey implements heed.IdentityTx.
func (t *Tx) DayKey(ctx context.Context, day string) (*heed.DayKeyRecord, error) {
	k, err := t.engine.GetDayKey(ctx, day)
	return one(k, err, dayKey, "key of day %s", day)
}

// DayKeys implements heed.IdentityTx.
func (t *Tx) DayKeys(ctx context.Context) ([]*heed.DayKeyRecord, error) {
	ks, err := t.engine.DayKeys(ctx)
	return each(ks, err, dayKey, "day keys")
}

// MarkDayKeyDestroyed implements heed.IdentityTx.
func (t *Tx) MarkDayKeyDestroyed(ctx context.Context, day string, at time.Time) error {
	n, err := t.engine.MarkDayKeyDestroyed(ctx, lite.MarkDayKeyDestroyedParams{Day: day, DestroyedAt: millis(at)})
	return touched(n, err, heed.ErrNotFound, "mark the key of day %s destroyed", day)
}

// AddIdentity implements heed.IdentityTx.
func (t *Tx) AddIdentity(ctx context.Context, report heed.ID, day string, sealed []byte) error {
	err := t.engine.InsertIdentity(ctx, lite.InsertIdentityParams{Report: string(report), Day: day, Sealed: present(sealed)})
	return failed(err, "add an identity of report %s", report)
}

// Identities implements heed.IdentityTx.
func (t *Tx) Identities(ctx context.Context, report heed.ID) ([]heed.SealedIdentity, error) {
	rs, err := t.engine.Identities(ctx, string(report))
	if err != nil {
		return nil, failed(err, "identities of report %s", report)
	}
	identities := make([]heed.SealedIdentity, len(rs))
	for i, r := range rs {
		identities[i] = heed.SealedIdentity{Report: heed.ID(r.Report), Day: r.Day, Sealed: r.Sealed}
	}
	return identities, nil
}

// HasIdentity implements heed.IdentityTx.
func (t *Tx) HasIdentity(ctx context.Context, report heed.ID) (bool, error) {
	n, err := t.engine.HasIdentity(ctx, string(report))
	return n > 0, failed(err, "count the identities of report %s", report)
}

// HeldOriginals implements heed.IdentityTx.
func (t *Tx) HeldOriginals(ctx context.Context, report heed.ID) ([]heed.ID, error) {
	ids, err := t.engine.HeldOriginals(ctx, string(report))
	held := make([]heed.ID, len(ids))
	for i, id := range ids {
		held[i] = heed.ID(id)
	}
	return held, failed(err, "originals of report %s", report)
}

// DeleteIdentities implements heed.IdentityTx.
func (t *Tx) DeleteIdentities(ctx context.Context, day string) (int, error) {
	if err := t.engine.DeleteFileKeysOfDay(ctx, day); err != nil {
		return 0, failed(err, "delete the file keys of day %s", day)
	}
	if err := t.engine.EndDisclosuresOfDay(ctx, lite.EndDisclosuresOfDayParams{Day: day, State: string(heed.DisclosureLapsed)}); err != nil {
		return 0, failed(err, "end the disclosures of day %s", day)
	}
	n, err := t.engine.DeleteIdentitiesOfDay(ctx, day)
	return int(n), failed(err, "delete the identities of day %s", day)
}

// DeleteReportIdentities implements heed.IdentityTx.
func (t *Tx) DeleteReportIdentities(ctx context.Context, report heed.ID, ended heed.DisclosureState) (int, error) {
	if err := t.engine.DeleteDayKeysOfReport(ctx, string(report)); err != nil {
		return 0, failed(err, "delete the file keys of report %s", report)
	}
	if err := t.engine.EndDisclosuresOfReport(ctx, lite.EndDisclosuresOfReportParams{Report: string(report), State: string(ended)}); err != nil {
		return 0, failed(err, "end the disclosures of report %s", report)
	}
	n, err := t.engine.DeleteIdentitiesOfReport(ctx, string(report))
	return int(n), failed(err, "delete the identities of report %s", report)
}

// CountIdentities implements heed.IdentityTx.
func (t *Tx) CountIdentities(ctx context.Context) (map[string]int, error) {
	rs, err := t.engine.CountIdentities(ctx)
	if err != nil {
		return nil, failed(err, "count identities")
	}
	held := make(map[string]int, len(rs))
	for _, r := range rs {
		held[r.Day] = int(r.Held)
	}
	return held, nil
}
