package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/backup"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/review"
)

// restoredDetails are in the leaf of a restore: of when the backup is, and how many reports were erased again.
type restoredDetails struct {
	Data   string `json:"data"`
	Keys   string `json:"keys"`
	Erased int    `json:"erased"`
}

// finish erases what was erased after the backup, has made anew what backups don't hold, and only then lets the line serve. Cut
// short anywhere, the line refuses to serve, and the restore begins again.
func (r *restore) finish(ctx context.Context) (err error) {
	place := &place{flags: r.lineFlags, s: r.s, log: r.log, restoring: true}
	line, err := place.openLine(ctx)
	if err != nil {
		return err
	}
	defer line.close()
	if err := line.identity.GiveUpDays(ctx); err != nil {
		return err
	}
	if _, err := line.identity.EraseDue(ctx, line.clock.Due()); err != nil {
		return err
	}
	if err := line.identity.EnsureDays(ctx, line.s.Now()); err != nil {
		return err
	}
	reports := line.newReview(nil, nil)
	erased, err := r.eraseAgain(ctx, line, reports)
	if err != nil {
		return err
	}
	takenBack, err := takeBackAgain(ctx, line)
	if err != nil {
		return err
	}
	ended, err := line.endSpansAtOnce(ctx, reports, line.s.Now())
	if err != nil {
		return err
	}
	if err := line.forgetReceipts(ctx, line.s.Now().Add(-line.profile.Retention.Receipts)); err != nil {
		return err
	}
	if err := r.resumeWork(ctx, line, reports); err != nil {
		return err
	}
	if err := r.markWhole(ctx, line, erased+ended.Erased); err != nil {
		return err
	}
	if err := line.scrubWanted(ctx); err != nil {
		return err
	}
	out := &printer{w: r.s.Stdout}
	out.printf("restored as of %s; %d reports that were erased since, or are due, are erased\n", r.data.At.Format(time.RFC3339), erased+ended.Erased)
	if takenBack > 0 {
		out.printf("%d identities that were taken back since are taken back\n", takenBack)
	}
	out.printf("%s\n", r.verifyAudit(ctx, line))
	out.printf("audit-key: %s   (compare it with the one you noted)\n", keystore.FormatAuditKey(line.ring.Audit.Verifier()))
	circle, err := line.identity.Circle(ctx)
	if err != nil {
		return err
	}
	out.printf("custodians, as of then: %s\n", custodiansOfThen(circle))
	out.printf("next: heed doctor, then heed serve. Accounts are as they were then: look at who was removed since.\n")
	return out.err
}

// custodiansOfThen names who is a Custodian of a restored line. Who was removed after the backup is one again where the keystore, which
// would know, is lost too; where it isn't, approvals of before a removal count for nobody.
func custodiansOfThen(circle *identity.Circle) string {
	if counting := circle.Counting(); len(counting) > 0 {
		return strings.Join(counting, ", ") + " (heed custodian remove takes out who was removed since)"
	}
	return "none (heed doctor says what to do)"
}

// verifyAudit says whether the audit is whole. One that isn't keeps nobody from restoring: it was so when it was backed up, and this may be
// the only backup.
func (r *restore) verifyAudit(ctx context.Context, line *line) string {
	verdict, err := audit.VerifyStore(ctx, line.store, line.id, line.ring.Audit.Verifier(), nil, nil)
	if err != nil {
		r.log.Error("the audit of the backup is not whole", "error", err)
		return "the audit is NOT whole: what it lacks was lost before the backup"
	}
	return fmt.Sprintf("the audit is whole: %d leaves", verdict.Leaves)
}

// eraseAgain erases the reports that were erased after the backup, as far as anything here knows of them.
func (r *restore) eraseAgain(ctx context.Context, line *line, reports *review.Service) (int, error) {
	ids, err := backup.Noted(ctx, line.keys)
	if err != nil {
		return 0, err
	}
	ids = append(ids, r.erased...)
	if r.keys.At.After(r.data.At) {
		lacking, err := reports.Keyless(ctx)
		if err != nil {
			return 0, err
		}
		ids = append(ids, lacking...)
	}
	slices.Sort(ids)
	erased := 0
	for _, id := range slices.Compact(ids) {
		was, err := reports.EraseKnown(ctx, id)
		if err != nil {
			return erased, err
		}
		if was {
			erased++
		}
	}
	return erased, nil
}

// takeBackAgain has no report say any more that it is named whose reporter took that back after the backup.
func takeBackAgain(ctx context.Context, line *line) (took int, err error) {
	ids, err := backup.NotedTakenBack(ctx, line.keys)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		was, err := line.identity.TakeBackKnown(ctx, id)
		if err != nil {
			return took, err
		}
		if was {
			took++
		}
	}
	return took, nil
}

// resumeWork enqueues the jobs that waited, and those that make anew what reports are found by.
func (r *restore) resumeWork(ctx context.Context, line *line, reports *review.Service) error {
	for batch := range slices.Chunk(r.jobs, 500) {
		if err := line.store.Update(ctx, func(tx heed.Tx) error { return tx.Enqueue(ctx, batch...) }); err != nil {
			return fmt.Errorf("taking up the work that waited: %w", err)
		}
	}
	return reports.Rebuild(ctx)
}

// markWhole says that the restore is done, in the audit and for whoever serves.
func (r *restore) markWhole(ctx context.Context, line *line, erased int) error {
	leaf, err := audit.Leaf(audit.LineRestored, "", "", line.s.Now(), restoredDetails{
		Data: r.data.At.Format(time.RFC3339), Keys: r.keys.At.Format(time.RFC3339), Erased: erased,
	})
	if err == nil {
		err = line.store.Update(ctx, func(tx heed.Tx) error {
			return errors.Join(tx.AddLeaf(ctx, leaf), tx.PutSetting(ctx, heed.SettingRestoring, []byte{}))
		})
	}
	if err != nil {
		return fmt.Errorf("ending the restore: %w", err)
	}
	return nil
}
