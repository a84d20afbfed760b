package main

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// submissionResult is one submission of a load. Status is 0 where no answer came.
type submissionResult struct {
	status int
	took   time.Duration
}

// load is what a run of submissions came to.
type load struct {
	results []submissionResult
	took    time.Duration
}

func (l *load) accepted() int {
	n := 0
	for _, r := range l.results {
		if r.status == 201 {
			n++
		}
	}
	return n
}

func (l *load) statuses() map[string]int {
	counts := map[string]int{}
	for _, r := range l.results {
		if r.status == 0 {
			counts["error"]++
		} else {
			counts[strconv.Itoa(r.status)]++
		}
	}
	return counts
}

// times is how long the accepted ones took, shortest first.
func (l *load) times() []time.Duration {
	var times []time.Duration
	for _, r := range l.results {
		if r.status == 201 {
			times = append(times, r.took)
		}
	}
	slices.Sort(times)
	return times
}

// percentile is the nearest-rank percentile of sorted times, in milliseconds; 0 for none.
func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p/100*float64(len(sorted)))) - 1
	return float64(sorted[max(rank, 0)].Microseconds()) / 1000
}

// source yields submissions until it has no more. It is called by many at once.
type source interface{ next() (*submission, bool) }

// submit sends what the source yields with c.Clients at a time, for a round (a replay: until the source ends).
//
// With a rate, a submission is due at its own moment and its time counts from then, so that a slow line can't hide its
// slowness by slowing its clients down.
func (c *benchCommand) submit(ctx context.Context, portal *publicClient, from source, log *slog.Logger) *load {
	ends := ctx
	if len(c.Replay) == 0 {
		var cancel context.CancelFunc
		ends, cancel = context.WithTimeout(ctx, c.Duration/time.Duration(c.Rounds))
		defer cancel()
	}
	due := c.schedule(ends)
	var mu sync.Mutex
	result := &load{}
	var group sync.WaitGroup
	begun := time.Now()
	for range c.Clients {
		group.Go(func() {
			for moment := range due {
				sub, more := from.next()
				if !more {
					return
				}
				status, err := portal.submit(ctx, sub)
				if err != nil {
					log.Warn("a submission got no answer", "error", err)
				}
				mu.Lock()
				result.results = append(result.results, submissionResult{status, time.Since(moment)})
				mu.Unlock()
			}
		})
	}
	group.Wait()
	result.took = time.Since(begun)
	return result
}

// schedule gives out the moments at which submissions are due, until ends. Without a rate that is whenever one is asked for.
func (c *benchCommand) schedule(ends context.Context) func(yield func(time.Time) bool) {
	if c.Rate == 0 {
		return func(yield func(time.Time) bool) {
			for ends.Err() == nil {
				if !yield(time.Now()) {
					return
				}
			}
		}
	}
	var mu sync.Mutex
	next := time.Now()
	step := time.Duration(float64(time.Second) / c.Rate)
	return func(yield func(time.Time) bool) {
		for {
			mu.Lock()
			moment := next
			next = next.Add(step)
			mu.Unlock()
			select {
			case <-time.After(time.Until(moment)):
			case <-ends.Done():
				return
			}
			if !yield(moment) {
				return
			}
		}
	}
}

// firstLine is s up to its first line break, without surrounding space.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}
