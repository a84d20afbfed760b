package sip

import "github.com/heed-line/heed/internal/phone/sound"

const (
	ringSamples = 8192 // a second; a power of two, so that places survive the timestamp's wrap
	farOff      = sound.Rate
	// leastDepth and mostDepth are how far behind what arrives the sound is played: 40 and 120 ms.
	leastDepth = 2 * sound.FrameSamples
	mostDepth  = 6 * sound.FrameSamples
	// restingDepth is how much of a call that is recorded is held before more is taken in, and backlog how much of it isn't handed on sooner than it was
	// said: what comes in bursts half a second apart is played without gaps.
	restingDepth = 125 * sound.FrameSamples
	backlog      = 25 * sound.FrameSamples
	// slack is how much further ahead packets are there, that wait to be taken in together, than if each were taken in at its time.
	slack         = (together - 1) * sound.FrameSamples
	restingRing   = 4 * ringSamples
	restingFarOff = 4 * sound.Rate
	// judged is after how many frames the depth is thought over: 2 s.
	judged = 100
	// fade is over how many samples what is lost is made up before it becomes silence: 60 ms.
	fade = 3 * sound.FrameSamples
)

// jitter evens out what arrives in bursts, late, twice or not at all into frames (an adaptive playout buffer, in the manner of Ramjee et
// al. 1994, by lateness instead of by estimated delay). Packets of any length may come.
type jitter struct {
	samples []int16 // a ring; nil until something comes
	present []bool  // as long
	begun   bool
	head    uint32 // timestamp of the next sample to be played

	// How far ahead of the head packets began, of late.
	least, most   int32
	packets, late int
	frames        int

	// Of a call that is recorded, of which several frames are taken in at a time and nobody waits for what was said.
	resting  bool
	opening  bool   // what came first is being taken in
	renewing bool   // the next packet counts its time anew
	newest   uint32 // timestamp after the last sample that came
	shift    uint32 // from the sender's timestamps to those here

	strayed   bool   // a packet came from far off: the next one shows whether the sender's clock jumped
	strayedTo uint16 // its sequence number

	heard [sound.FrameSamples]int16 // the last samples played, by place: what a loss is made up of
	lost  int                       // samples made up in a row
}

// put takes a packet's samples in.
func (j *jitter) put(samples []int16, at uint32, sequence uint16) {
	if len(samples) == 0 || len(samples) > farOff/2 {
		return
	}
	at += j.shift
	ahead, far := int32(at-j.head), int32(farOff)
	if j.resting {
		far = restingFarOff
	}
	switch {
	case !j.begun || j.renewing:
		at = j.restart(at)
	case j.resting && ahead < 0 && int32(at-j.newest) >= 0:
		j.head = at // late in its turn: all before it is played, and nobody waits for what is recorded, so that none of it need be lost
	case ahead > far-int32(len(samples)) || ahead < -far:
		if !j.strayed || sequence != j.strayedTo+1 {
			j.strayed, j.strayedTo = true, sequence
			return
		}
		at = j.restart(at)
	}
	j.strayed = false
	ahead = int32(at - j.head)
	if j.packets == 0 {
		j.least, j.most = ahead, ahead
	}
	j.least, j.most = min(j.least, ahead), max(j.most, ahead)
	j.packets++
	if ahead < 0 {
		j.late++
	}
	if end := at + uint32(len(samples)); int32(end-j.newest) > 0 {
		j.newest = end
	}
	ring := uint32(len(j.samples))
	for i, s := range samples {
		if place := at + uint32(i); int32(place-j.head) >= 0 {
			j.samples[place%ring], j.present[place%ring] = s, true
		}
	}
}

// restart begins anew with a packet at the timestamp, and gives its timestamp here. In a call that is recorded, what wasn't played yet is played before.
func (j *jitter) restart(at uint32) uint32 {
	j.packets, j.late, j.frames, j.renewing = 0, 0, 0, false
	if j.resting && j.depth() > 0 && j.depth() <= restingDepth {
		j.shift += j.newest - at
		return j.newest
	}
	if n := j.ring(); len(j.samples) < n {
		j.samples, j.present = make([]int16, n), make([]bool, n)
	}
	clear(j.present)
	j.begun, j.head, j.newest, j.opening = true, at-leastDepth, at, j.resting
	return at
}

// renew has the next packet begin anew: another source counts its time otherwise, or nothing was played meanwhile.
func (j *jitter) renew() {
	if j.resting {
		j.renewing = true
		return
	}
	j.begun = false
}

// rest says whether several frames are taken in at a time from now on. The sound begins anew then, as close behind as it can be.
func (j *jitter) rest(on bool) { j.resting, j.begun = on, false }

// ring is how many samples there is to be room for.
func (j *jitter) ring() int {
	if j.resting {
		return restingRing
	}
	return ringSamples
}

// open puts the head where the last of the packets that were taken in first are in time for the last of the frames that are played until the next are.
func (j *jitter) open() {
	back := min(j.most-leastDepth-slack, 0)
	j.head += uint32(back)
	j.least, j.most, j.opening = j.least-back, j.most-back, false
}

// depth is how much came that wasn't played yet, from its first sample to its last. Less than none: its time has come, and it hasn't.
func (j *jitter) depth() int32 {
	if !j.begun {
		return 0
	}
	return int32(j.newest - j.head)
}

// next plays a frame.
func (j *jitter) next(f *sound.Frame) {
	if !j.begun {
		*f = sound.Frame{}
		return
	}
	if j.opening {
		j.open()
	}
	if !j.resting && j.adapt() { // the head waits: this frame is made up
		for i := range f {
			f[i] = j.makeUp(j.head + uint32(i))
		}
		return
	}
	for i := range f {
		at := j.head + uint32(i)
		place := at % uint32(len(j.samples))
		if !j.present[place] {
			f[i] = j.makeUp(at)
			continue
		}
		j.present[place] = false
		f[i], j.lost = j.samples[place], 0
		j.heard[at%sound.FrameSamples] = f[i]
	}
	j.head += sound.FrameSamples
}

// adapt thinks over how far behind the sound is played, and says whether it is to be a frame further.
func (j *jitter) adapt() bool {
	if j.late > 0 && j.most+sound.FrameSamples <= mostDepth {
		j.late, j.packets = 0, 0 // what came late would have been in time then
		return true
	}
	if j.frames++; j.frames >= judged {
		if j.late == 0 && j.packets > 0 && j.least > leastDepth {
			j.skip(sound.FrameSamples) // all of it came early enough without this frame
		}
		j.frames, j.packets, j.late = 0, 0, 0
	}
	return false
}

// makeUp repeats what was heard 20 ms before, ever more softly.
func (j *jitter) makeUp(at uint32) int16 {
	if j.lost >= fade {
		return 0
	}
	j.lost++
	return int16(int(j.heard[at%sound.FrameSamples]) * (fade - j.lost) / fade)
}

// skip leaves samples out.
func (j *jitter) skip(samples int) {
	if !j.begun {
		return
	}
	ring := len(j.samples)
	for range min(samples, ring) {
		j.present[j.head%uint32(ring)] = false
		j.head++
	}
	j.head += uint32(max(samples-ring, 0))
}
