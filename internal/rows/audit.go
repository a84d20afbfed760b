package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func leaf(l lite.LeavesUpToRow) *heed.AuditLeaf {
	return &heed.AuditLeaf{
		Seq: l.Seq, At: moment(l.At), Actor: heed.ID(l.Actor), Act: l.Act, Report: heed.ID(l.Report), Details: l.Details,
		Commitment: l.Commitment, Note: l.Note, Salt: l.Salt,
	}
}

// AddLeaf implements heed.AuditTx. It sets Seq.
func (t *Tx) AddLeaf(ctx context.Context, l *heed.AuditLeaf) error {
	seq, err := t.engine.InsertLeaf(ctx, lite.InsertLeafParams{
		At: millis(l.At), Actor: string(l.Actor), Act: l.Act, Report: string(l.Report), Details: l.Details,
		Commitment: l.Commitment,
	})
	if err != nil {
		return failed(err, "add leaf %s", l.Act)
	}
	l.Seq = seq
	if l.Note == nil && l.Salt == nil {
		return nil
	}
	err = t.engine.InsertNote(ctx, lite.InsertNoteParams{Seq: seq, Report: string(l.Report), Note: l.Note, Salt: l.Salt})
	return failed(err, "add the note of leaf %s", l.Act)
}

// AddLeaves implements heed.AuditTx. PostgreSQL numbers them by the column's default, in their order.
func (t *Tx) AddLeaves(ctx context.Context, leaves []*heed.AuditLeaf) error {
	for _, l := range leaves {
		if l.Note != nil || l.Salt != nil {
			return fmt.Errorf("a leaf with a note among others: %w", heed.ErrInvalid)
		}
	}
	err := insertMany(ctx, t.engine, "INSERT INTO audit_leaves (at, actor, act, report, details, commitment) VALUES ", "", len(leaves), func(i int) []any {
		l := leaves[i]
		return []any{millis(l.At), string(l.Actor), l.Act, string(l.Report), l.Details, l.Commitment}
	})
	return failed(err, "add leaves")
}

// Leaves implements heed.AuditTx. Without a report it shows settled leaves only: none will ever appear before one that
// was shown. On PostgreSQL a leaf settles when every transaction that began writing before its own has ended.
func (t *Tx) Leaves(ctx context.Context, after int64, report heed.ID, limit int) ([]*heed.AuditLeaf, error) {
	if report != "" {
		ls, err := t.engine.LeavesOfReport(ctx, lite.LeavesOfReportParams{
			Report: string(report), After: after, MaxRows: capped(limit),
		})
		return each(ls, err, func(l lite.LeavesOfReportRow) *heed.AuditLeaf { return leaf(lite.LeavesUpToRow(l)) },
			"leaves of report %s", report)
	}
	settled, err := t.engine.Settled(ctx)
	if err != nil {
		return nil, failed(err, "settled leaves")
	}
	ls, err := t.engine.LeavesUpTo(ctx, lite.LeavesUpToParams{After: after, Settled: settled, MaxRows: capped(limit)})
	return each(ls, err, leaf, "leaves")
}

// DeleteNotes implements heed.AuditTx.
func (t *Tx) DeleteNotes(ctx context.Context, report heed.ID) error {
	return failed(t.engine.DeleteNotes(ctx, string(report)), "delete the notes of report %s", report)
}

// DeleteNotesOfAct implements heed.AuditTx.
func (t *Tx) DeleteNotesOfAct(ctx context.Context, act string, before time.Time, limit int) (int, error) {
	n, err := t.engine.DeleteNotesOfAct(ctx, lite.DeleteNotesOfActParams{Act: act, Before: millis(before), MaxRows: capped(limit)})
	return int(n), failed(err, "delete notes of %s", act)
}
