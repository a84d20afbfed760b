package sound_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// talker is a Leg whose other end says the frames 1, 2, 3 … one a tick, and writes down what it hears.
type talker struct {
	tick  time.Duration
	last  int            // after how many steps it hangs up; 0: never
	keys  map[int]string // what it presses, by step
	stall map[int]time.Duration

	mu    sync.Mutex
	step  int
	heard []int // the numbers of the frames, 0 for silence
}

func (t *talker) Step(out *sound.Frame) (*sound.Frame, string, error) {
	time.Sleep(t.tick + t.stall[t.step])
	t.mu.Lock()
	defer t.mu.Unlock()
	heard := 0
	if out != nil {
		heard = int(out[0])
	}
	t.heard = append(t.heard, heard)
	t.step++
	if t.last > 0 && t.step > t.last {
		return nil, "", io.EOF
	}
	var in sound.Frame
	in[0] = int16(t.step)
	return &in, t.keys[t.step], nil
}

func TestABridgeCarriesSoundAndKeysBothWaysUntilOneSideHangsUp(t *testing.T) {
	a := &talker{tick: 2 * time.Millisecond, keys: map[int]string{3: "1", 9: "#"}}
	b := &talker{tick: 2 * time.Millisecond, last: 100, keys: map[int]string{5: "42"}}
	pressed := map[sound.Side]string{}
	ended, err := sound.Bridge(context.Background(), a, b, func(by sound.Side, keys string) { pressed[by] += keys })
	if ended != sound.Second || err != nil {
		t.Errorf("it ended by %v, %v", ended, err)
	}
	if pressed[sound.First] != "1#" || pressed[sound.Second] != "42" {
		t.Errorf("the keys %v were heard", pressed)
	}
	for _, side := range []*talker{a, b} {
		arrived, last := 0, 0
		for _, frame := range side.heard {
			if frame == 0 {
				continue
			}
			if frame <= last {
				t.Fatalf("frame %d was heard after %d", frame, last)
			}
			arrived, last = arrived+1, frame
		}
		if arrived < 80 {
			t.Errorf("%d of 100 frames were heard", arrived)
		}
	}
	if _, _, err := a.Step(nil); err != nil {
		t.Errorf("the side that lives can't go on: %v", err)
	}
}

// One side is busy for as long as 30 frames: what it missed is not played late to it for the rest of the call.
func TestTheDelayOfABridgeDoesNotGrow(t *testing.T) {
	a := &talker{tick: 2 * time.Millisecond}
	b := &talker{tick: 2 * time.Millisecond, last: 60, stall: map[int]time.Duration{10: 60 * time.Millisecond}}
	if _, err := sound.Bridge(context.Background(), a, b, nil); err != nil {
		t.Fatal(err)
	}
	if said, heard := a.step, b.heard[len(b.heard)-1]; said-heard > 6 { // two wait, and the machine may be busy in between
		t.Errorf("the first side said frame %d when the second heard %d", said, heard)
	}
}

func TestABridgeEndsWithItsContextAndTellsALineThatStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	a, b := &talker{tick: time.Millisecond, keys: map[int]string{4: "9"}}, &talker{tick: time.Millisecond}
	ended, err := sound.Bridge(ctx, a, b, func(sound.Side, string) { cancel() })
	if ended != sound.Neither || !errors.Is(err, context.Canceled) {
		t.Errorf("it ended by %v, %v", ended, err)
	}
	ended, err = sound.Bridge(context.Background(), stopping{}, b, nil)
	if ended != sound.First || !errors.Is(err, context.Canceled) {
		t.Errorf("while the line stops it ended by %v, %v", ended, err)
	}
}

// stopping is a Leg of a line that stops.
type stopping struct{}

func (stopping) Step(*sound.Frame) (*sound.Frame, string, error) { return nil, "", context.Canceled }
