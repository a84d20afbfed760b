package storetest

import (
	"context"
	"time"

	"github.com/heed-line/heed"
)

var drafts = []requirement{
	{"a draft is changed by who has it until it is handed over, and a call has one", func(l *line) {
		d := &heed.Draft{ID: l.id(), Staff: "ann", Call: "call", Sealed: []byte("one"), Since: noon, SavedAt: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddDraft(ctx, d) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.AddDraft(ctx, d) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.AddDraft(ctx, &heed.Draft{ID: l.id(), Staff: "bo", Call: "call", Sealed: []byte("two"), Since: noon, SavedAt: noon})
		})
		given := *d
		given.Staff, given.Sealed, given.SavedAt = "bo", []byte("three"), noon.Add(time.Second)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ChangeDraft(ctx, &given, "ann", noon) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.ChangeDraft(ctx, d, "ann", given.SavedAt) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.DraftOfCall(ctx, "call")
			l.same(got, &given)
			if err == nil {
				got, err = tx.Draft(ctx, d.ID)
				l.same(got, &given)
			}
			_, none := tx.DraftOfCall(ctx, "")
			l.is(none, heed.ErrNotFound)
			return err
		})
	}},
	{"drafts without a call are listed to their author, newest first, and go by their age", func(l *line) {
		old := &heed.Draft{ID: l.id(), Staff: "ann", Sealed: []byte("old"), Since: noon, SavedAt: noon.Add(time.Hour)}
		young := &heed.Draft{ID: l.id(), Staff: "ann", Sealed: []byte("young"), Since: noon.Add(time.Minute), SavedAt: noon.Add(time.Minute)}
		others := &heed.Draft{ID: l.id(), Staff: "bo", Sealed: []byte("other"), Since: noon.Add(time.Minute), SavedAt: noon.Add(time.Minute)}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, d := range []*heed.Draft{old, young, others} {
				if err := tx.AddDraft(ctx, d); err != nil {
					return err
				}
			}
			return nil
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Drafts(ctx, "ann")
			l.same(got, []*heed.Draft{young, old})
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteDrafts(ctx, noon.Add(time.Minute))
			l.same(n, 1)
			if err == nil {
				err = tx.DeleteDraft(ctx, young.ID, young.SavedAt)
			}
			return err
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DeleteDraft(ctx, young.ID, young.SavedAt) })
	}},
	{"a draft that was saved since somebody saw it is neither overwritten nor deleted by them", func(l *line) {
		d := &heed.Draft{ID: l.id(), Staff: "ann", Sealed: []byte("one"), Since: noon, SavedAt: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddDraft(ctx, d) })
		newer, older := *d, *d
		newer.Sealed, newer.SavedAt = []byte("newer"), noon.Add(time.Millisecond)
		older.Sealed, older.SavedAt = []byte("older"), noon.Add(time.Minute)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ChangeDraft(ctx, &newer, "ann", noon) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.ChangeDraft(ctx, &older, "ann", noon) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.DeleteDraft(ctx, d.ID, noon) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Draft(ctx, d.ID)
			l.same(got, &newer)
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ChangeDraft(ctx, &older, "ann", newer.SavedAt) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteDraft(ctx, d.ID, older.SavedAt) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.ChangeDraft(ctx, &older, "ann", noon) })
	}},
}
