package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func queuedCall(c lite.QueuedCall) *heed.QueuedCall {
	return &heed.QueuedCall{
		ID: heed.ID(c.ID), Language: c.Language, Since: moment(c.Since), Seen: moment(c.Seen), State: heed.CallState(c.State),
		Taker: heed.ID(c.Taker), Phone: c.Phone, Former: heed.ID(c.Former), Key: c.Key, Sealed: absent(c.Sealed), Returned: c.Returned,
		Back: c.Back, Answered: moment(c.Answered),
	}
}

// JoinQueue implements heed.QueueTx.
func (t *Tx) JoinQueue(ctx context.Context, c *heed.QueuedCall) error {
	n, err := t.engine.InsertQueuedCall(ctx, lite.InsertQueuedCallParams{
		ID: string(c.ID), Language: c.Language, Since: millis(c.Since), Seen: millis(c.Seen), State: string(c.State), Taker: string(c.Taker),
		Phone: c.Phone, Key: present(c.Key), Back: c.Back,
	})
	return touched(n, err, heed.ErrConflict, "queue a call")
}

// QueuedCall implements heed.QueueTx.
func (t *Tx) QueuedCall(ctx context.Context, id heed.ID) (*heed.QueuedCall, error) {
	c, err := t.engine.GetQueuedCall(ctx, string(id))
	return one(c, err, queuedCall, "find a queued call")
}

// QueuedCalls implements heed.QueueTx.
func (t *Tx) QueuedCalls(ctx context.Context) ([]*heed.QueuedCall, error) {
	cs, err := t.engine.QueuedCalls(ctx)
	return each(cs, err, queuedCall, "list queued calls")
}

// CallsAhead implements heed.QueueTx.
func (t *Tx) CallsAhead(ctx context.Context, id heed.ID) (int, error) {
	n, err := t.engine.CallsAhead(ctx, string(id))
	return int(n), failed(err, "count the calls ahead")
}

// SeeQueuedCall implements heed.QueueTx.
func (t *Tx) SeeQueuedCall(ctx context.Context, id heed.ID, seen time.Time) error {
	n, err := t.engine.SeeQueuedCall(ctx, lite.SeeQueuedCallParams{ID: string(id), Seen: millis(seen)})
	return touched(n, err, heed.ErrNotFound, "see a queued call")
}

// TakeQueuedCall implements heed.QueueTx.
func (t *Tx) TakeQueuedCall(ctx context.Context, id, taker heed.ID, phone string) error {
	n, err := t.engine.TakeQueuedCall(ctx, lite.TakeQueuedCallParams{ID: string(id), Taker: string(taker), Phone: phone})
	return t.moved(ctx, id, n, err, "take a queued call")
}

// AnswerQueuedCall implements heed.QueueTx.
func (t *Tx) AnswerQueuedCall(ctx context.Context, id, taker heed.ID, at time.Time) error {
	n, err := t.engine.AnswerQueuedCall(ctx, lite.AnswerQueuedCallParams{ID: string(id), Taker: string(taker), At: millis(at)})
	return t.moved(ctx, id, n, err, "answer a queued call")
}

// ReturnQueuedCall implements heed.QueueTx.
func (t *Tx) ReturnQueuedCall(ctx context.Context, id, taker heed.ID) error {
	n, err := t.engine.ReturnQueuedCall(ctx, lite.ReturnQueuedCallParams{ID: string(id), Taker: string(taker)})
	return t.moved(ctx, id, n, err, "put a call back into the queue")
}

// HandQueuedCall implements heed.QueueTx.
func (t *Tx) HandQueuedCall(ctx context.Context, id, from, to heed.ID, phone string) error {
	state := heed.CallRinging
	if to == "" {
		state, phone = heed.CallWaiting, ""
	}
	n, err := t.engine.HandQueuedCall(ctx, lite.HandQueuedCallParams{ID: string(id), Taker: string(from), Receiver: string(to), Phone: phone, State: string(state)})
	return t.moved(ctx, id, n, err, "hand a call over")
}

// FinishQueuedCall implements heed.QueueTx.
func (t *Tx) FinishQueuedCall(ctx context.Context, id, taker heed.ID, sealed []byte) error {
	n, err := t.engine.FinishQueuedCall(ctx, lite.FinishQueuedCallParams{ID: string(id), Taker: string(taker), Sealed: present(sealed)})
	return t.moved(ctx, id, n, err, "finish a call")
}

// moved is touched for a statement that changes a call where it is a certain taker's in a certain state.
func (t *Tx) moved(ctx context.Context, id heed.ID, n int64, err error, doing string) error {
	if err == nil && n == 0 {
		if _, err = t.engine.GetQueuedCall(ctx, string(id)); err == nil {
			err = heed.ErrConflict
		}
	}
	return failed(err, doing)
}

// LeaveQueue implements heed.QueueTx.
func (t *Tx) LeaveQueue(ctx context.Context, id heed.ID, how heed.CallEnd, at time.Time) error {
	return t.leave(ctx, id, how, at, func() (int64, error) { return t.engine.DeleteQueuedCall(ctx, string(id)) })
}

// LeaveQueueSeen implements heed.QueueTx.
func (t *Tx) LeaveQueueSeen(ctx context.Context, id heed.ID, seen, at time.Time) error {
	return t.leave(ctx, id, heed.CallAbandoned, at, func() (int64, error) {
		return t.engine.DeleteQueuedCallSeen(ctx, lite.DeleteQueuedCallSeenParams{ID: string(id), Seen: millis(seen)})
	})
}

// leave counts a call that drop deletes.
func (t *Tx) leave(ctx context.Context, id heed.ID, how heed.CallEnd, at time.Time, drop func() (int64, error)) error {
	c, err := t.QueuedCall(ctx, id)
	if err != nil {
		return err
	}
	n, err := drop()
	if err := touched(n, err, heed.ErrNotFound, "end a queued call"); err != nil {
		return err
	}
	h := c.Count(how, at)
	err = t.engine.CountCall(ctx, lite.CountCallParams{
		Hour: millis(h.Hour), Language: h.Language, Offered: int64(h.Offered), Answered: int64(h.Answered), AnsweredSoon: int64(h.AnsweredSoon),
		Abandoned: int64(h.Abandoned), Elsewhere: int64(h.Elsewhere), CalledBack: int64(h.CalledBack), Waited: h.Waited.Milliseconds(),
		Longest: h.Longest.Milliseconds(),
	})
	return failed(err, "count a call")
}

func callHour(h lite.CallHour) *heed.CallHour {
	return &heed.CallHour{
		Hour: moment(h.Hour), Language: h.Language, Offered: int(h.Offered), Answered: int(h.Answered), AnsweredSoon: int(h.AnsweredSoon),
		Abandoned: int(h.Abandoned), Elsewhere: int(h.Elsewhere), CalledBack: int(h.CalledBack),
		Waited: time.Duration(h.Waited) * time.Millisecond, Longest: time.Duration(h.Longest) * time.Millisecond,
	}
}

// CallHours implements heed.CallHourTx.
func (t *Tx) CallHours(ctx context.Context, from, before time.Time) ([]*heed.CallHour, error) {
	hs, err := t.engine.CallHours(ctx, lite.CallHoursParams{FromHour: millis(from), Before: millis(before)})
	return each(hs, err, callHour, "list what became of calls")
}

// DeleteCallHours implements heed.CallHourTx.
func (t *Tx) DeleteCallHours(ctx context.Context, before time.Time) error {
	return failed(t.engine.DeleteCallHours(ctx, millis(before)), "delete what became of calls")
}
