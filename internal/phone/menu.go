package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/survive"
)

// Intake opens what a Receipt opens; *intake.Service is one.
type Intake interface {
	Open(ctx context.Context, receipt string) (*intake.Mailbox, error)
}

// Config is what a Menu works with. Every field but those that say so is needed.
type Config struct {
	Profile  *profile.Profile
	Speaker  *prompt.Speaker
	Recorder Recorder
	Intake   Intake
	// IdentityAvailable reports whether a Custodian could open an Identity that is given now.
	IdentityAvailable func(ctx context.Context) bool
	// Flood has callers wait who use Receipts while very many do; nil lets everybody. It should be the phone's own: callers can't be
	// told apart, and others of whom that is true shouldn't wait for them.
	Flood *flood.Gate
	// Queue and Dialer have callers speak with call-takers; nil, both: nobody does.
	Queue  Queue
	Dialer Dialer
	// Log is told of faults of ours, by kind; never of what a caller says or types.
	Log *slog.Logger
}

// Menu answers calls. It is safe for concurrent use.
type Menu struct {
	cfg   Config
	tones tones
	every time.Duration // between two looks at a place in the queue

	stop     sync.Once
	stopping chan struct{} // closed once the line ends its calls
}

// New makes the Menu.
func New(cfg Config) *Menu {
	return &Menu{cfg: cfg, tones: newTones(), every: looking, stopping: make(chan struct{})}
}

// Stop ends all calls: each caller hears that the line has to stop, and that what they said is kept. Who is being told a Receipt hears
// it first. Calls that begin later end at once.
func (m *Menu) Stop() { m.stop.Do(func() { close(m.stopping) }) }

// isStopping says that the line ends its calls.
func (m *Menu) isStopping() bool {
	select {
	case <-m.stopping:
		return true
	default:
		return false
	}
}

// errStop says how a call ended that the line had to end.
var errStop = errors.New("the line stops")

// Warm has every fixed text spoken and kept that isn't yet. It belongs into the background at a start.
//
// It returns the context's error where it was stopped, and the error of tidying up the folder.
func (m *Menu) Warm(ctx context.Context) error {
	more := map[string][]prompt.Piece{}
	for i, language := range m.cfg.Profile.CallLanguages() {
		more[language] = []prompt.Piece{m.greeting(language), prompt.Text("language", "Key", i+1), prompt.Text("limit", "Count", m.minutes())}
	}
	if err := m.guard(func() error { return m.cfg.Speaker.Warm(ctx, more) }); err != nil {
		return fmt.Errorf("speak the prompts: %w", err)
	}
	return nil
}

// minutes is how long a take may be, as callers are told.
func (m *Menu) minutes() int { return int(m.cfg.Profile.Phone.Take / time.Minute) }

// closing is how long what a caller said may take to be sent after the call.
const closing = 2 * time.Minute

// Serve goes through one call and returns when it is over: the caller hung up, or there is nothing more to say to them. What was
// said and not sent is sent then.
func (m *Menu) Serve(ctx context.Context, leg sound.Leg) {
	c := &call{Menu: m, ctx: ctx, leg: leg, tune: tune{frames: m.cfg.Speaker.Music()}}
	c.end(c.survive(func() error { return c.goOn(c.chooseLanguage()) }))
}

// guard does something, in whatever goroutine. Where the program breaks there it logs where, and none of what broke it.
//
// It returns what do does, or survive.ErrBroke.
func (m *Menu) guard(do func() error) error {
	err := survive.Do(do)
	survive.Log(m.cfg.Log, "a call", err)
	return err
}

// survive is guard for the call's own goroutine: where the program breaks the caller then hears nothing more, but what they said is
// sent, and their place in the queue is left.
func (c *call) survive(do func() error) error {
	err := c.guard(do)
	if errors.Is(err, survive.ErrBroke) {
		c.gone = err
	}
	return err
}

// end sends what was said and not sent; err is how the call ended.
func (c *call) end(err error) {
	if errors.Is(c.gone, errStop) {
		err = c.survive(c.lastWords)
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), closing)
	defer cancel()
	c.close(after)
	if err != nil && !over(err) && !errors.Is(err, survive.ErrBroke) {
		c.fault("go on with a call", err)
	}
}

// lastWords tells a caller that the line has to stop.
func (c *call) lastWords() error {
	c.gone, c.finishing = nil, true
	if slices.ContainsFunc(c.open, func(r Recording) bool { return r.Takes() > 0 }) {
		return c.tell("stop", "stop-kept")
	}
	return c.tell("stop")
}

// call is one caller's way.
type call struct {
	*Menu
	ctx context.Context
	leg sound.Leg

	language string
	voice    *prompt.Voice
	keys     string // pressed, and not taken yet
	hash     bool   // the hash key means something now; else it is what many press after another key
	steps    int    // of the call
	gone     error  // how the call ended, once it has
	notice   bool   // the caller was told what happens with voice and number

	finishing bool // they are being given a Receipt, or the last words: a line that stops waits for it

	open    []Recording // all that were begun and not sent
	report  Recording   // of the report that isn't sent yet; nil where there is none
	number  bool        // the caller left one, for it
	refused int         // Receipts that opened nothing

	watch *watch       // of a caller in the queue
	tune  tune         // that they hear there
	left  heed.CallEnd // how they leave it
}

// longestCall is where a call ends that nothing else ends: whoever has so much to say calls again.
const longestCall = 3 * 60 * 60 * frames

// frames is how many there are in a second.
const frames = int(time.Second / sound.FrameTime)

// step sends 20 ms of sound and takes the keys that were pressed.
//
// It returns what Leg.Step does, errStop where the line stops, and io.EOF where the call is as long as one can be; from then on it does nothing else. errMoved is
// for a waiting caller whose call a taker has taken.
func (c *call) step(out *sound.Frame) (*sound.Frame, error) {
	if c.gone == nil && !c.finishing && c.isStopping() {
		c.gone = errStop
	}
	if c.gone != nil {
		return nil, c.gone
	}
	if c.steps++; c.steps > longestCall {
		c.gone = io.EOF
		return nil, c.gone
	}
	in, keys, err := c.leg.Step(out)
	if err != nil {
		c.gone = err
		return nil, err
	}
	if !c.hash {
		keys = strings.ReplaceAll(keys, "#", "")
	}
	if c.keys += keys; len(c.keys) > mostKeys {
		c.keys = c.keys[:mostKeys]
	}
	if c.watch != nil {
		if c.watch.tick(c.ctx); c.watch.interrupts && c.watch.place.State != heed.CallWaiting {
			return nil, errMoved
		}
	}
	return in, nil
}

// mostKeys is how many keys are remembered that were pressed ahead: a Receipt and the way to it.
const mostKeys = 40

// press takes the next key; "" where none was pressed.
func (c *call) press() (key string) {
	if c.keys == "" {
		return ""
	}
	key, c.keys = c.keys[:1], c.keys[1:]
	return key
}

// greeting names the line.
func (m *Menu) greeting(language string) prompt.Piece {
	line := m.cfg.Profile.Line
	return prompt.Text("greeting", "Line", line.Name[language], "Operator", line.Operator[language])
}
