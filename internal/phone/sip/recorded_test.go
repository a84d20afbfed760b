package sip

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/heed-line/heed/internal/phone/sound"
)

// headers receives packets until one has the sound, and gives the headers of all.
func (p *phone) headers(until sound.Frame) (all []rtp.Header) {
	p.t.Helper()
	b := make([]byte, 1600)
	p.rtp.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		n, _, err := p.rtp.ReadFromUDPAddrPort(b)
		if err != nil {
			p.t.Fatal("the sound never came")
		}
		var packet rtp.Packet
		if err := packet.Unmarshal(b[:n]); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, packet.Header)
		var f sound.Frame
		if p.law.Decode(f[:0], packet.Payload); f == until {
			return all
		}
	}
}

// recording is a handler that says a frame, records for so many frames at the least and until all is said, and says another one.
func recording(frames int, begun chan<- struct{}, said <-chan struct{}, first, last sound.Frame, heard chan<- []sound.Frame, keys chan<- string) func(context.Context, sound.Leg) {
	return func(_ context.Context, l sound.Leg) {
		var all []sound.Frame
		pressed := ""
		step := func(out *sound.Frame) bool {
			in, key, err := l.Step(out)
			if err != nil {
				return false
			}
			all, pressed = append(all, *in), pressed+key
			return true
		}
		step(&first)
		l.(*leg).Recorded(true)
		close(begun)
		for n, saying := 0, true; n < frames || saying; n++ {
			if !step(nil) {
				break
			}
			select {
			case <-said:
				said, saying = nil, false
				frames = max(frames, n+2*together) // until the last of it is read
			default:
			}
		}
		for in, more := l.(*leg).Remains(); more; in, more = l.(*leg).Remains() {
			all = append(all, *in)
		}
		l.(*leg).Recorded(false)
		step(&last)
		heard <- all
		keys <- pressed
		for step(nil) {
		}
	}
}

func TestACallThatIsRecordedIsHeardWholeAndSentLittleSilence(t *testing.T) {
	t.Parallel()
	const frames = 160
	ends := pressed(sound.ALaw, spokenBy(9, 2))
	for name, c := range map[string]struct {
		lines  []string
		steady bool // all of the silence is sent
	}{
		"silence may be left out":     {nil, false},
		"silence is wanted":           {[]string{"a=silenceSupp:off - - - -"}, true},
		"silence needn't be wanted":   {[]string{"a=silenceSupp:on - - - -"}, false},
		"nothing is said of the kind": {[]string{"a=ptime:20"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard, keys, begun, done := make(chan []sound.Frame, 1), make(chan string, 1), make(chan struct{}), make(chan struct{})
			s := answering(t, Config{Handler: recording(frames, begun, done, ends[0], ends[1], heard, keys)})
			p := newPhone(t, s, "udp")
			p.call(p.sdp(c.lines...))
			said := spoken(100)
			go func() {
				defer close(done)
				<-begun
				p.say(said[:60])
				p.press("#")
				p.stamp += sound.FrameSamples
				p.say(said[60:])
			}()
			all := p.headers(ends[1])
			gone := int(all[len(all)-1].Timestamp-all[0].Timestamp) / sound.FrameSamples
			if silent, least := len(all)-2, 10; silent < least || !c.steady && silent > least+1+gone/50 || c.steady && silent < gone/2 {
				t.Errorf("%d packets of silence came in %d frames", silent, gone)
			}
			for i, h := range all[1:] {
				before := all[i]
				passed := (h.Timestamp - before.Timestamp) / sound.FrameSamples
				if h.SequenceNumber != before.SequenceNumber+1 || passed == 0 || h.Marker != (passed > 1) {
					t.Errorf("packet %d after packet %d, %d frames later, begins anew: %v", h.SequenceNumber, before.SequenceNumber, passed, h.Marker)
				}
			}
			if gone < frames-len(said) { // what came in a burst is handed on in no time
				t.Errorf("time went on by %d frames of %d", gone, frames)
			}
			if n, ordered := found(pressed(sound.ALaw, said), <-heard); n != len(said) || !ordered {
				t.Errorf("%d of %d frames were heard, in order: %v", n, len(said), ordered)
			}
			if got := <-keys; got != "#" {
				t.Errorf("the keys %q were heard", got)
			}
		})
	}
}

// resting plays frames that are taken in five at a time until a step, and then one at a time; each comes so many frames late.
func resting(frames []sound.Frame, until int, late func(i int) int) (out []sound.Frame) {
	var j jitter
	j.rest(true)
	came := 0
	for step := range len(frames) {
		by := step
		switch {
		case step == until:
			j.rest(false)
		case step < until && step%together == 0:
			by = step + together - 1
		case step < until:
			by = -1
		}
		for ; came < len(frames) && came+late(came) <= by; came++ {
			j.put(frames[came][:], uint32(came*sound.FrameSamples), uint16(came))
		}
		var f sound.Frame
		j.next(&f)
		out = append(out, f)
	}
	return out
}

func TestWhatIsTakenInTogetherIsPlayedAsItWasSpoken(t *testing.T) {
	frames := spoken(600)
	if out := resting(frames, 400, func(int) int { return 0 }); !slices.Equal(out[2:400], frames[:398]) || !slices.Equal(out[402:], frames[400:598]) {
		t.Error("what was played isn't what was spoken, two frames later")
	}
	// From frame 100 on all come two seconds late, and from frame 300 on in time again: it is waited for them.
	out := resting(frames, 600, func(i int) int {
		if i < 100 || i >= 300 {
			return 0
		}
		return 100
	})
	if n, ordered := found(frames[:490], out); n != 490 || !ordered {
		t.Errorf("%d of 490 frames that come late were played, in order: %v", n, ordered)
	}
	// A packet that comes again is played once, whenever it comes.
	var j jitter
	j.rest(true)
	times := map[sound.Frame]int{}
	for step := range 300 {
		for _, i := range []int{step, step - 30, step - 3} {
			if i >= 0 {
				j.put(frames[i][:], uint32(i*sound.FrameSamples), uint16(i))
			}
		}
		var f sound.Frame
		j.next(&f)
		times[f]++
	}
	for i := range 200 {
		if times[frames[i]] != 1 {
			t.Fatalf("frame %d was played %d times", i, times[frames[i]])
		}
	}
}

func TestWhoHangsUpWhileTheyAreRecordedIsHeardToTheLastPacket(t *testing.T) {
	t.Parallel()
	heard, begun := make(chan []sound.Frame, 1), make(chan struct{})
	s := answering(t, Config{Handler: func(_ context.Context, l sound.Leg) {
		var all []sound.Frame
		l.(*leg).Recorded(true)
		close(begun)
		for in, _, err := l.Step(nil); err == nil; in, _, err = l.Step(nil) {
			all = append(all, *in)
		}
		heard <- all
	}})
	p := newPhone(t, s, "udp")
	p.call(p.sdp())
	<-begun
	said := spoken(53)
	p.say(said[:48])
	for i := range said[48:] {
		p.packet(p.rtp, payloadType(p.law), p.law.Encode(nil, said[48+i][:]))
	}
	p.hangUp()
	if n, ordered := found(pressed(p.law, said), <-heard); n != len(said) || !ordered {
		t.Errorf("of %d frames %d were heard, in order: %v", len(said), n, ordered)
	}
}
