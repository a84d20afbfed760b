// Package storetest holds every heed.Store to the words of its interface.
//
// It may import package heed and test libraries, and sees stores through the interface only. Fill makes a large line for
// the measurements; pgtest, beside it, gives tests a real PostgreSQL.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// requirement is one thing that a store must do.
type requirement struct {
	name  string
	check func(*line)
}

// Run checks every requirement, each on a store of its own, several at once. open makes an empty store, and closes it when its test ends.
func Run(t *testing.T, open func(t *testing.T) heed.Store) {
	for _, group := range [][]requirement{
		transactions, reports, lists, copies, searches, receipts, identities, disclosures, custodians, messages, attachments, safeCopies, redactions, looks, uploads, calls, queue, callBacks, drafts, screenings, models, dispositions,
		referrals, staff, factors, audit, tree, events, settings, jobs,
	} {
		for _, r := range group {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				r.check(&line{T: t, store: open(t), now: noon})
			})
		}
	}
}

// noon is when the tests take place; it has no part of a millisecond, since times keep none.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// line is a store under test, with what makes a test short.
type line struct {
	*testing.T
	store heed.Store
	now   time.Time
}

// update runs fn in an Update that must succeed.
func (l *line) update(fn func(context.Context, heed.Tx) error) {
	l.Helper()
	ctx := l.Context()
	if err := l.store.Update(ctx, func(tx heed.Tx) error { return fn(ctx, tx) }); err != nil {
		l.Fatalf("update: %v", err)
	}
}

// view runs fn in a View that must succeed.
func (l *line) view(fn func(context.Context, heed.Tx) error) {
	l.Helper()
	ctx := l.Context()
	if err := l.store.View(ctx, func(tx heed.Tx) error { return fn(ctx, tx) }); err != nil {
		l.Fatalf("view: %v", err)
	}
}

// refused runs fn in an Update that must fail with the sentinel.
func (l *line) refused(want error, fn func(context.Context, heed.Tx) error) {
	l.Helper()
	ctx := l.Context()
	if err := l.store.Update(ctx, func(tx heed.Tx) error { return fn(ctx, tx) }); !errors.Is(err, want) {
		l.Errorf("update: got %v, want %v", err, want)
	}
}

// id makes ids that rise with each call.
func (l *line) id() heed.ID {
	l.now = l.now.Add(time.Millisecond)
	return heed.NewID(l.now)
}

// report is a Report that is in the queue, changed by change.
func (l *line) report(change ...func(*heed.Report)) *heed.Report {
	id := l.id()
	r := &heed.Report{
		ID: id, Channel: heed.ChannelWeb, State: heed.Queued, ReceivedAt: l.now, Language: "en", Category: "fraud-scam",
		Urgency: heed.Normal, DayKey: "2026-11-23", Content: []byte("sealed " + id), StateSince: l.now,
	}
	for _, c := range change {
		c(r)
	}
	return r
}

// add stores reports.
func (l *line) add(rs ...*heed.Report) {
	l.Helper()
	l.update(func(ctx context.Context, tx heed.Tx) error {
		for _, r := range rs {
			if err := tx.AddReport(ctx, r, []byte("wrapped "+r.ID)); err != nil {
				return err
			}
		}
		return nil
	})
}

// same fails the test where got isn't deeply want.
func (l *line) same(got, want any) {
	l.Helper()
	if !reflect.DeepEqual(got, want) {
		l.Errorf("got  %s\nwant %s", show(got), show(want))
	}
}

func show(v any) string {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && !rv.IsNil() {
		v = rv.Elem().Interface()
	}
	return fmt.Sprintf("%+v", v)
}

// is fails the test where err isn't the sentinel.
func (l *line) is(err, want error) {
	l.Helper()
	if !errors.Is(err, want) {
		l.Errorf("got error %v, want %v", err, want)
	}
}

// eventually tries check until it is true, for what a store may take a moment to show.
func (l *line) eventually(check func() bool) {
	l.Helper()
	for range 500 {
		if check() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.Fatal("it did not come true in 5 s")
}

func ids(rs []*heed.Report) []heed.ID {
	is := []heed.ID{}
	for _, r := range rs {
		is = append(is, r.ID)
	}
	return is
}
