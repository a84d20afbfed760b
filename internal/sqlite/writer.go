package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

const (
	// waiting is how many functions may stand in line; the next ones wait outside, and are told ErrBusy in time.
	waiting = 1024
	// A batch ends after so many functions or so long, whichever is first: the others wait for its commit, and so do the
	// jobs.
	batchMost = 128
	batchLong = 10 * time.Millisecond
)

// writer gives functions their turn on the one writing connection, in the order of arrival.
//
// A function runs in its caller's goroutine, so that its panic is its caller's own; the writer waits meanwhile. Each behind the first
// of a batch has a savepoint of its own: what it did is undone alone where it fails. Where the first fails nothing else was done yet,
// so it needs none, and a large change by itself copies no page for the undoing of it.
type writer struct {
	db       *sql.DB
	jobs     *river.Client[*sql.Tx]
	line     chan *request
	stopping chan struct{}
	stopped  chan struct{}
	once     sync.Once
}

// request is one function in line. Its turn comes at most once; whoever takes it out of waiting decides.
type request struct {
	mu    sync.Mutex
	state requestState
	turn  chan *engine  // the writer gives the turn
	ended chan error    // the function's end: its error, or errAborted where it never returned
	done  chan struct{} // closed when err is final
	err   error         // the function's own, or the commit's
}

type requestState int

const (
	standing requestState = iota
	started
	left
)

// errAborted says that a function panicked or ended its goroutine; its caller never sees it.
var errAborted = errors.New("the function did not return")

var errClosed = errors.New("the store is closed")

func startWriter(db *sql.DB, jobs *river.Client[*sql.Tx]) *writer {
	w := &writer{
		db: db, jobs: jobs, line: make(chan *request, waiting),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	go w.run()
	return w
}

// update puts fn in line and answers when it is committed, refused or failed.
func (w *writer) update(ctx context.Context, wait time.Duration, fn func(heed.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	r := &request{turn: make(chan *engine), ended: make(chan error, 1), done: make(chan struct{})}
	patience := time.NewTimer(wait)
	defer patience.Stop()
	select {
	case w.line <- r:
	case <-patience.C:
		return fmt.Errorf("begin to write: %w", heed.ErrBusy)
	case <-ctx.Done():
		return fmt.Errorf("begin to write: %w", ctx.Err())
	case <-w.stopping:
		return fmt.Errorf("begin to write: %w", errClosed)
	}
	var reason error
	select {
	case e := <-r.turn:
		return w.serve(r, e, fn)
	case <-r.done:
		return r.err
	case <-patience.C:
		reason = heed.ErrBusy
	case <-ctx.Done():
		reason = ctx.Err()
	case <-w.stopped:
		reason = errClosed
	}
	if r.move(left) {
		return fmt.Errorf("begin to write: %w", reason)
	}
	// The turn came at the same moment.
	select {
	case e := <-r.turn:
		return w.serve(r, e, fn)
	case <-r.done:
		return r.err
	}
}

// serve is the function's turn. The deferred call tells the writer also when fn panics or ends its goroutine.
func (w *writer) serve(r *request, e *engine, fn func(heed.Tx) error) error {
	err := errAborted
	func() {
		defer func() { r.ended <- err }()
		err = fn(rows.NewTx(e))
	}()
	<-r.done
	return r.err
}

// move leaves the line for to. It reports false where somebody else was first.
func (r *request) move(to requestState) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != standing {
		return false
	}
	r.state = to
	return true
}

// run serves batches until the store closes, then what still stands in line.
func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case r := <-w.line:
			w.batch(r)
		case <-w.stopping:
			for {
				select {
				case r := <-w.line:
					w.batch(r)
				default:
					return
				}
			}
		}
	}
}

// batch commits first and what stands behind it in one transaction, and answers each after the commit: also one that failed, which may have
// met what another of the batch did, and looks for that next.
func (w *writer) batch(first *request) {
	ctx := context.Background()
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		w.refuse(first, busy(err))
		return
	}
	e := newEngine(tx, w.jobs)
	var served []*request
	broken := w.turns(ctx, e, first, &served)
	if broken == nil {
		broken = e.flush(ctx)
	}
	if broken == nil {
		broken = busy(tx.Commit())
	} else {
		broken = errors.Join(broken, tx.Rollback())
	}
	if broken != nil {
		broken = fmt.Errorf("commit: %w", broken)
	}
	for _, r := range served {
		if r.err == nil {
			r.err = broken
		}
		close(r.done)
	}
}

// turns gives turns until the batch is full or nobody waits, and adds who had one to served. An error means that the transaction
// is lost.
func (w *writer) turns(ctx context.Context, e *engine, first *request, served *[]*request) error {
	end := time.Now().Add(batchLong)
	for r := first; r != nil; r = w.next() {
		if !r.move(started) {
			continue
		}
		*served = append(*served, r)
		if len(*served) == 1 {
			if err := e.first(r); err != nil {
				return err
			}
		} else if err := e.turn(ctx, r); err != nil {
			return err
		}
		if len(*served) >= batchMost || time.Now().After(end) {
			return nil
		}
	}
	return nil
}

// first gives r its turn, of which nothing may be kept where it fails.
func (e *engine) first(r *request) error {
	r.turn <- e
	r.err = busy(<-r.ended)
	return r.err
}

// turn gives r its turn, and keeps what it did or undoes it. An error means that the transaction is lost.
func (e *engine) turn(ctx context.Context, r *request) error {
	if _, err := (connection{e}).ExecContext(ctx, "SAVEPOINT turn"); err != nil {
		r.err = fmt.Errorf("begin to write: %w", busy(err))
		return err
	}
	enqueued := len(e.enqueued)
	r.turn <- e
	if failure := <-r.ended; failure != nil {
		e.enqueued = e.enqueued[:enqueued]
		_, err := e.tx.ExecContext(ctx, "ROLLBACK TO turn; RELEASE turn")
		r.err = busy(failure)
		return err
	}
	_, err := connection{e}.ExecContext(ctx, "RELEASE turn")
	if err != nil {
		r.err = fmt.Errorf("write: %w", busy(err))
	}
	return err
}

// next is who stands in line, or nil.
func (w *writer) next() *request {
	select {
	case r := <-w.line:
		return r
	default:
		return nil
	}
}

func (w *writer) refuse(r *request, err error) {
	if r.move(started) {
		r.err = fmt.Errorf("begin to write: %w", err)
		close(r.done)
	}
}

func (w *writer) ready() error {
	select {
	case <-w.stopping:
		return errClosed
	default:
		return nil
	}
}

func (w *writer) stop() {
	w.once.Do(func() { close(w.stopping) })
	<-w.stopped
}
