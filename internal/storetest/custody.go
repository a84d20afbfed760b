package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// asked is a Disclosure that was just asked for.
func (l *line) asked(report heed.ID, day string) *heed.Disclosure {
	id := l.id()
	return &heed.Disclosure{
		ID: id, Report: report, State: heed.DisclosureAsked, By: "amira", At: l.now, Reason: heed.ReasonDanger,
		SealedReason: []byte("reason"), Day: day, Key: []byte("key"), Until: l.now.Add(time.Hour),
	}
}

func (l *line) addDisclosures(ds ...*heed.Disclosure) {
	l.Helper()
	l.update(func(ctx context.Context, tx heed.Tx) error {
		var errs []error
		for _, d := range ds {
			errs = append(errs, tx.AddDisclosure(ctx, d))
		}
		return errors.Join(errs...)
	})
}

func (l *line) disclosure(id heed.ID) (d *heed.Disclosure) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) (err error) {
		d, err = tx.Disclosure(ctx, id)
		return err
	})
	return d
}

var disclosures = []requirement{
	{"a disclosure comes back as it was stored and moves only from the state it is in", func(l *line) {
		d := l.asked("r1", "2026-11-23")
		d.File = "file"
		l.addDisclosures(d)
		l.same(l.disclosure(d.ID), d)
		d.State, d.SecondBy, d.SecondAt, d.Sealed = heed.DisclosureApproved, "dana", l.now, []byte("sealed")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveDisclosure(ctx, d, heed.DisclosureAsked) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.MoveDisclosure(ctx, d, heed.DisclosureAsked)
		})
		l.same(l.disclosure(d.ID), d)
		d.State, d.Department, d.Sealed = heed.DisclosureReleased, "fire", []byte("for fire")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveDisclosure(ctx, d, heed.DisclosureApproved) })
		l.same(l.disclosure(d.ID), d)
		d.State, d.Sealed, d.SeenAt, d.Until, d.Proof, d.ExportedAt = heed.DisclosureSeen, nil, l.now, time.Time{}, []byte("proof"), l.now.Add(-time.Hour)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MoveDisclosure(ctx, d, heed.DisclosureReleased) })
		l.same(l.disclosure(d.ID), d)
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.MoveDisclosure(ctx, &heed.Disclosure{ID: "none"}, heed.DisclosureAsked)
		})
		for _, at := range []time.Time{l.now, l.now.Add(time.Hour)} {
			d.ExportedAgain = append(d.ExportedAgain, at)
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddDisclosureExport(ctx, d.ID, at) })
		}
		l.same(l.disclosure(d.ID), d)
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.AddDisclosureExport(ctx, "none", l.now) })
	}},
	{"disclosures that wait and those that nobody has seen are listed apart, however many the others are", func(l *line) {
		theirs, unseen, first, second, late := l.asked("r1", "1"), l.asked("r2", "1"), l.asked("r3", "1"), l.asked("r4", "1"), l.asked("r5", "1")
		theirs.State, theirs.SecondBy = heed.DisclosureApproved, "eve"
		unseen.State, unseen.SecondBy = heed.DisclosureApproved, "dana"
		second.State, second.SecondBy = heed.DisclosureExported, "dana"
		late.Until = l.now
		l.addDisclosures(theirs, unseen, late, second, first)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			one, err := tx.WaitingDisclosures(ctx, l.now, 1)
			l.same(one, []*heed.Disclosure{first})
			waiting, err2 := tx.WaitingDisclosures(ctx, l.now, 10)
			l.same(waiting, []*heed.Disclosure{first, second})
			danas, err3 := tx.UnseenDisclosures(ctx, "dana", 1)
			l.same(danas, []*heed.Disclosure{unseen})
			return errors.Join(err, err2, err3)
		})
	}},
	{"open disclosures are listed oldest first, and those whose time is over when it is", func(l *line) {
		first, second, over := l.asked("r1", "1"), l.asked("r2", "2"), l.asked("r1", "2")
		over.State, over.Until = heed.DisclosureRefused, time.Time{}
		l.addDisclosures(second, over, first)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			of, err := tx.Disclosures(ctx, "r1")
			l.same(of, []*heed.Disclosure{first, over})
			due, err2 := tx.DisclosuresDue(ctx, first.Until, 10)
			l.same(due, []*heed.Disclosure{first})
			ofDay, err3 := tx.OpenDisclosuresOfDay(ctx, second.Day, 10)
			l.same(ofDay, []*heed.Disclosure{second})
			return errors.Join(err, err2, err3)
		})
	}},
	{"with an identity its open disclosures end and nothing sealed stays of them", func(l *line) {
		r := l.report()
		l.add(r)
		day, taken, other, seen := l.asked("r1", "1"), l.asked(r.ID, "2"), l.asked("r3", "2"), l.asked(r.ID, "2")
		released, of := l.asked("r1", "1"), l.asked(r.ID, "2")
		for _, d := range []*heed.Disclosure{released, of} {
			d.State, d.Department, d.Sealed = heed.DisclosureReleased, "fire", []byte("for fire")
		}
		day.Sealed, taken.Sealed = []byte("a"), []byte("b")
		seen.State, seen.Until = heed.DisclosureSeen, time.Time{}
		l.addDisclosures(day, taken, other, seen, released, of)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddIdentity(ctx, r.ID, "2", []byte("x")), tx.AddStaged(ctx, "b", l.now), tx.AddAttachment(ctx,
				&heed.Attachment{ID: "f1", Report: r.ID, Blob: "b", Day: "2", DayKey: []byte("d"), TransitKey: []byte("t"), At: l.now}),
				tx.AddStaged(ctx, "c", l.now), tx.AddAttachment(ctx, &heed.Attachment{ID: "f2", Report: r.ID, Blob: "c", Day: "2", At: l.now.Add(1)}))
		})
		l.originals(r.ID, "f1")
		l.originals("r3")
		l.update(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.DeleteIdentities(ctx, "1")
			n, err2 := tx.DeleteReportIdentities(ctx, r.ID, heed.DisclosureTakenBack)
			l.same(n, 1)
			return errors.Join(err, err2)
		})
		for _, want := range []struct {
			id    heed.ID
			state heed.DisclosureState
		}{{day.ID, heed.DisclosureLapsed}, {released.ID, heed.DisclosureLapsed}, {of.ID, heed.DisclosureTakenBack}, {taken.ID, heed.DisclosureTakenBack}, {other.ID, heed.DisclosureAsked}, {seen.ID, heed.DisclosureSeen}} {
			if got := l.disclosure(want.id); got.State != want.state || got.Sealed != nil || got.Until.IsZero() == got.State.Open() {
				l.Errorf("got %s, want %s", show(got), want.state)
			}
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			as, err := tx.Attachments(ctx, r.ID)
			if len(as) != 2 || as[0].DayKey != nil || as[0].TransitKey == nil {
				l.Errorf("the file's keys: %s", show(as[0]))
			}
			return err
		})
		l.originals(r.ID)
	}},
}

// originals checks which of the report's files can be opened as they were sent.
func (l *line) originals(report heed.ID, want ...heed.ID) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.HeldOriginals(ctx, report)
		if !slices.Equal(got, want) {
			l.Errorf("originals of %s: got %v, want %v", report, got, want)
		}
		return err
	})
}

var custodians = []requirement{
	{"a custodian's approval is stored, replaced and deleted", func(l *line) {
		a := &heed.CustodianApproval{Staff: "b", By: "a", At: l.now, Signature: []byte("s")}
		first := &heed.CustodianApproval{Staff: "a", At: l.now, Signature: []byte("t")}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.PutCustodianApproval(ctx, &heed.CustodianApproval{Staff: "b"}), tx.PutCustodianApproval(ctx, a),
				tx.PutCustodianApproval(ctx, first))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.CustodianApprovals(ctx)
			l.same(all, []*heed.CustodianApproval{first, a})
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteCustodianApproval(ctx, "b") })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DeleteCustodianApproval(ctx, "b") })
	}},
	{"a day's key can be rotated under what it sealed, until it is destroyed", func(l *line) {
		r := l.report()
		l.add(r)
		day := &heed.DayKeyRecord{Day: "1", Identity: []byte("a"), Transit: []byte("t"), Signature: []byte("s")}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddDayKey(ctx, day), tx.AddIdentity(ctx, r.ID, "1", []byte("x")))
		})
		day.Identity, day.Signature = []byte("b"), []byte("u")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.RotateDayKey(ctx, day) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.DayKey(ctx, "1")
			l.same(got, day)
			return err
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.RotateDayKey(ctx, &heed.DayKeyRecord{Day: "1", Identity: []byte("c"), Transit: []byte("other")})
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MarkDayKeyDestroyed(ctx, "1", l.now) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.RotateDayKey(ctx, day) })
	}},
}
