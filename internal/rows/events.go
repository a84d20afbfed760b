package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func event(e lite.DeskEvent) *heed.DeskEvent {
	return &heed.DeskEvent{
		Seq: e.Seq, At: moment(e.At), Kind: e.Kind, Report: heed.ID(e.Report), List: heed.List(e.List), Level: int(e.Level),
		To: e.Audience, Category: e.Category,
	}
}

// Publish implements heed.EventTx. It sets Seq.
func (t *Tx) Publish(ctx context.Context, e *heed.DeskEvent) error {
	seq, err := t.engine.InsertEvent(ctx, lite.InsertEventParams{
		At: millis(e.At), Kind: e.Kind, Report: string(e.Report), List: string(e.List), Level: int64(e.Level),
		Audience: e.To, Category: e.Category,
	})
	if err != nil {
		return failed(err, "publish %s", e.Kind)
	}
	e.Seq = seq
	return nil
}

// PublishAll implements heed.EventTx. PostgreSQL numbers them by the column's default, in their order.
func (t *Tx) PublishAll(ctx context.Context, events []*heed.DeskEvent) error {
	err := insertMany(ctx, t.engine, "INSERT INTO desk_events (at, kind, report, list, level, audience, category) VALUES ", "", len(events), func(i int) []any {
		e := events[i]
		return []any{millis(e.At), e.Kind, string(e.Report), string(e.List), e.Level, e.To, e.Category}
	})
	return failed(err, "publish")
}

// EventsAfter implements heed.EventTx. It shows settled events only, as Leaves does.
func (t *Tx) EventsAfter(ctx context.Context, seq int64, limit int) ([]*heed.DeskEvent, error) {
	settled, err := t.engine.Settled(ctx)
	if err != nil {
		return nil, failed(err, "settled events")
	}
	es, err := t.engine.EventsUpTo(ctx, lite.EventsUpToParams{After: seq, Settled: settled, MaxRows: capped(limit)})
	return each(es, err, event, "events")
}

// LastEvent implements heed.EventTx. It is 0 where there is none.
func (t *Tx) LastEvent(ctx context.Context) (int64, error) {
	settled, err := t.engine.Settled(ctx)
	if err != nil {
		return 0, failed(err, "settled events")
	}
	seq, err := t.engine.LastEventUpTo(ctx, settled)
	return seq, failed(err, "last event")
}

// DeleteEvents implements heed.EventTx.
func (t *Tx) DeleteEvents(ctx context.Context, before time.Time) (int, error) {
	n, err := t.engine.DeleteEvents(ctx, millis(before))
	return int(n), failed(err, "delete events")
}
