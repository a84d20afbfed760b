package seal_test

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/seal"
)

// lookups are a portal's of two cores: its gate, the line of its pool and derivations of which each takes a moment of a
// clock that runs only while everybody waits.
type lookups struct {
	t    *testing.T
	gate *flood.Gate
	line seal.Line
}

const derivation = 25 * time.Millisecond

// look derives once for a network and answers how long it took; false where work is asked for first.
func (l *lookups) look(from netip.Prefix) (time.Duration, bool) {
	begun := time.Now()
	if err := l.gate.Enter(flood.Lookup, from, ""); err != nil {
		return 0, false
	}
	if err := l.line.Enter(seal.WithParty(l.t.Context(), func() seal.Party { return l.gate.Party(from) })); err != nil {
		l.t.Error(err)
		return 0, false
	}
	defer l.line.Leave()
	time.Sleep(derivation)
	return time.Since(begun), true
}

// asked is what the least work takes a slow phone.
const asked = 250 * time.Millisecond

// people look five times a second, each from a network of their own, and answer how long the slowest but one in twenty took.
func (l *lookups) people(seconds int, first byte) (p95 time.Duration) {
	var mu sync.Mutex
	var took []time.Duration
	var group sync.WaitGroup
	for n := range 5 * seconds {
		group.Go(func() {
			time.Sleep(time.Duration(n)*time.Second/5 + time.Duration(n*7%25)*time.Millisecond)
			d, in := l.look(netip.MustParsePrefix(fmt.Sprintf("100.%d.%d.0/24", first, n)))
			if !in { // in the moment in which the flood's networks are newcomers themselves
				d = asked
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, d)
		})
	}
	group.Wait()
	slices.Sort(took)
	return took[len(took)*95/100]
}

func TestAThousandWrongReceiptsAtOnceAtMostDoubleWhatOthersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lookups{t: t, line: seal.NewLine(1, 128)}
		l.gate = flood.New(flood.Config{
			Tickets: seal.NewTicketKey(seal.NewDraftKey(seal.NewKey())), Now: time.Now, Cores: 2,
			Waiting: func(flood.Kind) (int, int) { return l.line.Waiting() },
		})
		quiet := l.people(20, 64)
		var group sync.WaitGroup
		var mu sync.Mutex
		derived := 0
		for n := range 1000 {
			group.Go(func() {
				from := netip.MustParsePrefix(fmt.Sprintf("198.51.%d.0/24", 100+n%4))
				for range 20 { // whoever is shed tries again
					if _, in := l.look(from); in {
						mu.Lock()
						derived++
						mu.Unlock()
					}
					time.Sleep(time.Second)
				}
			})
		}
		crowded := l.people(20, 65)
		group.Wait()
		if quiet != derivation || crowded > 2*quiet {
			t.Errorf("in quiet %s, among a thousand %s", quiet, crowded)
		}
		if derived < 1 || derived > 4*30 { // who comes in afterwards has worked or waited
			t.Errorf("%d of the thousand were looked up", derived)
		}
		t.Logf("in quiet %s, among a thousand %s; %d of theirs were looked up", quiet, crowded, derived)
	})
}
