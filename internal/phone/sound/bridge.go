package sound

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/heed-line/heed/internal/survive"
)

// Side is one of the two calls of a bridge.
type Side int

// Which of a bridge's two calls.
const (
	Neither Side = iota
	First
	Second
)

// heldBack is how many frames wait at most on their way from one call to the other: each has a clock of its own, and one frame of room
// keeps the two from missing each other. What comes when both are taken pushes the oldest out, so that the delay never grows.
const heldBack = 2

// flowing is a Leg that can go on while its other end holds the call. Flow is Step, but for that: silence is heard then, and time goes on.
type flowing interface {
	Flow(out *Frame) (in *Frame, keys string, err error)
}

// Bridge lets two calls hear each other until one of them ends or ctx does. It has both Legs until it returns; the one that still lives is its owner's
// again then, who may step it on. Who holds the call hears nothing and is silence for the other.
//
// pressed, unless nil, is told which keys were pressed on which side, never twice at once. It must return at once; a key ends the bridge where it ends ctx.
//
// It returns the side that ended, and no error where its other end hung up, or survive.ErrBroke where the program broke there; Neither and
// the context's error where that ended.
func Bridge(ctx context.Context, a, b Leg, pressed func(by Side, keys string)) (ended Side, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	br := &bridge{ctx: ctx, stop: stop, pressed: pressed}
	var other sync.WaitGroup
	other.Go(func() { br.run(b, Second, &br.fromFirst, &br.fromSecond) })
	br.run(a, First, &br.fromSecond, &br.fromFirst)
	other.Wait()
	var over *sideEnded
	if !errors.As(context.Cause(ctx), &over) {
		return Neither, ctx.Err()
	}
	if errors.Is(over.err, io.EOF) {
		return over.side, nil
	}
	return over.side, over.err
}

// bridge is what its two goroutines share.
type bridge struct {
	ctx                   context.Context
	stop                  context.CancelCauseFunc
	fromFirst, fromSecond queue

	keys    sync.Mutex
	pressed func(Side, string)
}

// sideEnded is why a bridge ends where one of its calls did.
type sideEnded struct {
	side Side
	err  error
}

func (e *sideEnded) Error() string { return e.err.Error() }

// run steps one call until the bridge ends; where the program breaks there, that call has ended it.
func (b *bridge) run(leg Leg, side Side, from, to *queue) {
	if err := survive.Do(func() error { return b.carry(leg, side, from, to) }); err != nil {
		b.stop(&sideEnded{side, err})
	}
}

// carry returns how the call ended; nil where the bridge did.
func (b *bridge) carry(leg Leg, side Side, from, to *queue) error {
	step := leg.Step
	if f, ok := leg.(flowing); ok {
		step = f.Flow
	}
	var room Frame
	for b.ctx.Err() == nil {
		var out *Frame
		if from.take(&room) {
			out = &room
		}
		in, keys, err := step(out)
		if err != nil {
			return err
		}
		to.put(in)
		if keys != "" && b.pressed != nil {
			b.press(side, keys)
		}
	}
	return nil
}

func (b *bridge) press(by Side, keys string) {
	b.keys.Lock()
	defer b.keys.Unlock()
	b.pressed(by, keys)
}

// queue is the sound on its way from one call to the other.
type queue struct {
	mu     sync.Mutex
	frames [heldBack]Frame
	n      int
}

func (q *queue) put(f *Frame) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == heldBack {
		copy(q.frames[:], q.frames[1:])
		q.n--
	}
	q.frames[q.n] = *f
	q.n++
}

// take moves the oldest frame to f; false where none is waiting.
func (q *queue) take(f *Frame) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return false
	}
	*f = q.frames[0]
	copy(q.frames[:], q.frames[1:])
	q.n--
	return true
}
