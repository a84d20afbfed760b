package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func callBack(b lite.CallBack) *heed.CallBack {
	return &heed.CallBack{
		ID: heed.ID(b.ID), Day: b.Day, Language: b.Language, Since: moment(b.Since), Expires: moment(b.Expires), Sealed: absent(b.Sealed),
		Taker: heed.ID(b.Taker), Phone: b.Phone, Claimed: moment(b.Claimed), Tries: int(b.Tries), Key: absent(b.Key), Resealed: absent(b.Resealed),
	}
}

// dialled is a call-back as the process that dials it may see it.
func dialled(b lite.GetCallBackRow) *heed.CallBack {
	return callBack(lite.CallBack{
		ID: b.ID, Language: b.Language, Since: b.Since, Expires: b.Expires, Taker: b.Taker, Phone: b.Phone, Claimed: b.Claimed, Tries: b.Tries,
		Key: b.Key, Resealed: b.Resealed,
	})
}

// AddCallBack implements heed.CallBackTx.
func (t *Tx) AddCallBack(ctx context.Context, b *heed.CallBack) error {
	err := t.engine.InsertCallBack(ctx, lite.InsertCallBackParams{
		ID: string(b.ID), Day: b.Day, Language: b.Language, Since: millis(b.Since), Expires: millis(b.Expires), Sealed: present(b.Sealed),
	})
	return failed(err, "add a call-back")
}

// CallBacks implements heed.CallBackTx.
func (t *Tx) CallBacks(ctx context.Context, now time.Time) ([]*heed.CallBack, error) {
	bs, err := t.engine.CallBacks(ctx, millis(now))
	return each(bs, err, func(b lite.CallBacksRow) *heed.CallBack {
		return dialled(lite.GetCallBackRow{
			ID: b.ID, Language: b.Language, Since: b.Since, Expires: b.Expires, Taker: b.Taker, Phone: b.Phone, Claimed: b.Claimed, Tries: b.Tries,
		})
	}, "list call-backs")
}

// CountCallBacks implements heed.CallBackTx.
func (t *Tx) CountCallBacks(ctx context.Context, now time.Time) (int, error) {
	n, err := t.engine.CountCallBacks(ctx, millis(now))
	return int(n), failed(err, "count call-backs")
}

// ClaimCallBack implements heed.CallBackTx.
func (t *Tx) ClaimCallBack(ctx context.Context, id, taker heed.ID, phone string, now time.Time) error {
	n, err := t.engine.ClaimCallBack(ctx, lite.ClaimCallBackParams{ID: string(id), Taker: string(taker), Phone: phone, Now: millis(now)})
	return t.called(ctx, id, now, n, err, "take a call-back up")
}

// called is touched for a statement that changes a call-back where nobody else did.
func (t *Tx) called(ctx context.Context, id heed.ID, now time.Time, n int64, err error, doing string) error {
	if err == nil && n == 0 {
		if _, err = t.CallBack(ctx, id, now); err == nil {
			err = heed.ErrConflict
		}
	}
	return failed(err, doing)
}

// NextCallBack implements heed.CallBackTx.
func (t *Tx) NextCallBack(ctx context.Context, now time.Time) (*heed.CallBack, error) {
	b, err := t.engine.NextCallBack(ctx, millis(now))
	return one(lite.GetCallBackRow(b), err, dialled, "find a call-back to dial")
}

// DialCallBack implements heed.CallBackTx.
func (t *Tx) DialCallBack(ctx context.Context, id heed.ID, key []byte, now time.Time) error {
	n, err := t.engine.DialCallBack(ctx, lite.DialCallBackParams{ID: string(id), Key: present(key), Now: millis(now)})
	return t.called(ctx, id, now, n, err, "dial a call-back")
}

// CallBack implements heed.CallBackTx.
func (t *Tx) CallBack(ctx context.Context, id heed.ID, now time.Time) (*heed.CallBack, error) {
	b, err := t.engine.GetCallBack(ctx, lite.GetCallBackParams{ID: string(id), Now: millis(now)})
	return one(b, err, dialled, "find a call-back")
}

// CallBacksToReseal implements heed.CallBackTx.
func (t *Tx) CallBacksToReseal(ctx context.Context, now time.Time) ([]*heed.CallBack, error) {
	bs, err := t.engine.CallBacksToReseal(ctx, millis(now))
	return each(bs, err, callBack, "list call-backs to reseal")
}

// ResealCallBack implements heed.CallBackTx.
func (t *Tx) ResealCallBack(ctx context.Context, b *heed.CallBack) error {
	n, err := t.engine.ResealCallBack(ctx, lite.ResealCallBackParams{ID: string(b.ID), Key: present(b.Key), Resealed: present(b.Resealed)})
	return touched(n, err, heed.ErrConflict, "reseal a call-back")
}

// ReleaseCallBack implements heed.CallBackTx.
func (t *Tx) ReleaseCallBack(ctx context.Context, id heed.ID) error {
	n, err := t.engine.ReleaseCallBack(ctx, string(id))
	return touched(n, err, heed.ErrNotFound, "release a call-back")
}

// ReleaseUndialled implements heed.CallBackTx.
func (t *Tx) ReleaseUndialled(ctx context.Context, id heed.ID, claimed time.Time) error {
	n, err := t.engine.ReleaseUndialled(ctx, lite.ReleaseUndialledParams{ID: string(id), Claimed: millis(claimed)})
	return touched(n, err, heed.ErrNotFound, "release a call-back that nobody dials")
}

// EndCallBack implements heed.CallBackTx.
func (t *Tx) EndCallBack(ctx context.Context, id heed.ID, now time.Time) error {
	n, err := t.engine.EndCallBack(ctx, lite.EndCallBackParams{ID: string(id), Sealed: []byte{}, Now: millis(now)})
	return touched(n, err, heed.ErrNotFound, "end a call-back")
}

// DeleteCallBacks implements heed.CallBackTx.
func (t *Tx) DeleteCallBacks(ctx context.Context, now time.Time) (int, error) {
	n, err := t.engine.DeleteCallBacks(ctx, millis(now))
	return int(n), failed(err, "delete call-backs whose time is over")
}
