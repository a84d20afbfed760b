package desk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/heed-line/heed"
)

const (
	pollEvery = 400 * time.Millisecond
	pollBatch = 500
	backlog   = 2048 // events that a listener may be behind before it is let go; its browser comes back by itself
)

// hub reads the store's events once for every listener of this node, and only while there are any.
type hub struct {
	store heed.Store
	log   *slog.Logger

	mu        sync.Mutex
	listeners map[chan *heed.DeskEvent]struct{}
	cancel    context.CancelFunc // of the reading; nil while nobody listens
	ended     chan struct{}
	once      sync.Once
}

func newHub(store heed.Store, log *slog.Logger) *hub {
	return &hub{store: store, log: log, listeners: map[chan *heed.DeskEvent]struct{}{}, ended: make(chan struct{})}
}

// stop lets every listener go, for good.
func (h *hub) stop() {
	h.once.Do(func() { close(h.ended) })
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel != nil {
		h.cancel()
		h.cancel = nil
	}
}

// listen gives the events from now on. The channel is closed when the listener fell behind; leave ends it.
func (h *hub) listen(ctx context.Context) (events <-chan *heed.DeskEvent, leave func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel == nil {
		var last int64
		err := h.store.View(ctx, func(tx heed.Tx) error {
			last, err = tx.LastEvent(ctx)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		reading, cancel := context.WithCancel(context.Background())
		h.cancel = cancel
		go h.read(reading, last)
	}
	ch := make(chan *heed.DeskEvent, backlog)
	h.listeners[ch] = struct{}{}
	return ch, func() { h.leave(ch) }, nil
}

func (h *hub) leave(ch chan *heed.DeskEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, ch)
	if len(h.listeners) == 0 && h.cancel != nil {
		h.cancel()
		h.cancel = nil
	}
}

func (h *hub) read(ctx context.Context, last int64) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := h.follow(ctx, &last)
		if err != nil && !failed && ctx.Err() == nil {
			h.log.Error("desk: reading events", "error", err)
		}
		failed = err != nil
	}
}

// follow tells all that happened after last, which it moves: page after page at once, for a burst of a thousand reports
// must reach the desk as soon as one does.
func (h *hub) follow(ctx context.Context, last *int64) error {
	for ctx.Err() == nil {
		var events []*heed.DeskEvent
		err := h.store.View(ctx, func(tx heed.Tx) (err error) {
			events, err = tx.EventsAfter(ctx, *last, pollBatch)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range events {
			*last = e.Seq
			h.tell(e)
		}
		if len(events) < pollBatch {
			return nil
		}
	}
	return nil
}

func (h *hub) tell(e *heed.DeskEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.listeners {
		select {
		case ch <- e:
		default:
			delete(h.listeners, ch)
			close(ch)
		}
	}
}
