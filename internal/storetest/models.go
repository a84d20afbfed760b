package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
)

// offered is a model that was just trained, with what it holds.
func (l *line) offered() (*heed.LineModel, *heed.ModelFile) {
	id := l.id()
	return &heed.LineModel{
			ID: id, State: heed.ModelOffered, Version: "line-1", Base: "rules-1+learned-1", Against: "learned-1", SHA256: []byte("hash"),
			MadeAt: l.now, From: l.now.Add(-time.Hour), Until: l.now,
		}, &heed.ModelFile{
			WrappedKey: []byte("wrapped " + id), Sealed: []byte("sealed " + id), Figures: []byte("figures " + id),
		}
}

func (l *line) addModel() (*heed.LineModel, *heed.ModelFile) {
	l.Helper()
	m, f := l.offered()
	l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddModel(ctx, m, f) })
	return m, f
}

func (l *line) sameModel(want *heed.LineModel) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.Model(ctx, want.ID)
		l.same(got, want)
		return err
	})
}

var models = []requirement{
	{"a line's model comes back as it was stored and moves only from the state it is in", func(l *line) {
		m, f := l.addModel()
		l.sameModel(m)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.ModelFile(ctx, m.ID)
			l.same(got, f)
			return err
		})
		m.State, m.ProposedBy, m.ProposedAt = heed.ModelProposed, "amira", l.now
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveModel(ctx, m, heed.ModelOffered) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.MoveModel(ctx, m, heed.ModelOffered) })
		m.State, m.SecondBy, m.SecondAt, m.Signature = heed.ModelAdopted, "lea", l.now, []byte("signature")
		m.DropBy, m.EndedAt, m.End = l.now.Add(time.Hour), l.now.Add(time.Minute), heed.EndReplaced
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveModel(ctx, m, heed.ModelProposed) })
		l.sameModel(m)
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.MoveModel(ctx, &heed.LineModel{ID: "none"}, heed.ModelOffered)
		})
	}},
	{"one model is adopted at a time, and models are listed newest first", func(l *line) {
		first, _ := l.addModel()
		second, _ := l.addModel()
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Models(ctx, 10)
			l.same(all, []*heed.LineModel{second, first})
			newest, err2 := tx.Models(ctx, 1)
			l.same(newest, []*heed.LineModel{second})
			return errors.Join(err, err2)
		})
		first.State, second.State = heed.ModelAdopted, heed.ModelAdopted
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveModel(ctx, first, heed.ModelOffered) })
		first.DropBy = l.now
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveModel(ctx, first, heed.ModelAdopted) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.MoveModel(ctx, second, heed.ModelOffered) })
		first.State = heed.ModelFormer
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.MoveModel(ctx, first, heed.ModelAdopted), tx.MoveModel(ctx, second, heed.ModelOffered))
		})
		l.sameModel(second)
	}},
	{"nothing of a destroyed model opens, and its record stays", func(l *line) {
		m, _ := l.addModel()
		for range 2 {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DestroyModel(ctx, m.ID) })
		}
		l.refused(heed.ErrGone, func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.ModelFile(ctx, m.ID)
			return err
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.ModelFile(ctx, "none")
			return err
		})
		l.sameModel(m)
	}},
}
