package auth

import (
	"sync"
	"time"
)

// The throttle's measures: four free tries, then a wait that doubles from a second to half a minute, forgotten after
// an hour without a try.
const (
	freeTries   = 4
	firstWait   = time.Second
	longestWait = 30 * time.Second
	forgetAfter = time.Hour
	maxBuckets  = 10_000
)

// throttle slows guessing at one account. A bucket is an account as tried from strange browsers, or as tried from one
// browser that signed in to it before: so a stranger's guesses never keep its owner out of their usual browser, and
// nowhere for more than half a minute. It keeps no address of anybody and lives in memory.
type throttle struct {
	mu      sync.Mutex
	buckets map[string]*tries
}

type tries struct {
	failed int
	last   time.Time
	next   time.Time // no try before
}

func newThrottle() *throttle { return &throttle{buckets: map[string]*tries{}} }

// wait is how long the bucket must still wait; 0: try now.
func (t *throttle) wait(bucket string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.buckets[bucket]; b != nil && now.Before(b.next) {
		return b.next.Sub(now)
	}
	return 0
}

// start counts a try as failed before it is made, so that tries made at once count too.
func (t *throttle) start(bucket string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buckets[bucket]
	if b == nil || now.Sub(b.last) > forgetAfter {
		t.makeRoom(now)
		b = &tries{}
		t.buckets[bucket] = b
	}
	b.failed++
	b.last = now
	if n := b.failed - freeTries; n >= 0 {
		b.next = now.Add(min(firstWait<<min(n, 10), longestWait))
	}
}

func (t *throttle) succeeded(bucket string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.buckets, bucket)
}

// makeRoom bounds the memory that made-up names can take: first what is old, then whatever the map yields.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.buckets) < maxBuckets {
		return
	}
	for k, b := range t.buckets {
		if now.Sub(b.last) > longestWait {
			delete(t.buckets, k)
		}
	}
	for k := range t.buckets {
		if len(t.buckets) < maxBuckets {
			return
		}
		delete(t.buckets, k)
	}
}
