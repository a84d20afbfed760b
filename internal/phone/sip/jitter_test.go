package sip

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/phone/sound"
)

// spoken is n frames of noise, of which no two are alike.
func spoken(n int) []sound.Frame { return spokenBy(0, n) }

// spokenBy is what one of many speakers says: no two say a frame alike.
func spokenBy(who uint64, n int) []sound.Frame {
	r := rand.New(rand.NewPCG(5, who))
	frames := make([]sound.Frame, n)
	for i := range frames {
		for k := range frames[i] {
			frames[i][k] = int16(r.IntN(20000) - 10000)
		}
	}
	return frames
}

// played is what a buffer plays where deliver(i) says which packets have come by frame i.
func played(frames []sound.Frame, from uint32, steps int, deliver func(step int) []int) (out []sound.Frame, j *jitter) {
	j = new(jitter)
	for step := range steps {
		for _, i := range deliver(step) {
			j.put(frames[i][:], from+uint32(i*sound.FrameSamples), uint16(i))
		}
		var f sound.Frame
		j.next(&f)
		out = append(out, f)
	}
	return out, j
}

// one delivers packet after packet.
func one(step int) []int { return []int{step} }

func TestWhatArrivesInTimeIsPlayedAsItWasSpokenAcrossTheTimestampsWrap(t *testing.T) {
	frames := spoken(600)
	out, _ := played(frames, 1<<32-100*sound.FrameSamples-7, 600, one)
	if !slices.Equal(out[2:], frames[:598]) {
		t.Error("what was played isn't what was spoken, two frames later")
	}
}

func TestPacketsThatCameInDisorderTwiceOrTogetherArePutRight(t *testing.T) {
	frames := spoken(300)
	out, _ := played(frames, 9000, 300, func(step int) []int {
		switch step % 3 { // the second of three comes with the third, after it, and twice
		case 0:
			return []int{step}
		case 2:
			return []int{step, step - 1, step - 1}
		}
		return nil
	})
	if !slices.Equal(out[2:], frames[:298]) {
		t.Error("what was played isn't what was spoken")
	}
}

func TestALossIsFadedOutAndThenSilent(t *testing.T) {
	frames := spoken(50)
	out, _ := played(frames, 9000, 50, func(step int) []int {
		if step >= 10 && step < 20 {
			return nil
		}
		return []int{step}
	})
	// Frames 10 to 19 are lost: they would have been played as 12 to 21.
	before := out[11].Level()
	if first := out[12].Level(); first > before || first < before-6 {
		t.Errorf("the first lost frame lies at %.1f dB after %.1f", first, before)
	}
	if second := out[13].Level(); second >= out[12].Level() || second < before-12 {
		t.Errorf("the second lost frame lies at %.1f dB", second)
	}
	for i := 15; i < 22; i++ {
		if out[i] != (sound.Frame{}) {
			t.Errorf("frame %d is no silence after 60 ms of loss", i)
		}
	}
	if !slices.Equal(out[22:], frames[20:48]) {
		t.Error("what came after the loss isn't played as it was spoken")
	}
}

func TestTheBufferGrowsForPacketsThatComeLateAndShrinksAgain(t *testing.T) {
	frames := spoken(1200)
	late := func(step int) int { // four frames late now and then, for the first ten seconds
		if step < 500 && step%10 == 9 {
			return 4
		}
		return 0
	}
	due := map[int][]int{}
	for i := range frames {
		at := i + late(i)
		due[at] = append(due[at], i)
	}
	out, j := played(frames, 77, 1200, func(step int) []int { return due[step] })
	heard := map[sound.Frame]bool{}
	for _, f := range out {
		heard[f] = true
	}
	missing := 0
	for _, f := range frames[:1190] {
		if !heard[f] {
			missing++
		}
	}
	if missing > 12 {
		t.Errorf("%d of 1190 frames weren't played", missing)
	}
	if depth := int32(77+1200*sound.FrameSamples) - int32(j.head); depth > 3*sound.FrameSamples {
		t.Errorf("after 14 s of punctual packets it still plays %d samples behind", depth)
	}
}

func TestASenderWhoseClockRunsOtherwiseIsFollowed(t *testing.T) {
	for name, every := range map[string]int{"fast": 50, "slow": -50} { // one packet in fifty more, or fewer
		frames := spoken(1100)
		next := 0
		out, _ := played(frames, 0, 1000, func(step int) (due []int) {
			n := 1
			if every > 0 && step%every == 0 {
				n = 2
			} else if every < 0 && step%every == 0 {
				n = 0
			}
			for range n {
				due = append(due, next)
				next++
			}
			return due
		})
		silent := 0
		for _, f := range out[10:] {
			if f == (sound.Frame{}) {
				silent++
			}
		}
		if silent > 0 {
			t.Errorf("%s: %d frames of silence", name, silent)
		}
	}
}

func TestAClockThatJumpedIsBelievedWithItsSecondPacket(t *testing.T) {
	frames := spoken(40)
	var j jitter
	var f sound.Frame
	for i := range 10 {
		j.put(frames[i][:], uint32(i*sound.FrameSamples), uint16(i))
		j.next(&f)
	}
	head := j.head
	j.put(frames[10][:], 1<<31, 10)
	if j.head != head {
		t.Fatal("one packet from far off moved the sound")
	}
	for i := 11; i < 20; i++ {
		j.put(frames[i][:], 1<<31+uint32(i*sound.FrameSamples), uint16(i))
		j.next(&f)
	}
	if f != frames[17] {
		t.Error("the sound after the jump isn't played")
	}
}

func TestPacketsOfAnyLengthArePlayed(t *testing.T) {
	samples := make([]int16, 8000)
	for i := range samples {
		samples[i] = int16(i)
	}
	for _, size := range []int{80, 160, 240, 320, 480} {
		var j jitter
		var got []int16
		sent := 0
		for step := 1; step <= 45; step++ {
			for sent+size <= step*sound.FrameSamples {
				j.put(samples[sent:sent+size], uint32(sent), uint16(sent/size))
				sent += size
			}
			var f sound.Frame
			j.next(&f)
			got = append(got, f[:]...)
		}
		at := slices.Index(got, 1)
		if at < 0 || !slices.Equal(got[at:at+4800], samples[1:4801]) {
			t.Errorf("packets of %d samples aren't played as they came", size)
		}
	}
}
