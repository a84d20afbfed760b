package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// ending is one round of reports that are to be erased, and of those that hang together with them.
type ending struct {
	closed, copied, taken heed.ID // kept long enough; the same, and a duplicate of over; withdrawn
	waits, over           heed.ID // a duplicate of closed; the lead of copied: both stay
	blob                  string
	jobs                  []heed.Job
	done                  int // of jobs
}

func (l *line) ending() *ending {
	l.Helper()
	e := &ending{closed: l.put(blocked, func(r *heed.Report) { r.Named, r.Files = true, 1 }).ID, copied: l.queued(heed.Normal), waits: l.queued(heed.Normal)}
	w, err := l.blobs.Create(l.Context())
	l.must(err)
	_, err = w.Write([]byte("a sealed file"))
	l.must(err)
	l.must(w.Commit(l.Context()))
	e.blob = w.Key()
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error {
		return errors.Join(tx.AddStaged(l.Context(), e.blob, l.now),
			tx.AddAttachment(l.Context(), &heed.Attachment{ID: heed.NewID(l.now), Report: e.closed, Blob: e.blob, Day: "2026-11-23", TransitKey: []byte("wrapped"), At: l.now}))
	}))
	l.must(l.Ask(l.Context(), l.ann, e.closed, "Which door is it?"))
	l.dispose(l.ann, e.waits, review.Decision{Kind: heed.LinkDuplicate, Lead: e.closed})
	l.dispose(l.ann, e.closed, review.Decision{Kind: heed.Close})
	l.now = l.now.Add(year)
	e.over = l.queued(heed.Normal)
	l.dispose(l.ann, e.copied, review.Decision{Kind: heed.LinkDuplicate, Lead: e.over})
	e.taken = l.put(blocked, func(r *heed.Report) { r.State = heed.Withdrawn }).ID
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { // as its lead's conclusion a year ago
		r, err := tx.Report(l.Context(), e.copied)
		if err != nil {
			return err
		}
		r.State, r.StateSince, r.ClosedAt = heed.Closed, l.now.Add(-year), l.now.Add(-year)
		return tx.UpdateReport(l.Context(), r)
	}))
	args, err := json.Marshal(review.EraseArgs{Report: e.taken})
	l.must(err)
	e.jobs = []heed.Job{{Kind: review.JobErase, Args: args}}
	return e
}

// run ends spans and does what follows, as a worker that dies would. The job that was last done is done again.
func (e *ending) run(l *line, d *death) error {
	config := l.config
	config.Store, config.Blobs = &mortalStore{l.store, d}, &mortalBlobs{l.blobs, d}
	s := review.New(config)
	defer func() { e.jobs = append(e.jobs, d.jobs...) }()
	if _, _, err := s.EndSpans(l.Context(), l.now, 20); err != nil {
		return err
	}
	for e.done = max(e.done-1, 0); ; e.done++ {
		e.jobs, d.jobs = append(e.jobs, d.jobs...), nil
		if e.done == len(e.jobs) {
			return nil
		}
		job := e.jobs[e.done]
		handle := map[string]func(context.Context, []byte) error{
			review.JobErase: s.HandleErase, review.JobBlobs: s.HandleBlobs, review.JobFreeCopies: s.HandleFreeCopies,
		}[job.Kind]
		if handle == nil {
			continue // another's, of no matter here
		}
		if err := handle(l.Context(), job.Args); err != nil {
			return err
		}
	}
}

// wantWholeOrGone fails the test where a report is neither readable as it was nor erased with all that hung on it.
func (l *line) wantWholeOrGone(e *ending, id heed.ID) {
	l.Helper()
	r := l.get(id)
	l.view(func(ctx context.Context, tx heed.Tx) error {
		_, noKey := tx.WrappedKey(ctx, id)
		messages, err1 := tx.Messages(ctx, id)
		identities, err2 := tx.Identities(ctx, id)
		files, err3 := tx.Attachments(ctx, id)
		leaves, err4 := tx.Leaves(ctx, 0, id, 500)
		notes := 0
		for _, leaf := range leaves {
			if leaf.Note != nil {
				notes++
			}
		}
		hangs := len(messages) + len(identities) + len(files) + notes
		if r.State == heed.Erased {
			if !errors.Is(noKey, heed.ErrGone) || r.Content != nil || hangs > 0 {
				l.Errorf("an erased report has %d bytes of content, key: %v, and %d things hang on it", len(r.Content), noKey, hangs)
			}
		} else if whole := id != e.closed || len(messages) == 1 && len(identities) == 1 && len(files) == 1 && notes > 0; noKey != nil || r.Content == nil || !whole {
			l.Errorf("a report that is %s has %d bytes of content, key: %v, %d messages, %d identities, %d files", r.State, len(r.Content), noKey, len(messages), len(identities), len(files))
		} else if id == e.closed && !l.hasBlob(e.blob) {
			l.Error("the file of a report that isn't erased is gone")
		}
		return errors.Join(err1, err2, err3, err4)
	})
}

func (l *line) hasBlob(key string) bool {
	l.Helper()
	f, err := l.blobs.Open(l.Context(), key)
	if errors.Is(err, heed.ErrNotFound) {
		return false
	}
	l.must(err)
	_, err = io.Copy(io.Discard, f)
	l.must(errors.Join(err, f.Close()))
	return true
}

func TestAnErasureCutShortAtAnyCallIsCompletedByTheNextAndNothingIsHalfErased(t *testing.T) {
	onBothStores(t, func(l *line) {
		for at := 0; ; at++ {
			e := l.ending()
			err := e.run(l, &death{at: at})
			if err != nil && !errors.Is(err, errDied) {
				l.Fatalf("died at call %d: %v", at, err)
			}
			ids := []heed.ID{e.closed, e.copied, e.taken}
			for _, id := range ids {
				l.wantWholeOrGone(e, id)
			}
			l.must(e.run(l, &death{at: 1 << 30}))
			for _, id := range ids {
				l.wantWholeOrGone(e, id)
				if l.wantState(id, heed.Erased); l.count(id, "report.erased") != 1 {
					l.Errorf("died at call %d: %v", at, l.acts(id))
				}
			}
			if l.hasBlob(e.blob) {
				l.Errorf("died at call %d: the file is there still", at)
			}
			if r := l.wantState(e.waits, heed.Queued); r.Lead != "" || r.Content == nil {
				l.Errorf("died at call %d: the duplicate of an erased report: %+v", at, r)
			}
			if r := l.wantState(e.over, heed.Queued); r.Copies != 0 {
				l.Errorf("died at call %d: a lead has %d copies", at, r.Copies)
			}
			if l.Failed() {
				l.FailNow()
			}
			if err == nil {
				if l.Logf("%d calls", at); at < 40 {
					l.Error("an erasure makes more calls than that")
				}
				return
			}
			// What stays must not come due in a later round.
			l.dispose(l.ann, e.waits, review.Decision{Kind: heed.Hold})
			l.dispose(l.ann, e.over, review.Decision{Kind: heed.Hold})
		}
	})
}
