package media

import (
	"bytes"
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/heed-line/heed/internal/media/sandbox"
)

// progressLine is how long a line of ffmpeg's may be that says how far it is.
const progressLine = 4 << 10

// progress hears how far ffmpeg is (its option -progress) and ends ctx, with sandbox.ErrTooMuch, where that stands still.
type progress struct {
	ctx   context.Context
	stall *time.Timer
	each  time.Duration

	mu   sync.Mutex
	line []byte
	at   time.Duration // of the film
}

// newProgress waits no longer than each for anything to get on. stop is to be called once it is over.
func newProgress(ctx context.Context, each time.Duration) (p *progress, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	p = &progress{ctx: ctx, each: each, stall: time.AfterFunc(each, func() { cancel(sandbox.ErrTooMuch) })}
	return p, func() {
		p.stall.Stop()
		cancel(nil)
	}
}

// Write implements io.Writer. What isn't a line that says how far it is means nothing.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for rest := b; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if p.line = append(p.line, line...); len(p.line) > progressLine {
			p.line = p.line[:0]
		}
		if rest = after; !ended {
			break
		}
		if text, ok := bytes.CutPrefix(p.line, []byte("out_time_us=")); ok {
			if us, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64); err == nil && us < int64(1e12) && time.Duration(us)*time.Microsecond > p.at {
				p.at = time.Duration(us) * time.Microsecond
				p.stall.Reset(p.each)
			}
		}
		p.line = p.line[:0]
	}
	return len(b), nil
}

// reached is how far it came in the film.
func (p *progress) reached() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}
