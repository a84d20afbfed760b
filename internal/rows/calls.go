package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func call(c lite.Call) *heed.Call {
	return &heed.Call{ID: heed.ID(c.ID), Day: c.Day, Sealed: c.Sealed, Seen: moment(c.Seen)}
}

// AddCall implements heed.CallTx.
func (t *Tx) AddCall(ctx context.Context, c *heed.Call) error {
	n, err := t.engine.InsertCall(ctx, lite.InsertCallParams{ID: string(c.ID), Day: c.Day, Sealed: present(c.Sealed), Seen: millis(c.Seen)})
	return touched(n, err, heed.ErrConflict, "add a call")
}

// ChangeCall implements heed.CallTx.
func (t *Tx) ChangeCall(ctx context.Context, c *heed.Call) error {
	n, err := t.engine.UpdateCall(ctx, lite.UpdateCallParams{ID: string(c.ID), Sealed: present(c.Sealed), Seen: millis(c.Seen)})
	return touched(n, err, heed.ErrNotFound, "change a call")
}

// SeeCall implements heed.CallTx.
func (t *Tx) SeeCall(ctx context.Context, id heed.ID, seen time.Time) error {
	n, err := t.engine.SeeCall(ctx, lite.SeeCallParams{ID: string(id), Seen: millis(seen)})
	return touched(n, err, heed.ErrNotFound, "see a call")
}

// Call implements heed.CallTx.
func (t *Tx) Call(ctx context.Context, id heed.ID) (*heed.Call, error) {
	c, err := t.engine.GetCall(ctx, string(id))
	return one(c, err, call, "find a call")
}

// CallsSeen implements heed.CallTx.
func (t *Tx) CallsSeen(ctx context.Context) (map[heed.ID]time.Time, error) {
	found, err := t.engine.CallsSeen(ctx)
	if err != nil {
		return nil, failed(err, "list calls")
	}
	seen := make(map[heed.ID]time.Time, len(found))
	for _, c := range found {
		seen[heed.ID(c.ID)] = moment(c.Seen)
	}
	return seen, nil
}

// EndCall implements heed.CallTx.
func (t *Tx) EndCall(ctx context.Context, id heed.ID) error {
	n, err := t.engine.EndCall(ctx, string(id))
	return touched(n, err, heed.ErrNotFound, "end a call")
}

// EndCallSeen implements heed.CallTx.
func (t *Tx) EndCallSeen(ctx context.Context, id heed.ID, seen time.Time) error {
	n, err := t.engine.EndCallSeen(ctx, lite.EndCallSeenParams{ID: string(id), Seen: millis(seen)})
	return touched(n, err, heed.ErrNotFound, "end a call that nobody saw")
}
