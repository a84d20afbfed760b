package review_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

// attach gives the report a file.
func (l *line) attach(report heed.ID) *heed.Attachment {
	l.Helper()
	ctx := l.Context()
	a := &heed.Attachment{ID: heed.NewID(l.now), Report: report, Type: "image/png", Day: "2026-11-23", TransitKey: []byte("wrapped"), At: l.now}
	a.Blob = "blob-" + string(a.ID)
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		r, err := tx.Report(ctx, report)
		if err != nil {
			return err
		}
		r.Files++
		return errors.Join(tx.AddStaged(ctx, a.Blob, l.now), tx.AddAttachment(ctx, a), tx.UpdateReport(ctx, r))
	}))
	return a
}

// fails notes that no copy can be made of a file, as the worker does.
func (l *line) fails(a *heed.Attachment, code string) {
	l.Helper()
	ctx := l.Context()
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.PutSafeCopy(ctx, &heed.SafeCopy{Attachment: a.ID, Report: a.Report, State: heed.CopyFailed, Code: code}); err != nil {
			return err
		}
		return l.Quarantine(ctx, tx, a.Report, a.ID)
	}))
}

func (l *line) inList(id heed.ID, list heed.List) bool {
	l.Helper()
	rows, err := l.Queue(l.Context(), l.ann, heed.ReportQuery{List: list, Limit: 50})
	l.must(err)
	return slices.ContainsFunc(rows, func(r *heed.Report) bool { return r.ID == id })
}

func TestAReportWithAFileThatCannotBeMadeSafeWaitsInQuarantineAndIsDecidedByAPersonOnBothStores(t *testing.T) {
	onBothStores(t, quarantined)
}

// batch are the args of the screening of one report.
func batch(id heed.ID) []byte { return []byte(`{"reports":["` + string(id) + `"]}`) }

// quarantined is the story of reports whose files are bombs, or lie.
func quarantined(l *line) {
	ctx := l.Context()
	// In the queue.
	id := l.queued(heed.High)
	l.must(l.Claim(ctx, l.ann, id))
	l.must(l.Release(ctx, l.ann, id))
	due := l.get(id).NextDue
	l.now = l.now.Add(time.Minute)
	l.fails(l.attach(id), heed.CopyTooLong)
	if r := l.wantState(id, heed.Quarantine); !r.NextDue.Equal(due) || !l.inList(id, heed.ListReview) {
		l.Errorf("due %v, was %v; in the queue: %v", r.NextDue, due, l.inList(id, heed.ListReview))
	}
	l.fails(l.attach(id), heed.CopyUnreadable) // another
	if acts := l.acts(id); len(acts) != 3 || acts[2] != audit.ReportQuarantined {
		l.Errorf("leaves: %v", acts)
	}
	l.must(l.Claim(ctx, l.ann, id))
	l.must(l.Release(ctx, l.ann, id))
	l.wantState(id, heed.Quarantine)
	l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Grading: graded()})
	l.wantState(id, heed.Referred)

	// With somebody at work on it: nothing moves under their hands.
	id = l.queued(heed.Normal)
	l.must(l.Claim(ctx, l.ann, id))
	l.fails(l.attach(id), heed.CopyUnreadable)
	if r := l.wantState(id, heed.InReview); r.ClaimedBy != l.ann.ID {
		l.Error("the Claim is lost")
	}
	l.now = l.now.Add(review.ClaimLife + time.Minute)
	l.must(l.Tick(ctx))
	l.wantState(id, heed.Quarantine)
	l.dispose(l.ann, id, review.Decision{Kind: heed.Close})
	l.wantState(id, heed.Closed)

	// Before its words are read, and where the machine can't read them.
	for _, gaveUp := range []bool{false, true} {
		id = l.put(blocked, func(r *heed.Report) { r.State, r.Category = heed.Received, "" }).ID
		l.fails(l.attach(id), heed.CopyUnreadable)
		l.wantState(id, heed.Received)
		if gaveUp {
			l.must(l.GiveUpScreening(ctx, batch(id), errors.New("never came")))
		} else {
			l.must(l.Screen(ctx, id))
		}
		l.wantState(id, heed.Quarantine)
		l.must(l.Ask(ctx, l.ann, id, "Can you send it as a picture?"))
		l.wantState(id, heed.NeedsInfo)
	}

	// Elsewhere it stays where it is.
	for _, s := range []heed.State{heed.SetAside, heed.RefusalProposed, heed.NeedsInfo, heed.Held, heed.PendingApproval, heed.Referred, heed.Closed, heed.Withdrawn} {
		id = l.put(blocked, func(r *heed.Report) { r.State = s }).ID
		l.fails(l.attach(id), heed.CopyUnreadable)
		l.wantState(id, s)
	}
	id = l.put(blocked, func(r *heed.Report) { r.State = heed.SetAside }).ID
	l.must(l.Claim(ctx, l.ann, id))
	l.fails(l.attach(id), heed.CopyUnreadable)
	l.must(l.Release(ctx, l.ann, id))
	l.wantState(id, heed.SetAside)

	// Where it comes back into the queue, whichever way, it is looked at again.
	for _, from := range []heed.State{heed.NeedsInfo, heed.Held} {
		id = l.put(blocked, func(r *heed.Report) { r.State = from }).ID
		l.must(l.Claim(ctx, l.ann, id))
		l.fails(l.attach(id), heed.CopyUnreadable)
		l.must(l.store.Update(ctx, func(tx heed.Tx) error {
			return tx.AddMessage(ctx, &heed.Message{ID: heed.NewID(l.now), Report: id, Kind: heed.Answer, At: l.now, Sealed: []byte("sealed")})
		}))
		l.must(l.Release(ctx, l.ann, id))
		l.wantState(id, heed.Quarantine)
	}
	first := l.queued(heed.Normal)
	id = l.queued(heed.Normal)
	l.dispose(l.ann, id, review.Decision{Kind: heed.LinkDuplicate, Lead: first})
	l.fails(l.attach(id), heed.CopyUnreadable)
	l.wantState(id, heed.Duplicate)
	l.must(l.Unlink(ctx, l.ann, id))
	l.wantState(id, heed.Quarantine)
	id = l.queued(heed.High)
	l.dispose(l.ann, id, review.Decision{Kind: heed.Close})
	l.wantState(id, heed.PendingApproval)
	l.fails(l.attach(id), heed.CopyUnreadable)
	l.wantState(id, heed.PendingApproval)
	l.must(l.Decline(ctx, l.lead, id, "Not yet."))
	l.wantState(id, heed.Quarantine)

	// A file whose keys are gone lies about nothing.
	id = l.put(blocked, func(r *heed.Report) { r.State = heed.Received }).ID
	a := l.attach(id)
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		return tx.PutSafeCopy(ctx, &heed.SafeCopy{Attachment: a.ID, Report: id, State: heed.CopyFailed, Code: heed.CopyLost})
	}))
	l.must(l.Screen(ctx, id))
	l.wantState(id, heed.Queued)
}

// Who screens a report has its version from before the file failed: they must not put it into the queue as if it had not.
func TestAFileThatFailsWhileItsReportIsScreenedIsNotMissed(t *testing.T) {
	onBothStores(t, func(l *line) {
		r := l.put(blocked, func(r *heed.Report) { r.State = heed.Received })
		a := l.attach(r.ID)
		before := l.get(r.ID)
		l.fails(a, heed.CopyUnreadable)
		err := l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.UpdateReport(l.Context(), before) })
		l.wantErr(err, heed.ErrConflict)
	})
}
