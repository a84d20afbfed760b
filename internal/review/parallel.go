package review

import (
	"errors"
	"sync"
	"time"
)

var (
	errTimeout = errors.New("took too long")
	errPanic   = errors.New("panicked")
)

// parallel runs step over the items on so many processors. An item whose step fails, panics or takes too long is marked as
// failed; what it said is not logged, for it may hold the reporter's words.
func (s *Service) parallel(processors int, items []*item, step func(*item) error) {
	each(processors, len(items), func(i int) {
		if items[i].failed {
			return
		}
		// The step works on a copy: one that is still running after its time must not write into what is stored.
		copied := *items[i]
		if err := bounded(func() error { return step(&copied) }); err != nil {
			items[i].failed = true
			s.cfg.Log.Warn("a report could not be screened", "report", string(items[i].report.ID), "cause", cause(err))
			return
		}
		*items[i] = copied
	})
}

// each calls do for 0 to n-1, on so many processors.
func each(processors, n int, do func(i int)) {
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(processors, n) {
		wg.Go(func() {
			for i := range work {
				do(i)
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
}

// cause is an error's kind without its words.
func cause(err error) string {
	switch {
	case errors.Is(err, errTimeout):
		return "timeout"
	case errors.Is(err, errPanic):
		return "panic"
	}
	return "sealed"
}

// bounded runs fn for at most screenTimeout. A fn that doesn't end in time goes on by itself: nothing in Go can end it.
func bounded(fn func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if recover() != nil {
				done <- errPanic
			}
		}()
		done <- fn()
	}()
	timer := time.NewTimer(screenTimeout)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errTimeout
	}
}
