package rows

import (
	"context"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// HangLeaf implements heed.AuditTx.
func (t *Tx) HangLeaf(ctx context.Context, h *heed.HungLeaf) error {
	n, err := t.engine.HangLeaf(ctx, lite.HangLeafParams{Num: h.Num, Seq: h.Seq, Hash: h.Hash})
	if err := touched(n, err, heed.ErrConflict, "hang leaf %d", h.Num); err != nil {
		return err
	}
	if h.At.IsZero() {
		return nil
	}
	n, err = t.engine.DateLeaf(ctx, lite.DateLeafParams{At: millis(h.At), Seq: h.Seq})
	return touched(n, err, heed.ErrNotFound, "date leaf %d", h.Num)
}

// LeafHashes implements heed.AuditTx.
func (t *Tx) LeafHashes(ctx context.Context, from, to int64) ([][]byte, error) {
	found, err := t.engine.LeafHashes(ctx, lite.LeafHashesParams{After: from, UpTo: to})
	if err == nil && int64(len(found)) != to-from {
		err = heed.ErrNotFound
	}
	if err != nil {
		return nil, failed(err, "hashes of leaves %d to %d", from+1, to)
	}
	hashes := make([][]byte, len(found))
	for i, row := range found {
		hashes[i] = row.Hash
	}
	return hashes, nil
}

// Places implements heed.AuditTx.
func (t *Tx) Places(ctx context.Context, after, upTo int64) ([]*heed.HungLeaf, error) {
	found, err := t.engine.Places(ctx, lite.PlacesParams{After: after, UpTo: upTo})
	return each(found, err, func(r lite.AuditTree) *heed.HungLeaf { return &heed.HungLeaf{Num: r.Num, Seq: r.Seq, Hash: r.Hash} },
		"places of leaves %d to %d", after+1, upTo)
}

// AddCheckpoint implements heed.AuditTx.
func (t *Tx) AddCheckpoint(ctx context.Context, c *heed.CheckpointRecord) error {
	n, err := t.engine.InsertCheckpoint(ctx, lite.InsertCheckpointParams{At: millis(c.At), Size: c.Size, Note: c.Note})
	return touched(n, err, heed.ErrConflict, "add the checkpoint of %d leaves", c.Size)
}

func checkpoint(c lite.AuditCheckpoint) *heed.CheckpointRecord {
	return &heed.CheckpointRecord{At: moment(c.At), Size: c.Size, Note: c.Note}
}

// Checkpoints implements heed.AuditTx.
func (t *Tx) Checkpoints(ctx context.Context, after time.Time, limit int) ([]*heed.CheckpointRecord, error) {
	found, err := t.engine.CheckpointsSince(ctx, lite.CheckpointsSinceParams{Since: millis(after), MaxRows: capped(limit)})
	return each(found, err, checkpoint, "checkpoints")
}

// LastCheckpoint implements heed.AuditTx.
func (t *Tx) LastCheckpoint(ctx context.Context) (*heed.CheckpointRecord, error) {
	c, err := t.engine.LastCheckpoint(ctx)
	return one(c, err, checkpoint, "last checkpoint")
}

// CountActs implements heed.AuditTx.
func (t *Tx) CountActs(ctx context.Context, from, until time.Time) (map[string]int, error) {
	found, err := t.engine.CountActs(ctx, lite.CountActsParams{Since: millis(from), Before: lastly(until)})
	if err != nil {
		return nil, failed(err, "count acts")
	}
	counts := make(map[string]int, len(found))
	for _, row := range found {
		counts[row.Act] = int(row.Times)
	}
	return counts, nil
}

// FindLeaves implements heed.AuditTx.
func (t *Tx) FindLeaves(ctx context.Context, q heed.AuditQuery) ([]*heed.AuditLeaf, error) {
	s := &selection{}
	if len(q.Acts) > 0 {
		marks := make([]string, len(q.Acts))
		for i, act := range q.Acts {
			marks[i] = s.arg(act)
		}
		s.and("act IN (" + strings.Join(marks, ", ") + ")")
	}
	if q.Actor != "" {
		s.and("actor = $", string(q.Actor))
	}
	if q.Report != "" {
		s.and("report = $ AND report <> ''", string(q.Report))
	}
	if !q.From.IsZero() {
		s.and("at >= $", millis(q.From))
	}
	if !q.Until.IsZero() {
		s.and("at < $", millis(q.Until))
	}
	if q.Before != 0 {
		s.and("seq < $", q.Before)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = pageDefault
	}
	query := "SELECT seq, at, actor, act, report, details, commitment FROM audit_leaves" + s.conditions() +
		" ORDER BY seq DESC LIMIT " + s.arg(int64(min(limit, pageMost)))
	var out []*heed.AuditLeaf
	err := t.engine.Each(ctx, query, s.args, func(into func(...any) error) error {
		var l lite.LeavesUpToRow
		if err := into(&l.Seq, &l.At, &l.Actor, &l.Act, &l.Report, &l.Details, &l.Commitment); err != nil {
			return err
		}
		out = append(out, leaf(l))
		return nil
	})
	return out, failed(err, "find leaves")
}
