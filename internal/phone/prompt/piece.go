package prompt

import (
	"context"
	"iter"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// Piece is a part of what is said.
type Piece interface {
	// say yields the piece's frames, nil for 20 ms of silence, until yield returns false; so does say then.
	say(ctx context.Context, v *Voice, yield func(*sound.Frame) bool) bool
}

// Say is the sound of the pieces, one after the other: frames, and nil for 20 ms of silence, as they are for Leg.Step. What has to be
// made first is made while silence is given, so the line keeps its pace. It may be ranged over more than once, and what it
// yields mustn't be changed.
func (v *Voice) Say(ctx context.Context, pieces ...Piece) iter.Seq[*sound.Frame] {
	return func(yield func(*sound.Frame) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for _, p := range pieces {
			if !p.say(ctx, v, yield) {
				return
			}
		}
	}
}

// text is a text of the locale files.
type text struct {
	key  string
	args []any // as web.Voice.T takes them
	live bool  // not kept
}

// Text is a text of the locale files ("phone." and the key). args are pairs as for web.Voice.T; as the text is kept in a folder,
// they must come from the line's profile or from the program. A recording of it is called by the key, with "-3" behind it where the
// number 3 is among args.
func Text(key string, args ...any) Piece { return text{key: key, args: args} }

// Counted is a text with a number that tells something of a report, and is therefore not kept when it was spoken. Recordings are
// called as Text's.
func Counted(key string, n int) Piece { return text{key: key, args: []any{"Count", n}, live: true} }

// Since says how long something has been so: minutes, hours or days, and from two months on the date.
func Since(t time.Time) Piece { return since{t} }

type since struct{ at time.Time }

func (p since) say(ctx context.Context, v *Voice, yield func(*sound.Frame) bool) bool {
	piece := Counted("since.minutes", 1)
	switch ago := v.texts.Now().Sub(p.at); {
	case ago >= 60*24*time.Hour:
		piece = text{key: "since.date", args: []any{"Date", v.texts.Day(p.at)}, live: true}
	case ago >= 48*time.Hour:
		piece = Counted("since.days", int(ago/(24*time.Hour)))
	case ago >= 2*time.Hour:
		piece = Counted("since.hours", int(ago/time.Hour))
	case ago >= time.Minute:
		piece = Counted("since.minutes", int(ago/time.Minute))
	}
	return piece.say(ctx, v, yield)
}

func (t text) say(ctx context.Context, v *Voice, yield func(*sound.Frame) bool) bool {
	frames, err := v.kept(t)
	if err != nil {
		var open bool
		if frames, open, err = await(v, yield, func() ([]sound.Frame, error) { return v.clip(ctx, t) }); !open {
			return false
		}
	}
	if err != nil {
		return true // the log knows; what follows may be of use all the same
	}
	return play(frames, yield) && Pause(breath).say(ctx, v, yield)
}

// breath lies behind every text: clips have no silence of their own.
const breath = 200 * time.Millisecond

// Pause is silence.
func Pause(d time.Duration) Piece { return pause(d / sound.FrameTime) }

type pause int

func (p pause) say(_ context.Context, _ *Voice, yield func(*sound.Frame) bool) bool {
	for range int(p) {
		if !yield(nil) {
			return false
		}
	}
	return true
}

// Sound is what somebody else gives frame by frame, at once, and io.EOF at its end: a recording that is listened to. It is played
// once.
func Sound(read func(*sound.Frame) error) Piece { return recorded{read} }

type recorded struct{ read func(*sound.Frame) error }

func (r recorded) say(_ context.Context, _ *Voice, yield func(*sound.Frame) bool) bool {
	for {
		var f sound.Frame
		if err := r.read(&f); err != nil {
			return true // whoever reads knows of it
		}
		if !yield(&f) {
			return false
		}
	}
}

func play(frames []sound.Frame, yield func(*sound.Frame) bool) bool {
	for i := range frames {
		if !yield(&frames[i]) {
			return false
		}
	}
	return true
}

// patience is how long something that is being made is waited for before a frame of silence is given: less than a frame, so that the
// next one is in time.
const patience = sound.FrameTime / 2

// await does what may take a while and yields silence meanwhile. open is false where nobody listens any more; what is being done is
// then left to its context.
func await[T any](v *Voice, yield func(*sound.Frame) bool, do func() (T, error)) (value T, open bool, err error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		o.err = v.speaker.guard(func() (err error) {
			o.value, err = do()
			return err
		})
		done <- o
	}()
	for {
		select {
		case o := <-done:
			return o.value, true, o.err
		case <-time.After(patience):
			if !yield(nil) {
				return value, false, nil
			}
		}
	}
}
