package auth

import (
	"crypto/sha256"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/heed-line/heed"
)

// The throttle's measures.
const (
	// A known browser, or who is signed in: four free tries, then a wait that doubles from a second to half a minute,
	// forgotten after an hour without a try.
	freeTries   = 4
	firstWait   = time.Second
	longestWait = 30 * time.Second
	forgetAfter = time.Hour
	// For a one-time code: in a stolen browser whoever knows the passphrase must not have a hundred tries an hour.
	longestCodeWait = 15 * time.Minute

	// Strange browsers, for one name together: six tries within about a minute; those that ask more often draw lots.
	strangeTries = 6
	strangeSpan  = time.Minute
	strangeWait  = 5 * time.Second // until it is worth drawing again

	maxBuckets = 10_000
)

// throttle slows guessing at one account. It keeps no address of anybody, only hashes of names, and lives in memory.
//
// A browser that signed in to the account before has a bucket of its own, so nobody else's guesses touch it. Strange
// browsers share the account's bucket: beyond what is free each of their tries is let in by lot, at odds that keep all of
// them together to a few tries a minute however many ask. Whoever asks at the right moment gains nothing by it: there is no
// slot to take from the owner, who on a new device gets in among a stranger's guesses after drawing a few times.
type throttle struct {
	mu      sync.Mutex
	buckets map[bucket]*tries
}

// bucket names what is counted together.
type bucket [sha256.Size]byte

// guessing is what somebody guesses at.
type guessing byte

const (
	firstStep  guessing = iota // a passphrase
	secondStep                 // a one-time code, by who knows the passphrase
	recovering                 // a recovery code
)

// rate is how many tries strange browsers together have within about the span. A one-time code has six digits of which
// three are right, so it is let in more slowly: at ten tries an hour it takes years to find one.
func (g guessing) rate() (tries float64, span time.Duration) {
	if g == secondStep {
		return 10, time.Hour
	}
	return strangeTries, strangeSpan
}

// longest is the longest wait between two tries of a known browser.
func (g guessing) longest() time.Duration {
	if g == secondStep {
		return longestCodeWait
	}
	return longestWait
}

// strangers is the bucket of the strange browsers that try a name, or an account.
func strangers(g guessing, name string) bucket {
	return sha256.Sum256([]byte("strange\x00" + string(rune(g)) + name))
}

// known is the bucket of one known browser, by its mark.
func known(g guessing, mark string) bucket {
	return sha256.Sum256([]byte("known\x00" + string(rune(g)) + mark))
}

// halves is the bucket of one half of a sign-in.
func halves(hash []byte) bucket { return sha256.Sum256(append([]byte("half\x00"), hash...)) }

// own is the bucket of a signed-in account that changes its passphrase.
func own(account string) bucket { return sha256.Sum256([]byte("own\x00" + account)) }

// tries is what a bucket remembers: count is of tries that failed, for strangers of tries asked for, fading over
// span.
type tries struct {
	count float64
	last  time.Time
	span  time.Duration
}

func newThrottle() *throttle { return &throttle{buckets: map[bucket]*tries{}} }

// try asks for one try and counts it as failed before it is made, in one step, so that tries made at once count too.
// 0: try now. Otherwise it is how long to wait before asking again.
func (t *throttle) try(k bucket, now time.Time) time.Duration {
	return t.tryWithin(longestWait, k, now)
}

// tryWithin is try with a longest wait of the caller's.
func (t *throttle) tryWithin(longest time.Duration, k bucket, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.at(k, now)
	if now.Before(b.last) { // the clock was set back
		b.last = now
	}
	if now.Sub(b.last) > forgetAfter {
		b.count = 0
	}
	if n := int(b.count) - freeTries; n >= 0 {
		wait := min(firstWait<<min(n, 10), longest)
		if next := b.last.Add(wait); now.Before(next) {
			return next.Sub(now)
		}
	}
	b.count++
	b.last = now
	return 0
}

// draw is try for strange browsers.
func (t *throttle) draw(g guessing, k bucket, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	tries, span := g.rate()
	b := t.at(k, now)
	b.span = span
	b.fade(now)
	b.count++
	if b.count*rand.Float64() >= tries {
		return strangeWait
	}
	return 0
}

// fade lets what was asked for a while ago count less.
func (b *tries) fade(now time.Time) {
	if past := now.Sub(b.last); past > 0 {
		b.count *= math.Exp(-past.Seconds() / b.span.Seconds())
		b.last = now
	}
}

// at is the bucket's tries, made where there are none.
func (t *throttle) at(k bucket, now time.Time) *tries {
	b := t.buckets[k]
	if b == nil {
		t.makeRoom(now)
		b = &tries{last: now}
		t.buckets[k] = b
	}
	return b
}

// spent counts a try of something that has only so many, and reports whether there were more.
func (t *throttle) spent(k bucket, limit float64, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.at(k, now)
	b.count++
	b.last = now
	return b.count > limit
}

// forgive takes back a try that came to no answer: the machine had no room, or the asker had gone.
func (t *throttle) forgive(k bucket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.buckets[k]; b != nil {
		b.count = max(b.count-1, 0)
	}
}

// succeeded forgets the tries of a browser that proved whose it is.
func (t *throttle) succeeded(k bucket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.buckets, k)
}

// turn is one try that the throttle let in.
type turn struct {
	bucket   bucket
	familiar bool
}

// guess asks for a try at what belongs to the name. who is what is guessed at, which for a second step is the account's id.
func (s *Service) guess(g guessing, name, browser, who string) (turn, time.Duration) {
	if s.knows(browser, name) {
		k := known(g, browser)
		return turn{k, true}, s.throttle.tryWithin(g.longest(), k, s.now())
	}
	k := strangers(g, who)
	return turn{k, false}, s.throttle.draw(g, k, s.now())
}

// judge ends a turn by what came of it: a wrong guess counts, a right one of a familiar browser ends its waiting, and what
// came to no answer counts for nothing.
func (s *Service) judge(t turn, err error) {
	var half *SecondStep
	switch right := err == nil || errors.As(err, &half); {
	case right && t.familiar:
		s.throttle.succeeded(t.bucket)
	case !errors.Is(err, heed.ErrForbidden):
		s.throttle.forgive(t.bucket)
	}
}

// makeRoom bounds the memory that made-up names can take: first what is old goes, then what was hardly tried, so that a
// flood of names doesn't wipe out what is known of one under attack, then whatever the map yields.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.buckets) < maxBuckets {
		return
	}
	for _, lesser := range []func(*tries) bool{
		func(b *tries) bool { return now.Sub(b.last) > 5*max(b.span, strangeSpan) },
		func(b *tries) bool { return b.count < freeTries },
		func(*tries) bool { return true },
	} {
		for k, b := range t.buckets {
			if lesser(b) {
				delete(t.buckets, k)
			}
			if len(t.buckets) < maxBuckets*9/10 {
				return
			}
		}
	}
}
