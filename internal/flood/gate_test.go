package flood

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/seal"
)

var (
	school = Network(netip.MustParseAddr("198.51.100.7"))
	home   = Network(netip.MustParseAddr("203.0.113.9"))
	onion  = Network(netip.MustParseAddr("127.0.0.1"))
)

// clocked is a Gate whose clock stands still until it is moved.
type clocked struct {
	*Gate
	t                  *testing.T
	now                time.Time
	waiting, newcomers int
}

func newGate(t *testing.T) *clocked {
	c := &clocked{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	c.Gate = New(Config{
		Tickets: seal.NewTicketKey(seal.NewDraftKey(seal.NewKey())), Now: func() time.Time { return c.now }, Cores: 2,
		Waiting: func(Kind) (int, int) { return c.waiting, c.newcomers },
	})
	return c
}

// asked asks to come in and says what has to be done first; nil: nothing.
func (c *clocked) asked(kind Kind, from netip.Prefix, pass string) *Demand {
	c.t.Helper()
	err := c.Enter(kind, from, pass)
	if err == nil {
		return nil
	}
	d, ok := IsDemand(err)
	if !ok {
		c.t.Fatal(err)
	}
	return d
}

// fill comes in from a network until it isn't free any more.
func (c *clocked) fill(from netip.Prefix) *Demand {
	c.t.Helper()
	for range 10_000 {
		if d := c.asked(Submission, from, ""); d != nil {
			return d
		}
	}
	c.t.Fatal("nothing was ever asked for")
	return nil
}

func (c *clocked) solve(d *Demand) string {
	c.t.Helper()
	pass, err := seal.Solve(d.Ticket, d.Work)
	if err != nil {
		c.t.Fatal(err)
	}
	return pass
}

func TestAQuietLineAsksForNothingAndAFloodOfOneNetworkIsItsOwnMatter(t *testing.T) {
	c := newGate(t)
	for i := range 30 {
		if d := c.asked(Submission, school, ""); d != nil {
			t.Fatalf("the %dth of a class: %+v", i+1, d)
		}
	}
	if c.asked(Submission, school, "") == nil {
		t.Fatal("the flood goes on for nothing")
	}
	if d := c.asked(Submission, home, ""); d != nil {
		t.Errorf("another network: %+v", d)
	}
	if d := c.asked(Lookup, school, ""); d != nil {
		t.Errorf("another kind: %+v", d)
	}
	c.now = c.now.Add(10 * time.Minute)
	if d := c.asked(Submission, school, ""); d != nil {
		t.Errorf("later: %+v", d)
	}
}

func TestWhoWorksComesInAtOnceAndOnce(t *testing.T) {
	c := newGate(t)
	d := c.fill(school)
	if d.Work != leastWork {
		t.Errorf("%d bits just past the limit", d.Work)
	}
	pass := c.solve(d)
	if c.asked(Lookup, school, pass) != nil { // of another kind: it is free there, and the pass stays whole
		t.Error("a lookup isn't free")
	}
	if d := c.asked(Submission, school, pass); d != nil {
		t.Fatalf("work was done: %+v", d)
	}
	if c.asked(Submission, school, pass) == nil {
		t.Error("a pass is good twice")
	}
}

func TestWhoWaitsComesInAndWhoComesTooEarlyKeepsTheirTime(t *testing.T) {
	c := newGate(t)
	d := c.fill(school)
	if d.Wait < leastWait || d.Wait > leastWait+2*time.Second {
		t.Errorf("wait %s", d.Wait)
	}
	c.now = c.now.Add(5 * time.Second)
	c.fill(school) // the flood goes on
	early := c.asked(Submission, school, d.Ticket)
	if early == nil || early.Ticket != d.Ticket || early.Wait != d.Wait-5*time.Second {
		t.Fatalf("too early: %+v after %+v", early, d)
	}
	c.now = c.now.Add(early.Wait)
	c.fill(school)
	if again := c.asked(Submission, school, d.Ticket); again != nil {
		t.Fatalf("waited: %+v", again)
	}
	if c.asked(Submission, school, d.Ticket) == nil {
		t.Error("a ticket is good twice")
	}
}

func TestATicketPastItsLifeOrOfAnotherLineIsWorthNothing(t *testing.T) {
	c := newGate(t)
	d := c.fill(school)
	c.now = c.now.Add(ticketLife + time.Second)
	c.fill(school)
	if c.asked(Submission, school, d.Ticket) == nil {
		t.Error("an old ticket is good")
	}
	other := newGate(t)
	other.now = c.now
	foreign := other.solve(other.fill(school))
	if c.asked(Submission, school, foreign) == nil {
		t.Error("another line's ticket is good")
	}
}

func TestATicketIsGoodAtAnotherPortalWhoseClockLiesALittleBehind(t *testing.T) {
	c := newGate(t)
	behind := New(Config{Tickets: c.cfg.Tickets, Now: func() time.Time { return c.now.Add(-3 * time.Second) }, Cores: 2})
	other := &clocked{Gate: behind, t: t}
	other.fill(school)
	if other.asked(Submission, school, c.solve(c.fill(school))) != nil {
		t.Error("who worked for one portal is asked again by the next")
	}
	ahead := c.cfg.Tickets.Sign(seal.Ticket{Purpose: byte(Submission), Issued: c.now.Add(time.Minute)})
	if c.asked(Submission, school, ahead+".1") == nil {
		t.Error("a ticket of a minute ahead is good")
	}
}

func TestThoseWhoWaitInAFloodedNetworkComeInAtARateAndTheOthersWaitALittleMore(t *testing.T) {
	c := newGate(t)
	var tickets []string
	c.fill(school)
	for range 500 {
		tickets = append(tickets, c.asked(Submission, school, "").Ticket)
	}
	c.now = c.now.Add(12 * time.Second)
	c.fill(school)
	in, later := 0, 0
	for _, ticket := range tickets {
		switch d := c.asked(Submission, school, ticket); {
		case d == nil:
			in++
		case d.Wait <= nextDraw+time.Second:
			later++
		}
	}
	// 120 by the network's measure, but all together take no more than 20 at one moment.
	if in != 20 || in+later != 500 {
		t.Errorf("%d came in, %d wait a little more", in, later)
	}
}

func TestAFloodOfManyNetworksMakesEverybodyWorkAndMoreForMore(t *testing.T) {
	c := newGate(t)
	var first *Demand
	free := 0
	for i := range 200 {
		from := Network(netip.AddrFrom4([4]byte{10, byte(i), 1, 1}))
		if d := c.asked(Submission, from, ""); d == nil {
			free++
		} else if first == nil {
			first = d
		}
	}
	if first == nil || free != 40 {
		t.Fatalf("%d came in for nothing at one moment", free)
	}
	work := first.Work
	for i := range 50 {
		from := Network(netip.AddrFrom4([4]byte{11, byte(i), 1, 1}))
		d := c.asked(Submission, from, "")
		if c.asked(Submission, from, c.solve(d)) != nil {
			t.Fatal("worked in vain")
		}
		work = max(work, d.Work)
	}
	if work != leastWork+1 {
		t.Errorf("twice as many: work of %d bits, at first %d", work, first.Work)
	}
	c.now = c.now.Add(time.Minute)
	if d := c.asked(Submission, home, ""); d != nil {
		t.Errorf("a minute later: %+v", d)
	}
}

func TestALineOfThoseWhoWaitForACoreAsksForWorkAtOnceAndALineOfNewcomersOfNewcomersToo(t *testing.T) {
	c := newGate(t)
	for range few {
		if d := c.asked(Submission, school, ""); d != nil {
			t.Fatal(d)
		}
	}
	for from, waiting := range map[netip.Prefix]*int{school: &c.waiting, onion: &c.waiting, home: &c.newcomers} {
		c.waiting, c.newcomers = 2, 2
		if from == home {
			c.waiting = 1000 // whom a newcomer doesn't wait for
		}
		if d := c.asked(Submission, from, ""); d != nil {
			t.Errorf("%s: one behind each core: %+v", from, d)
		}
		*waiting = 3
		if d := c.asked(Submission, from, ""); d == nil || d.Work != leastWork {
			t.Errorf("%s: %+v", from, d)
		}
		*waiting = 1000
		if d := c.asked(Submission, from, ""); d == nil || d.Work != leastWork || d.Wait > leastWait+time.Second {
			t.Errorf("%s: a long line makes the work harder: %+v", from, d)
		}
	}
}

func TestAFloodOfAFewNetworksAsksNothingOfNewcomers(t *testing.T) {
	c := newGate(t)
	in := 0
	for second := range 20 {
		for i := range 100 {
			if c.asked(Lookup, Network(netip.AddrFrom4([4]byte{198, 51, byte(i % 4), 9})), "") == nil {
				in++
			}
		}
		for i := range 5 {
			from := Network(netip.AddrFrom4([4]byte{100, byte(second), byte(i), 7}))
			if d := c.asked(Lookup, from, ""); d != nil {
				t.Fatalf("after %d s: %+v", second, d)
			}
		}
		c.now = c.now.Add(time.Second)
	}
	if c.Party(Network(netip.MustParseAddr("198.51.1.1"))).New || !c.Party(home).New || c.Party(onion).New {
		t.Error("newcomers are the wrong ones")
	}
	if in > 4*30+20 {
		t.Errorf("%d of the flood came in", in)
	}
}

func TestVisitorsOfAnOnionServiceShareMoreThanOneNetworksMeasure(t *testing.T) {
	c := newGate(t)
	for range 2 {
		for i := range 30 {
			if d := c.asked(Submission, onion, ""); d != nil {
				t.Fatalf("the %dth: %+v", i+1, d)
			}
		}
		c.fill(onion)
		c.now = c.now.Add(5 * time.Minute)
	}
	c.fill(onion)
	if d := c.asked(Submission, home, ""); d != nil {
		t.Errorf("a flood through the onion service keeps others out: %+v", d)
	}
}

func TestACrowdHearsOneAfterAnotherThatItHasToWaitAndOthersAtOnce(t *testing.T) {
	c := newGate(t)
	c.waiting, c.newcomers = 10, 10 // so that everybody works
	var last time.Duration
	for i := range 1500 {
		d := c.asked(Lookup, school, "")
		if i < 30 && d.Pause > 0 {
			t.Fatalf("the %dth of a class hears it after %s", i+1, d.Pause)
		}
		if d.Pause < last || d.Pause > last+2*time.Millisecond {
			t.Fatalf("the %dth hears it after %s, the one before after %s", i+1, d.Pause, last)
		}
		last = d.Pause
	}
	if last != 2*time.Second {
		t.Errorf("the last of a crowd hears it after %s", last)
	}
	if d := c.asked(Lookup, home, ""); d.Pause > 0 {
		t.Errorf("somebody beside the crowd hears it after %s", d.Pause)
	}
	c.waiting, c.newcomers = 0, 0
	if d := c.asked(Lookup, home, ""); d != nil {
		t.Errorf("somebody beside the crowd works: %+v", d)
	}
	c.now = c.now.Add(time.Second)
	if d := c.asked(Lookup, school, ""); d == nil || d.Pause < 900*time.Millisecond || d.Pause > 1100*time.Millisecond {
		t.Errorf("a second later one of it hears it after %s", d.Pause)
	}
	c.now = c.now.Add(90 * time.Second)
	if d := c.asked(Lookup, school, ""); d != nil {
		t.Errorf("a minute and a half after the crowd: %+v", d)
	}
}

func TestWhoLooksAddsSomethingAndLooksAgainIsANewcomerEachTimeAndThenNoMore(t *testing.T) {
	c := newGate(t)
	for i := range few + 1 {
		if d := c.asked(Lookup, home, ""); d != nil {
			t.Fatalf("%+v", d)
		}
		if isNew := c.Party(home).New; isNew != (i < few) {
			t.Errorf("let in %d times: new %v", i+1, isNew)
		}
	}
}

func TestNetworksAreCountedUnderAKeyOfOneHour(t *testing.T) {
	c := newGate(t)
	before := c.Party(school)
	if before.ID == 0 || before.ID == c.Party(home).ID || before != c.Party(Network(netip.MustParseAddr("198.51.100.200"))) {
		t.Error("a /24 is not one party")
	}
	if before.Alike || !c.Party(onion).Alike || !c.Party(netip.Prefix{}).Alike {
		t.Error("who can't be told apart are the wrong ones")
	}
	key := slices.Clone(c.key)
	c.fill(school)
	c.now = c.now.Add(keyLife)
	if c.Party(school) == before || slices.Equal(key, c.key) || len(c.kinds[Submission].networks) != 0 {
		t.Error("the key and what was counted under it outlived their hour")
	}
	c.now = c.now.Add(-2 * keyLife) // the clock was set back
	c.Party(school)
	if !c.since.Equal(c.now) {
		t.Error("a clock set back lengthens a key's life")
	}
}

func TestTheMemoryOfAGateIsBoundedAndNoTicketIsGoodTwice(t *testing.T) {
	c := newGate(t)
	for i := range 3 * maxNetworks {
		var a [16]byte
		a[0], a[1], a[2], a[3], a[4] = 0x20, 1, byte(i>>16), byte(i>>8), byte(i)
		c.asked(Submission, Network(netip.AddrFrom16(a)), "")
	}
	if n := len(c.kinds[Submission].networks); n > maxNetworks {
		t.Errorf("%d networks are remembered", n)
	}
	var s spent
	var first seal.Ticket
	for i := range 3 * maxSpent {
		ticket := seal.Ticket{Issued: c.now, ID: [16]byte{byte(i), byte(i >> 8), byte(i >> 16)}}
		if i == 0 {
			first = ticket
		}
		c.now = c.now.Add(time.Millisecond)
		s.spend(ticket, c.now)
		if s.open(ticket, c.now) {
			t.Fatal("a ticket is good twice")
		}
	}
	if n := len(s.young) + len(s.old); n > 2*maxSpent {
		t.Errorf("%d tickets are remembered", n)
	}
	if s.open(first, c.now) {
		t.Error("a forgotten ticket is good again")
	}
}

func TestANetworkIsNeverOneAddress(t *testing.T) {
	for address, want := range map[string]string{
		"198.51.100.7": "198.51.100.0/24", "::ffff:198.51.100.7": "198.51.100.0/24", "2001:db8:1:2:3::4": "2001:db8:1::/48",
		"127.0.0.9": "127.0.0.0/8", "::1": "::/8", "fe80::1%eth0": "fe80::/48",
	} {
		if got := Network(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%s is counted as %s", address, got)
		}
	}
	if Network(netip.Addr{}).IsValid() {
		t.Error("no address is a network")
	}
}

func TestAGateThatIsLiftedLetsEverythingIn(t *testing.T) {
	var g *Gate
	for range 1000 {
		if err := g.Enter(Submission, school, "anything"); err != nil {
			t.Fatal(err)
		}
	}
	if g.Party(school) != (seal.Party{}) || g.Figures() != nil {
		t.Error("it counts")
	}
}

func TestFiguresTellWhatCameInByWhichWay(t *testing.T) {
	c := newGate(t)
	d := c.fill(school)
	c.asked(Submission, school, c.solve(d))
	got := map[string]uint64{}
	for _, f := range c.Figures() {
		got[fmt.Sprint(f.Kind, " ", f.Way)] = f.Read()
	}
	if got["submission free"] != 30 || got["submission work"] != 1 || got["submission "] != 1 || got["lookup free"] != 0 || len(got) != 12 {
		t.Errorf("%v", got)
	}
}
