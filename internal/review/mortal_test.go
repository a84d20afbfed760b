package review_test

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/review"
)

// errDied is where a test's process dies.
var errDied = errors.New("the process died")

// death comes at one call of the store or of the blobs, counted from 0, and from then on nothing is answered any more.
type death struct {
	at, calls int
	jobs      []heed.Job // what was enqueued by transactions that stand
}

func (d *death) came() error {
	if d.calls++; d.calls > d.at {
		return errDied
	}
	return nil
}

// mortalStore is a real store whose process dies: before a transaction, at a call within one, which then never stands, or after
// it stands and before anybody hears of that.
type mortalStore struct {
	heed.Store
	*death
}

func (s *mortalStore) View(ctx context.Context, fn func(heed.Tx) error) error {
	return s.Store.View(ctx, func(tx heed.Tx) error { return fn(&mortalTx{tx: tx, death: s.death}) })
}

func (s *mortalStore) Update(ctx context.Context, fn func(heed.Tx) error) error {
	var jobs []heed.Job
	err := s.Store.Update(ctx, func(tx heed.Tx) error {
		dying := &mortalTx{tx: tx, death: s.death}
		err := fn(dying)
		if jobs = dying.enqueued; err == nil {
			err = s.came() // before the commit
		}
		return err
	})
	if err != nil {
		return err
	}
	s.jobs = append(s.jobs, jobs...)
	return s.came()
}

// mortalTx names every method that an erasure uses: one that is missing here ends the test by a nil pointer.
type mortalTx struct {
	heed.Tx // nil
	*death
	tx       heed.Tx
	enqueued []heed.Job
}

func (t *mortalTx) Enqueue(ctx context.Context, jobs ...heed.Job) error {
	if err := t.came(); err != nil {
		return err
	}
	t.enqueued = append(t.enqueued, jobs...)
	return t.tx.Enqueue(ctx, jobs...)
}

func (t *mortalTx) Report(ctx context.Context, id heed.ID) (*heed.Report, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.Report(ctx, id)
}

func (t *mortalTx) WrappedKey(ctx context.Context, report heed.ID) ([]byte, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.WrappedKey(ctx, report)
}

func (t *mortalTx) DestroyKey(ctx context.Context, report heed.ID) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.DestroyKey(ctx, report)
}

func (t *mortalTx) UpdateReport(ctx context.Context, r *heed.Report) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.UpdateReport(ctx, r)
}

func (t *mortalTx) Duplicates(ctx context.Context, lead heed.ID, limit int) ([]*heed.Report, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.Duplicates(ctx, lead, limit)
}

func (t *mortalTx) Referrals(ctx context.Context, department string, report, after heed.ID, limit int) ([]*heed.Referral, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.Referrals(ctx, department, report, after, limit)
}

func (t *mortalTx) Kept(ctx context.Context, kept heed.Kept, until time.Time, limit int) ([]*heed.Report, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.Kept(ctx, kept, until, limit)
}

func (t *mortalTx) Disclosures(ctx context.Context, report heed.ID) ([]*heed.Disclosure, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.Disclosures(ctx, report)
}

func (t *mortalTx) DeleteReportIdentities(ctx context.Context, report heed.ID, ended heed.DisclosureState) (int, error) {
	if err := t.came(); err != nil {
		return 0, err
	}
	return t.tx.DeleteReportIdentities(ctx, report, ended)
}

func (t *mortalTx) DeleteMessages(ctx context.Context, report heed.ID) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.DeleteMessages(ctx, report)
}

func (t *mortalTx) DeleteAttachments(ctx context.Context, report heed.ID) ([]string, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.DeleteAttachments(ctx, report)
}

func (t *mortalTx) DeleteTraces(ctx context.Context, report heed.ID) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.DeleteTraces(ctx, report)
}

func (t *mortalTx) DeleteNotes(ctx context.Context, report heed.ID) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.DeleteNotes(ctx, report)
}

func (t *mortalTx) DeleteNotesOfAct(ctx context.Context, act string, before time.Time, limit int) (int, error) {
	if err := t.came(); err != nil {
		return 0, err
	}
	return t.tx.DeleteNotesOfAct(ctx, act, before, limit)
}

func (t *mortalTx) Dispositions(ctx context.Context, report heed.ID) ([]*heed.Disposition, error) {
	if err := t.came(); err != nil {
		return nil, err
	}
	return t.tx.Dispositions(ctx, report)
}

func (t *mortalTx) DecideDisposition(ctx context.Context, d *heed.Disposition, from heed.DispositionState) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.DecideDisposition(ctx, d, from)
}

func (t *mortalTx) AddLeaf(ctx context.Context, leaf *heed.AuditLeaf) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.AddLeaf(ctx, leaf)
}

func (t *mortalTx) Publish(ctx context.Context, e *heed.DeskEvent) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.Publish(ctx, e)
}

func (t *mortalTx) PutSetting(ctx context.Context, name string, value []byte) error {
	if err := t.came(); err != nil {
		return err
	}
	return t.tx.PutSetting(ctx, name, value)
}

// mortalBlobs die before a file is deleted, or after.
type mortalBlobs struct {
	blob.Store
	*death
}

func (b *mortalBlobs) Delete(ctx context.Context, key string) error {
	if err := b.came(); err != nil {
		return err
	}
	if err := b.Store.Delete(ctx, key); err != nil {
		return err
	}
	return b.came()
}

var _ review.Blobs = (*mortalBlobs)(nil)
