package phone

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// looking is how often a call looks at its place in the queue.
	looking = time.Second
	// lookPatience is how long one look may take.
	lookPatience = 5 * time.Second
	// blind is after how many looks in a row that failed the store counts as away.
	blind = 5
	// deserted is for how many looks in a row nobody is on duty where a caller is told.
	deserted = 10
)

// errMoved unwinds what a waiting caller hears or types, because a taker has taken their call.
var errMoved = errors.New("the call is a taker's")

// watch looks at a caller's place beside the call: no frame waits for the store.
type watch struct {
	waiting Waiting
	look    func(context.Context) (Place, error) // for whatever goroutine
	every   int                                  // frames
	place   Place
	// interrupts says that whatever the caller does is to end once the call is no longer one that waits.
	interrupts bool

	since  int // frames since the last look began
	found  chan looked
	failed int // looks in a row
	empty  int // looks in a row with nobody on duty
}

type looked struct {
	place Place
	err   error
}

func (m *Menu) watching(w Waiting, first Place) *watch {
	look := func(ctx context.Context) (p Place, err error) {
		err = m.guard(func() (err error) {
			p, err = w.Look(ctx)
			return err
		})
		return p, err
	}
	return &watch{waiting: w, look: look, every: max(1, int(m.every/sound.FrameTime)), place: first}
}

// tick is 20 ms.
func (w *watch) tick(ctx context.Context) {
	if w.found == nil {
		if w.since++; w.since >= w.every && w.place.State != "" { // else whoever made it is looking
			w.since, w.found = 0, make(chan looked, 1)
			go w.lookBeside(ctx, w.found)
		}
		return
	}
	select {
	case l := <-w.found:
		w.found = nil
		w.learn(l)
	default:
	}
}

func (w *watch) lookBeside(ctx context.Context, found chan<- looked) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookPatience)
	defer cancel()
	place, err := w.look(ctx)
	found <- looked{place, err}
}

func (w *watch) learn(l looked) {
	if l.err != nil {
		w.failed++
		return
	}
	w.failed, w.place = 0, l.place
	if w.empty++; l.place.Takers > 0 {
		w.empty = 0
	}
}

// set is what the call itself did to its place, or saw of it: the store is there. A look that began before doesn't count.
func (w *watch) set(p Place) { w.place, w.found, w.since, w.failed = p, nil, 0, 0 }

// lost says that the store has been away for a while.
func (w *watch) lost() bool { return w.failed >= blind }
