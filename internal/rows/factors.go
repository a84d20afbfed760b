package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func factor(f lite.Factor) *heed.Factor {
	return &heed.Factor{
		ID: heed.ID(f.ID), Staff: heed.ID(f.Staff), Kind: heed.FactorKind(f.Kind), Name: f.Name, Handle: f.Handle, Data: f.Data,
		Used: f.Used, CreatedAt: moment(f.CreatedAt), UsedAt: moment(f.UsedAt),
	}
}

// AddFactor implements heed.FactorTx.
func (t *Tx) AddFactor(ctx context.Context, f *heed.Factor) error {
	n, err := t.engine.InsertFactor(ctx, lite.InsertFactorParams{
		ID: string(f.ID), Staff: string(f.Staff), Kind: string(f.Kind), Name: f.Name, Handle: f.Handle, Data: f.Data,
		Used: f.Used, CreatedAt: millis(f.CreatedAt), UsedAt: millis(f.UsedAt),
	})
	return touched(n, err, heed.ErrConflict, "add a factor of staff member %s", f.Staff)
}

// Factors implements heed.FactorTx.
func (t *Tx) Factors(ctx context.Context, staff heed.ID) ([]*heed.Factor, error) {
	fs, err := t.engine.StaffFactors(ctx, string(staff))
	return each(fs, err, factor, "factors of staff member %s", staff)
}

// FactorByHandle implements heed.FactorTx.
func (t *Tx) FactorByHandle(ctx context.Context, kind heed.FactorKind, handle []byte) (*heed.Factor, error) {
	f, err := t.engine.GetFactorByHandle(ctx, lite.GetFactorByHandleParams{Kind: string(kind), Handle: handle})
	return one(f, err, factor, "factor by its handle")
}

// UseFactor implements heed.FactorTx.
func (t *Tx) UseFactor(ctx context.Context, f *heed.Factor, from int64) error {
	n, err := t.engine.UseFactor(ctx, lite.UseFactorParams{
		ID: string(f.ID), UsedBefore: from, Used: f.Used, Data: f.Data, UsedAt: millis(f.UsedAt),
	})
	return touched(n, err, heed.ErrConflict, "use factor %s", f.ID)
}

// DeleteFactor implements heed.FactorTx.
func (t *Tx) DeleteFactor(ctx context.Context, id heed.ID) error {
	n, err := t.engine.DeleteFactor(ctx, string(id))
	return touched(n, err, heed.ErrNotFound, "delete factor %s", id)
}

// DeleteFactors implements heed.FactorTx.
func (t *Tx) DeleteFactors(ctx context.Context, staff heed.ID, kind heed.FactorKind) error {
	err := t.engine.DeleteStaffFactors(ctx, lite.DeleteStaffFactorsParams{Staff: string(staff), Kind: string(kind)})
	return failed(err, "delete each %s of staff member %s", kind, staff)
}

func announcement(a lite.Announcement) *heed.Announcement {
	return &heed.Announcement{
		ID: heed.ID(a.ID), Staff: heed.ID(a.Staff), At: moment(a.At), Code: a.Code, About: heed.ID(a.About), By: heed.ID(a.MadeBy),
		Seen: a.Seen,
	}
}

// Announce implements heed.AnnouncementTx.
func (t *Tx) Announce(ctx context.Context, a *heed.Announcement) error {
	err := t.engine.InsertAnnouncement(ctx, lite.InsertAnnouncementParams{
		ID: string(a.ID), Staff: string(a.Staff), At: millis(a.At), Code: a.Code, About: string(a.About), MadeBy: string(a.By), Seen: a.Seen,
	})
	return failed(err, "announce something to staff member %s", a.Staff)
}

// Announcements implements heed.AnnouncementTx.
func (t *Tx) Announcements(ctx context.Context, staff heed.ID, limit int) ([]*heed.Announcement, error) {
	as, err := t.engine.Announcements(ctx, lite.AnnouncementsParams{Staff: string(staff), MaxRows: capped(limit)})
	return each(as, err, announcement, "announcements to staff member %s", staff)
}

// SeeAnnouncements implements heed.AnnouncementTx.
func (t *Tx) SeeAnnouncements(ctx context.Context, staff heed.ID) error {
	return failed(t.engine.SeeAnnouncements(ctx, string(staff)), "see the announcements to staff member %s", staff)
}

// DeleteAnnouncements implements heed.AnnouncementTx.
func (t *Tx) DeleteAnnouncements(ctx context.Context, before time.Time) (int, error) {
	n, err := t.engine.DeleteAnnouncements(ctx, millis(before))
	return int(n), failed(err, "delete old announcements")
}
