package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressEvery is how often a plain line is written where there is no terminal.
const progressEvery = 5 * time.Second

// progress shows on standard error how far a file has come: a bar on a terminal, a line now and then elsewhere.
type progress struct {
	stderr io.Writer
	size   int64
	last   time.Time
	text   func() string // what stands beside the bar; the bar asks from a goroutine of its own

	bars *mpb.Progress // nil without a terminal
	bar  *mpb.Bar
}

// newProgress begins at an offset of size bytes.
func newProgress(s *surroundings, offset, size int64, text func() string) *progress {
	p := &progress{stderr: s.Stderr, size: size, last: time.Now(), text: text}
	if !isTerminal(s.Stderr) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(s.Stderr), mpb.WithWidth(40))
	p.bar = p.bars.AddBar(size,
		mpb.PrependDecorators(decor.Percentage(decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text() }, decor.WCSyncSpace)))
	p.bar.SetCurrent(offset)
	return p
}

// reach says how far the file is dealt with, in bytes.
func (p *progress) reach(offset int64) {
	if p.bar != nil {
		p.bar.SetCurrent(offset)
		return
	}
	if time.Since(p.last) >= progressEvery {
		p.last = time.Now()
		fmt.Fprintf(p.stderr, "%3d%%  %s\n", min(100*offset/max(p.size, 1), 100), p.text())
	}
}

// done ends the bar and leaves it on the screen as it stands.
func (p *progress) done() {
	if p.bar == nil {
		return
	}
	p.bar.Abort(false)
	p.bars.Wait()
}

// tally counts an import's reports, for its progress.
type tally struct {
	begun    time.Time
	earlier  int // reports that an earlier run of the import took in
	accepted atomic.Int64
	rejected atomic.Int64
}

func newTally(at importState) *tally { return &tally{begun: time.Now(), earlier: at.Accepted} }

func (t *tally) text() string {
	accepted := t.accepted.Load()
	text := fmt.Sprintf("%d reports, %.0f a second", accepted, float64(accepted-int64(t.earlier))/max(time.Since(t.begun).Seconds(), 0.001))
	if rejected := t.rejected.Load(); rejected > 0 {
		text += fmt.Sprintf(", %d refused", rejected)
	}
	return text
}

// count shows on standard error how many of a known number are done.
type count struct {
	stderr io.Writer
	noun   string
	total  int64
	last   time.Time

	bars *mpb.Progress // nil without a terminal
	bar  *mpb.Bar
}

func newCount(stderr io.Writer, noun string, total int64) *count {
	c := &count{stderr: stderr, noun: noun, total: total, last: time.Now()}
	if isTerminal(stderr) {
		c.bars = mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40))
		c.bar = c.bars.AddBar(total, mpb.PrependDecorators(decor.CountersNoUnit("%d of %d "+noun)))
	}
	return c
}

func (c *count) reach(done int64) {
	if c.bar != nil {
		c.bar.SetCurrent(min(done, c.total))
		return
	}
	if time.Since(c.last) >= progressEvery {
		c.last = time.Now()
		fmt.Fprintf(c.stderr, "%3d%%  %d %s\n", 100*min(done, c.total)/max(c.total, 1), done, c.noun)
	}
}

// done leaves the bar on the screen as it stands.
func (c *count) done() {
	if c.bar != nil {
		c.bar.Abort(false)
		c.bars.Wait()
	}
}
