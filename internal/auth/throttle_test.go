package auth

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

func TestNobodyCanTakeTheOwnersTurnByAskingFirst(t *testing.T) {
	throttle, name := newThrottle(), strangers(firstStep, "amira")
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	let := 0
	attack := func(from, to time.Duration) {
		for at := from; at < to; at += 500 * time.Millisecond { // always before the owner, whenever that is
			if throttle.draw(firstStep, name, now.Add(at)) == 0 {
				let++
			}
		}
	}
	attack(0, time.Hour)
	if let < 200 || let > 600 { // about six a minute
		t.Errorf("%d guesses of an hour's were let in", let)
	}
	for ask := 1; ; ask++ {
		at := time.Hour + time.Duration(ask)*strangeWait
		attack(at-strangeWait, at)
		if throttle.draw(firstStep, name, now.Add(at)) == 0 {
			break
		}
		if ask == 400 { // at one in twenty: once in 10⁹ runs of this test
			t.Fatal("a guesser at two tries a second keeps the owner out")
		}
	}
}

func TestAGuessEveryHalfMinuteKeepsNobodyOut(t *testing.T) {
	throttle, name := newThrottle(), strangers(firstStep, "amira")
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for range 120 {
		now = now.Add(30 * time.Second)
		throttle.draw(firstStep, name, now)
		if wait := throttle.draw(firstStep, name, now); wait > 0 {
			t.Fatalf("the owner waits %v", wait)
		}
		throttle.forgive(name) // who was right
	}
}

func TestTriesMadeAtOnceAllCount(t *testing.T) {
	throttle, now := newThrottle(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var let atomic.Int32
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if throttle.try(known(firstStep, "mark"), now) == 0 {
				let.Add(1)
			}
		})
	}
	group.Wait()
	if let.Load() != freeTries {
		t.Errorf("%d of 200 tries at once were let in, want %d", let.Load(), freeTries)
	}
}

func TestAKnownBrowsersWaitDoublesToHalfAMinuteAndIsForgotten(t *testing.T) {
	throttle, now := newThrottle(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	mark := known(firstStep, "mark")
	for range freeTries {
		if wait := throttle.try(mark, now); wait > 0 {
			t.Fatalf("a free try waits %v", wait)
		}
	}
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		want *= time.Second
		if wait := throttle.try(mark, now); wait != want {
			t.Fatalf("the wait is %v, want %v", wait, want)
		}
		now = now.Add(want)
		if wait := throttle.try(mark, now); wait > 0 {
			t.Fatalf("after the wait it is %v", wait)
		}
	}
	if wait := throttle.try(mark, now.Add(-24*time.Hour)); wait > longestWait {
		t.Errorf("a clock set back makes the wait %v", wait)
	}
	now = now.Add(forgetAfter + time.Second)
	for range freeTries {
		if wait := throttle.try(mark, now); wait > 0 {
			t.Fatalf("an hour later it is %v", wait)
		}
	}
}

func TestAFloodOfMadeUpNamesDoesNotWipeOutWhatIsKnownOfOne(t *testing.T) {
	throttle, now := newThrottle(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for range 100 {
		throttle.draw(firstStep, strangers(firstStep, "amira"), now)
	}
	for range 3 * maxBuckets {
		throttle.draw(firstStep, strangers(firstStep, string(heed.NewID(now))), now)
	}
	if n := len(throttle.buckets); n > maxBuckets {
		t.Errorf("%d buckets", n)
	}
	if throttle.buckets[strangers(firstStep, "amira")] == nil {
		t.Error("the guesses at one name are forgotten")
	}
}

func TestABrowserStaysKnownOnAnotherNodeAndAfterAnotherStartButToItsNameAlone(t *testing.T) {
	key := seal.NewKey()
	mark := New(Config{Browsers: key}).KnownBrowser("", " amira")
	other := New(Config{Browsers: key})
	if !other.knows(mark, "amira") {
		t.Error("the mark is worth nothing to another process")
	}
	if mark == other.KnownBrowser("", "amira") {
		t.Error("two browsers have one mark")
	}
	if !other.IsKnownBrowser(mark) || !other.IsKnownBrowser(other.KnownBrowser(mark, "bo")) {
		t.Error("a browser of the line passes for a strange one")
	}
	strange := NewBrowser()
	for name, known := range map[string]bool{
		"no mark, of anybody's": other.IsKnownBrowser(""), "a new one": other.IsKnownBrowser(strange), "two dots": other.IsKnownBrowser(strange + ".."),
		"another's proofs": other.IsKnownBrowser(strange + mark[len(strange):]), "another line's": New(Config{}).IsKnownBrowser(mark),
		"more proofs": other.knows(mark+".x", "amira"), "fewer proofs": other.knows(mark[:strings.LastIndex(mark, ".")], "amira"),
		"another's name": other.knows(mark, "bo"), "no mark": other.knows("", "amira"), "half a mark": other.knows(mark[:10], "amira"),
		"a longer mark": other.knows("x"+mark, "amira"), "another line": New(Config{}).knows(mark, "amira"),
	} {
		if known {
			t.Errorf("%s passes", name)
		}
	}
}

func TestInAStolenBrowserCodesAreGuessedAsSlowlyAsByStrangers(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now := start
	s := New(Config{Now: func() time.Time { return now }})
	mark, guesses := s.KnownBrowser("", "amira"), 0
	for now.Sub(start) < 24*time.Hour {
		tries, wait := s.guess(secondStep, "amira", mark, "amira's id")
		if wait == 0 {
			guesses++
			s.judge(tries, heed.ErrForbidden)
		}
		now = now.Add(wait)
	}
	if guesses > 240 {
		t.Errorf("%d codes are tried in a day, and strangers try 240", guesses)
	}
}
