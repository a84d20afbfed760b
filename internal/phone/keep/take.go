package keep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/survive"
)

const (
	// pieceBytes is how much is sealed at a time, and what a killed process loses, with the tenth of a second to half a second that the call holds: two seconds.
	pieceBytes = 2 * sound.Rate
	// waiting is how many pieces may wait for a slow store, those that it is taking just now among them: a minute, in half a megabyte.
	waiting = 30
	// together is how many of them are stored at a time where more than one waits: a store that has fallen behind catches up.
	together = 10
	// again is the pause before a piece is tried again that the store didn't take.
	again = 500 * time.Millisecond
)

// take is one stretch of speech on its way into the store. The call's goroutine writes; another one seals and stores.
type take struct {
	upload intake.Upload
	in     *intake.Service
	log    *slog.Logger
	room   int64         // bytes that it may become
	piece  []byte        // what is not yet a piece
	said   int64         // bytes
	queue  chan []byte   // open until the take ends
	done   chan struct{} // closed when all pieces are stored, or none will be any more
	stop   context.CancelFunc

	mu     sync.Mutex
	pieces int // that wait, or are being stored
	stored int64
	err    error // why no more is stored
}

// newTake begins to store what will be said. It goes on whatever becomes of the call, until it is ended or given up.
func newTake(in *intake.Service, log *slog.Logger, u intake.Upload, room int64) *take {
	ctx, stop := context.WithCancel(context.Background())
	t := &take{
		upload: u, in: in, log: log, room: room, piece: make([]byte, 0, pieceBytes), queue: make(chan []byte, waiting+1), done: make(chan struct{}), stop: stop,
	}
	go t.store(ctx, t.queue)
	return t
}

// write adds a frame. It never waits.
func (t *take) write(f *sound.Frame) error {
	if err := t.failure(); err != nil {
		return err
	}
	if t.said+sound.FrameSamples > t.room {
		return heed.Problems{{Field: "files", Code: "files-too-large"}}
	}
	t.piece = sound.MuLaw.Encode(t.piece, f[:])
	t.said += sound.FrameSamples
	if len(t.piece) < pieceBytes {
		return nil
	}
	if !t.enqueue(waiting) {
		t.piece = t.piece[:len(t.piece)-sound.FrameSamples] // it may be tried again with the next frame
		t.said -= sound.FrameSamples
		return fmt.Errorf("keep what is said: %w", heed.ErrBusy)
	}
	t.piece = make([]byte, 0, pieceBytes)
	return nil
}

// enqueue hands the piece over to be stored, unless as many wait as may.
func (t *take) enqueue(most int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pieces >= most {
		return false
	}
	t.pieces++
	t.queue <- t.piece // there is room for all that may wait
	return true
}

// end hands over what is left and waits until all is stored. Where ctx ends first, it may be called again.
func (t *take) end(ctx context.Context) error {
	if t.queue != nil {
		if len(t.piece) > 0 {
			t.enqueue(waiting + 1) // the last one always has room
			t.piece = nil
		}
		close(t.queue)
		t.queue = nil
	}
	select {
	case <-t.done:
		return t.failure()
	case <-ctx.Done():
		return fmt.Errorf("end a take: %w", ctx.Err())
	}
}

// giveUp stores nothing more.
func (t *take) giveUp() {
	t.stop()
	<-t.done
}

func (t *take) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// length is how many bytes are stored.
func (t *take) length() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stored
}

func (t *take) store(ctx context.Context, queue <-chan []byte) {
	defer close(t.done)
	defer t.stop()
	for {
		said, pieces := next(ctx, queue)
		if pieces == 0 {
			return
		}
		err := survive.Do(func() error { return t.storePiece(ctx, said) })
		survive.Log(t.log, "storing what is said", err)
		clear(said)
		t.mu.Lock()
		if t.err = err; err == nil {
			t.stored += int64(len(said))
		}
		t.pieces -= pieces
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// next waits for what is to be stored next: a piece, or several that have been waiting, as one. 0 pieces: there are none any more.
func next(ctx context.Context, queue <-chan []byte) (said []byte, pieces int) {
	select {
	case <-ctx.Done():
		return nil, 0
	case piece := <-queue:
		if piece == nil {
			return nil, 0
		}
		said = piece
	}
	for pieces = 1; pieces < together; pieces++ {
		select {
		case piece := <-queue:
			if piece == nil {
				return said, pieces
			}
			if pieces == 1 {
				first := said
				said = append(make([]byte, 0, together*pieceBytes), first...)
				clear(first)
			}
			said = append(said, piece...)
			clear(piece)
		default:
			return said, pieces
		}
	}
	return said, pieces
}

// storePiece tries until the piece is stored, or never can be.
func (t *take) storePiece(ctx context.Context, piece []byte) error {
	for {
		err := t.in.AppendRecording(ctx, t.upload, t.length(), piece)
		var problem *heed.Problem
		switch {
		case err == nil:
			return nil
		case errors.Is(err, heed.ErrNotFound), errors.Is(err, heed.ErrConflict):
			return fmt.Errorf("keep what is said: %v: %w", err, heed.ErrGone)
		case errors.As(err, &problem):
			return heed.Problems{problem}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("keep what is said: %w", err)
		case <-time.After(again):
		}
	}
}
