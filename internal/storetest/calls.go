package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
)

var calls = []requirement{
	{"a call is changed and seen for as long as nobody ended it", func(l *line) {
		c := &heed.Call{ID: l.id(), Day: "2026-11-23", Sealed: []byte("one"), Seen: noon}
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.ChangeCall(ctx, c) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddCall(ctx, c) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.AddCall(ctx, c) })
		c.Sealed, c.Seen = []byte("two"), noon.Add(time.Second)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ChangeCall(ctx, c) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Call(ctx, c.ID)
			l.same(got, c)
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.SeeCall(ctx, c.ID, noon.Add(time.Minute)) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			seen, err := tx.CallsSeen(ctx)
			l.same(seen, map[heed.ID]time.Time{c.ID: noon.Add(time.Minute)})
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.EndCall(ctx, c.ID) })
		for _, act := range []func(context.Context, heed.Tx) error{
			func(ctx context.Context, tx heed.Tx) error { return tx.EndCall(ctx, c.ID) },
			func(ctx context.Context, tx heed.Tx) error { return tx.SeeCall(ctx, c.ID, noon) },
			func(ctx context.Context, tx heed.Tx) error { return tx.ChangeCall(ctx, c) },
		} {
			l.refused(heed.ErrNotFound, act)
		}
	}},
	{"a call that was seen again is not ended for having been unseen", func(l *line) {
		c := &heed.Call{ID: l.id(), Day: "2026-11-23", Sealed: []byte("one"), Seen: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddCall(ctx, c), tx.SeeCall(ctx, c.ID, noon.Add(time.Second)))
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.EndCallSeen(ctx, c.ID, noon) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.EndCallSeen(ctx, c.ID, noon.Add(time.Second)) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.Call(ctx, c.ID)
			l.is(err, heed.ErrNotFound)
			return nil
		})
	}},
}
