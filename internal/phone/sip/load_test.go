package sip

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// manyCalls is how many calls are made at once: with HEED_SOAK=on as many as a hotline may have.
func manyCalls() int {
	if os.Getenv("HEED_SOAK") == "on" {
		return 500
	}
	return 100
}

func TestManyCallsAtOnceHearNothingOfEachOther(t *testing.T) {
	var r record
	n := manyCalls()
	s := answering(t, Config{Handler: r.echo, Calls: n})
	phones, said, whose := make([]*phone, n), make([][]sound.Frame, n), map[sound.Frame]int{}
	for i := range phones {
		phones[i] = newPhone(t, s, "udp")
		said[i] = spokenBy(uint64(i), 25)
		for _, f := range pressed(phones[i].law, said[i]) {
			whose[f] = i
		}
	}
	var callers sync.WaitGroup
	var own atomic.Int64
	for i, p := range phones {
		p.call(p.sdp())
		callers.Go(func() {
			go p.say(said[i])
			for _, f := range p.hear(60, 30*time.Second) {
				if by, ok := whose[f]; ok && by != i {
					t.Errorf("caller %d heard caller %d", i, by)
				} else if ok {
					own.Add(1)
				}
			}
		})
	}
	callers.Wait()
	if all := int64(25 * n); own.Load() < all/4 { // callers and line share two cores: some of it comes too late
		t.Errorf("callers heard %d of %d frames of their own", own.Load(), all)
	}
	for _, p := range phones {
		p.hangUp()
	}
	eventually(t, "all lines are free", func() bool { return s.Calls() == 0 })
}
