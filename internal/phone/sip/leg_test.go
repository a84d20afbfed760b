package sip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// lonely is a leg with nobody at its other end; lost says that it gave the call up.
func lonely(t *testing.T, agreed terms) (l *leg, lost *bool) {
	t.Helper()
	ports, err := openPair(netip.MustParseAddr("127.0.0.1"), 20000, 29999)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ports.close)
	lost = new(bool)
	l = newLeg(context.Background(), make(chan struct{}), func() { *lost = true }, ports, func(netip.Addr) bool { return true })
	l.agreed.Store(&agreed)
	return l, lost
}

func TestACallWithoutSoundEndsAfterAMinuteAndAHeldOneAfterTen(t *testing.T) {
	to := netip.MustParseAddrPort("127.0.0.1:9")
	l, lost := lonely(t, terms{to: to, events: noEvents, speaks: true, hears: true})
	if _, _, err := l.Step(nil); err != nil {
		t.Fatal(err)
	}
	l.heardAt = l.heardAt.Add(-59 * time.Second)
	if _, _, err := l.Step(nil); err != nil || *lost {
		t.Fatalf("after 59 seconds: %v", err)
	}
	l.heardAt = l.heardAt.Add(-2 * time.Second)
	if _, _, err := l.Step(nil); !errors.Is(err, io.EOF) || !*lost {
		t.Errorf("after 61 seconds: %v", err)
	}

	l, lost = lonely(t, terms{to: to, events: noEvents, speaks: true})
	time.AfterFunc(60*time.Millisecond, func() { l.agreed.Store(&terms{to: to, events: noEvents, speaks: true, hears: true}) })
	if _, _, err := l.Step(nil); err != nil || *lost || l.heldAt != (time.Time{}) {
		t.Fatalf("a held call that is resumed: %v", err)
	}
	l.agreed.Store(&terms{to: to, events: noEvents, speaks: true})
	if err := l.turn(nil); err != nil {
		t.Fatal(err)
	}
	l.heldAt = l.heldAt.Add(-holdPatience)
	if _, _, err := l.Step(nil); !errors.Is(err, io.EOF) || !*lost {
		t.Errorf("after ten minutes of hold: %v", err)
	}
}

func TestWhoStepsLateCatchesUpAndWhoWasAwayGoesOnFromNow(t *testing.T) {
	l, _ := lonely(t, terms{events: noEvents, speaks: true, hears: true})
	if _, _, err := l.Step(nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		late  time.Duration
		least int // frames by which time goes on
	}{{5 * sound.FrameTime, 1}, {1000 * sound.FrameTime, 1000}} {
		l.due = l.due.Add(-c.late)
		stamp, due := l.timestamp, l.due
		if _, _, err := l.Step(nil); err != nil {
			t.Fatal(err)
		}
		steps := int(l.timestamp-stamp) / sound.FrameSamples
		if on := int(l.due.Sub(due) / sound.FrameTime); steps < c.least || on != steps || c.least == 1 && steps > 1 && steps <= int(behind/sound.FrameTime) {
			t.Errorf("%v late, time went on by %d frames, and what is due by %d", c.late, steps, on)
		}
	}
}

func TestALegThatIsPrintedSaysNothingOfTheCaller(t *testing.T) {
	l, _ := lonely(t, terms{})
	for _, format := range []string{"%v", "%+v", "%s"} {
		if got := fmt.Sprintf(format, l); strings.Contains(got, "canary") || got != "a call" {
			t.Errorf("%s prints %.60q", format, got)
		}
	}
}
