package storetest

import (
	"context"
	"time"

	"github.com/heed-line/heed"
)

// wish is one to be called back.
func (l *line) wish(since time.Time) *heed.CallBack {
	b := &heed.CallBack{ID: l.id(), Day: "2026-11-23", Language: "ar", Since: since, Expires: since.Add(heed.CallBackLife), Sealed: []byte("number")}
	l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddCallBack(ctx, b) })
	return b
}

// unread is a wish without what only the worker reads.
func unread(b *heed.CallBack) *heed.CallBack {
	c := *b
	c.Day, c.Sealed = "", nil
	return &c
}

var callBacks = []requirement{
	{"a call-back goes to one taker, one process and, sealed anew, to it alone", func(l *line) {
		b := l.wish(noon)
		next := func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.NextCallBack(ctx, noon)
			return err
		}
		l.refused(heed.ErrNotFound, next)
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.DialCallBack(ctx, b.ID, []byte("process"), noon)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.ClaimCallBack(ctx, b.ID, "ann", "sip:201@pbx.example", noon.Add(time.Second))
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.ClaimCallBack(ctx, b.ID, "ben", "", noon.Add(time.Second))
		})
		b.Taker, b.Phone, b.Claimed = "ann", "sip:201@pbx.example", noon.Add(time.Second)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.CallBacks(ctx, noon)
			l.same(all, []*heed.CallBack{unread(b)})
			l.is(err, nil)
			got, err := tx.NextCallBack(ctx, noon)
			l.same(got, unread(b))
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.DialCallBack(ctx, b.ID, []byte("process"), noon)
		})
		l.refused(heed.ErrNotFound, next)
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.DialCallBack(ctx, b.ID, []byte("another"), noon)
		})
		b.Key = []byte("process")
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.CallBacksToReseal(ctx, noon)
			l.same(all, []*heed.CallBack{b})
			return err
		})
		other := *b
		other.Key = []byte("another")
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.ResealCallBack(ctx, &other) })
		b.Resealed = []byte("resealed")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ResealCallBack(ctx, b) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.CallBacksToReseal(ctx, noon)
			l.same(len(all), 0)
			l.is(err, nil)
			got, err := tx.CallBack(ctx, b.ID, noon)
			l.same(got, unread(b))
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ReleaseCallBack(ctx, b.ID) })
		b.Taker, b.Phone, b.Claimed, b.Key, b.Resealed, b.Tries = "", "", time.Time{}, nil, nil, 1
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.CallBack(ctx, b.ID, noon)
			l.same(got, unread(b))
			return err
		})
	}},
	{"a number lives four hours, whoever asks for it, and no longer than it is needed", func(l *line) {
		b, other := l.wish(noon), l.wish(noon.Add(time.Minute))
		late := b.Expires
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.CallBacks(ctx, late)
			l.same(all, []*heed.CallBack{unread(other)})
			l.is(err, nil)
			n, err := tx.CountCallBacks(ctx, late)
			l.same(n, 1)
			return err
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.ClaimCallBack(ctx, b.ID, "ann", "", late) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.CallBack(ctx, b.ID, late)
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.EndCallBack(ctx, other.ID, noon.Add(time.Minute))
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.ClaimCallBack(ctx, other.ID, "ann", "", noon.Add(time.Minute))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteCallBacks(ctx, late)
			l.same(n, 2)
			return err
		})
	}},
	{"a call-back whose process is gone waits for a taker again", func(l *line) {
		gone, dialled := l.wish(noon), l.wish(noon)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, b := range []*heed.CallBack{gone, dialled} {
				if err := tx.ClaimCallBack(ctx, b.ID, "ann", "", noon); err != nil {
					return err
				}
				if err := tx.DialCallBack(ctx, b.ID, []byte("process"), noon); err != nil {
					return err
				}
			}
			c := l.waits(noon)
			c.ID, c.Back = dialled.ID, true
			return tx.JoinQueue(ctx, c)
		})
		takers := func(ofGone, ofDialled heed.ID) {
			l.Helper()
			l.view(func(ctx context.Context, tx heed.Tx) error {
				a, err := tx.CallBack(ctx, gone.ID, noon)
				l.is(err, nil)
				b, err := tx.CallBack(ctx, dialled.ID, noon)
				l.same([]heed.ID{a.Taker, b.Taker}, []heed.ID{ofGone, ofDialled})
				return err
			})
		}
		release := func(id heed.ID, claimed time.Time) func(context.Context, heed.Tx) error {
			return func(ctx context.Context, tx heed.Tx) error { return tx.ReleaseUndialled(ctx, id, claimed) }
		}
		l.refused(heed.ErrNotFound, release(gone.ID, noon.Add(time.Second))) // claimed anew since
		l.refused(heed.ErrNotFound, release(dialled.ID, noon))
		takers("ann", "ann")
		l.update(release(gone.ID, noon))
		takers("", "ann")
		l.refused(heed.ErrNotFound, release(gone.ID, noon))
	}},
}
