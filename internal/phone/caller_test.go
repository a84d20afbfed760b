package phone_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// turn is one thing that a caller does: once they have heard the beginning of hear ("" at once) they press keys, speak, and wait.
type turn struct {
	hear   string // a text's key, a digit ("digit.3") or "tone"
	press  string // one key every 100 ms, or all in one packet where together is set
	speak  []sound.Frame
	wait   int    // steps of silence before the next turn
	then   string // keys, as press, once they have spoken
	hangUp bool

	together bool
	whole    bool // hear it to its end
}

// caller is a Leg without a clock: somebody who goes through a list of turns, and knows what they hear by its samples.
type caller struct {
	t     testing.TB
	known *known
	turns []turn
	// leaves is the step at which the caller hangs up, whatever they are doing; 0: never.
	leaves int

	each    func() // runs with every step, where it is set
	steps   int
	doing   []moment // what is left of the turn that began
	history []sound.Frame
	heard   []string // in their order
	said    []int    // frames of speech of each turn that has some, as far as it came
	spent   bool     // all turns are done

	connects atomic.Int32 // how often they were told that they are connected
}

// moment is 20 ms of a turn.
type moment struct {
	in     sound.Frame
	keys   string
	hangUp bool
}

// known are the sounds of a language.
type known struct {
	begins map[sound.Frame]string // a frame near the beginning of each to its name
	ends   map[sound.Frame]string // its last one with any sound
}

func newKnown() *known { return &known{map[sound.Frame]string{}, map[sound.Frame]string{}} }

// marked is from which frame on a sound is known at its beginning: before it, many are alike.
const marked = 4

func (k *known) learn(name string, frames []sound.Frame) {
	begun := false
	for i := range frames {
		if i < marked || frames[i] == (sound.Frame{}) {
			continue
		}
		if !begun {
			begun, k.begins[frames[i]] = true, name
		}
		if rest := frames[i+1:]; !slices.ContainsFunc(rest, func(f sound.Frame) bool { return f != sound.Frame{} }) {
			k.ends[frames[i]] = name
			return
		}
	}
}

// Step implements sound.Leg.
func (c *caller) Step(out *sound.Frame) (*sound.Frame, string, error) {
	c.steps++
	if c.each != nil {
		c.each()
	}
	if c.leaves > 0 && c.steps >= c.leaves {
		return nil, "", io.EOF
	}
	if c.steps > 4*3600*50 {
		c.t.Fatal("the call doesn't end")
	}
	begins, ends := "", ""
	if out != nil {
		c.history = append(c.history, *out)
		begins, ends = c.known.begins[*out], c.known.ends[*out]
	} else {
		c.history = append(c.history, sound.Frame{})
	}
	if begins != "" {
		c.heard = append(c.heard, begins)
		if begins == "queue-connect" {
			c.connects.Add(1)
		}
	}
	if len(c.doing) == 0 && len(c.turns) > 0 {
		next := c.turns[0]
		if next.hear == "" || !next.whole && next.hear == begins || next.whole && next.hear == ends {
			c.turns, c.doing = c.turns[1:], next.moments()
			if len(next.speak) > 0 {
				c.said = append(c.said, 0)
			}
		}
	}
	if len(c.doing) == 0 {
		c.spent = len(c.turns) == 0
		return &sound.Frame{}, "", nil
	}
	m := c.doing[0]
	if m.in != (sound.Frame{}) {
		c.said[len(c.said)-1]++
	}
	c.doing = c.doing[1:]
	if m.hangUp {
		return nil, "", io.EOF
	}
	return &m.in, m.keys, nil
}

func (t turn) moments() (all []moment) {
	if t.together {
		all = append(all, moment{keys: t.press})
	} else {
		for _, key := range t.press {
			all = append(all, moment{keys: string(key)}, moment{}, moment{}, moment{}, moment{})
		}
	}
	for _, f := range t.speak {
		all = append(all, moment{in: f})
	}
	for _, key := range t.then {
		all = append(all, moment{keys: string(key)})
	}
	all = append(all, make([]moment, t.wait)...)
	if t.hangUp {
		all = append(all, moment{hangUp: true})
	}
	return all
}

// call goes through the turns, and through silence after them.
func (l *line) call(language string, turns ...turn) *caller {
	l.t.Helper()
	c := &caller{t: l.t, known: l.known(language), turns: turns}
	l.answer(c)
	if len(c.turns) > 0 {
		l.t.Fatalf("the call ended before %+v; heard %v", c.turns[0].hear, c.heard)
	}
	return c
}

// answer has the menu take the call.
func (l *line) answer(leg sound.Leg) {
	l.t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.menu.Serve(l.t.Context(), leg)
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		l.t.Fatal("the call hangs")
	}
}

// words are what the caller heard but for digits and tones.
func (c *caller) words() (all []string) {
	for _, name := range c.heard {
		if name != "tone" && !strings.HasPrefix(name, "digit.") {
			all = append(all, name)
		}
	}
	return all
}

// digits are the digits that were said after the last time that a text was, and before any other text.
func (c *caller) digits(after string) string {
	c.t.Helper()
	i := -1
	for j, name := range c.heard {
		if name == after {
			i = j
		}
	}
	if i < 0 {
		c.t.Fatalf("%s wasn't heard: %v", after, c.heard)
	}
	var b strings.Builder
	for _, name := range c.heard[i+1:] {
		d, is := strings.CutPrefix(name, "digit.")
		if !is {
			break
		}
		b.WriteString(d)
	}
	return b.String()
}

// expectWords wants these texts, in this order, with whatever between them.
func (c *caller) expectWords(want ...string) {
	c.t.Helper()
	rest := c.heard
	for _, w := range want {
		i := slices.Index(rest, w)
		if i < 0 {
			c.t.Errorf("%s wasn't heard in its turn (%v): %v", w, want, c.heard)
			return
		}
		rest = rest[i+1:]
	}
}

func (c *caller) expectNever(words ...string) {
	c.t.Helper()
	for _, w := range words {
		if slices.Contains(c.heard, w) {
			c.t.Errorf("%s was heard: %v", w, c.heard)
		}
	}
}

// babble is sound that goes up and down as speech does, so many seconds long.
func babble(seconds float64, seed int) []sound.Frame {
	frames := make([]sound.Frame, int(seconds*50))
	state := uint32(seed)*2654435761 + 1
	for i := range frames {
		loud := int32(0)
		if i%12 < 9 { // syllables, with gaps between them
			loud = 3000 + int32(i%5)*500
		}
		for j := range frames[i] {
			state = state*1664525 + 1013904223
			frames[i][j] = int16((int32(state>>16) - 32768) * loud / 32768)
		}
	}
	return frames
}

// The dialogues' usual turns.
var (
	english  = turn{hear: "language-1", press: "1"}
	leave    = turn{hear: "start", press: "1"}
	check    = turn{hear: "start", press: "2"}
	dispatch = turn{hear: "send", press: "1"}
)

// speakNow is what is said after the tone, with the key that ends it.
func speakNow(seed int) turn {
	return turn{hear: "tone", wait: 25, speak: babble(2, seed), whole: true}
}

func typed(receipt string) turn { return turn{hear: "type", press: receipt} }

func (c *caller) String() string { return fmt.Sprintf("after %d steps: %v", c.steps, c.heard) }
