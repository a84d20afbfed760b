package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

const (
	// progressEvery is how often a plain line is written where there is no terminal.
	progressEvery = 5 * time.Second
	// redrawEvery is how often a bar is drawn anew on a terminal.
	redrawEvery = 100 * time.Millisecond
)

// bar is one line that tells how far long work has come: drawn over and over on a terminal, written now and then elsewhere.
type bar struct {
	to    io.Writer
	drawn bool // a terminal's
	last  time.Time
	share float64 // of the work, 0 to 1
	text  func() string
}

// newBar begins at nothing done. text is what stands beside the bar.
func newBar(to io.Writer, text func() string) *bar {
	return &bar{to: to, drawn: isTerminal(to), last: time.Now(), text: text}
}

// reach says what share of the work is done.
func (b *bar) reach(share float64) {
	b.share = min(max(share, 0), 1)
	switch since := time.Since(b.last); {
	case b.drawn && since >= redrawEvery:
		b.draw()
	case !b.drawn && since >= progressEvery:
		b.last = time.Now()
		fmt.Fprintf(b.to, "%3.0f%%  %s\n", 100*b.share, b.text())
	}
}

// clearLine takes away what a terminal's line shows: CR, and EL of ECMA-48.
const clearLine = "\r\x1b[K"

// draw draws the bar over what it drew before.
func (b *bar) draw() {
	b.last = time.Now()
	fmt.Fprintf(b.to, "%s%s", clearLine, drawing(b.share, b.text(), columns(b.to)))
}

// Write says something above the bar, in whole lines.
func (b *bar) Write(lines []byte) (int, error) {
	if b.drawn && len(lines) > 0 {
		fmt.Fprint(b.to, clearLine)
	}
	return b.to.Write(lines)
}

// done leaves the bar on the screen as it stands.
func (b *bar) done() {
	if b.drawn {
		b.draw()
		fmt.Fprintln(b.to)
	}
}

// barWidth is how many columns a bar has.
const barWidth = 40

// drawing is a bar with what stands beside it, in less than so many columns.
func drawing(share float64, text string, columns int) string {
	full := int(share * barWidth)
	line := fmt.Sprintf("%3.0f%% [%s%s] %s", 100*share, strings.Repeat("=", full), strings.Repeat("-", barWidth-full), text)
	if utf8.RuneCountInString(line) >= columns {
		line = string([]rune(line)[:max(columns-1, 0)])
	}
	return line
}

// columns is how wide a terminal is, and 80 where it doesn't say.
func columns(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if wide, _, err := term.GetSize(int(file.Fd())); err == nil && wide > 0 {
			return wide
		}
	}
	return 80
}

// progress shows on standard error how far a file has come.
type progress struct {
	bar  *bar
	size int64
}

// newProgress begins at an offset of size bytes.
func newProgress(s *surroundings, offset, size int64, text func() string) *progress {
	p := &progress{bar: newBar(s.Stderr, text), size: size}
	p.reach(offset)
	return p
}

// reach says how far the file is dealt with, in bytes.
func (p *progress) reach(offset int64) { p.bar.reach(float64(offset) / float64(max(p.size, 1))) }

func (p *progress) done() { p.bar.done() }

// tally counts an import's reports, for its progress.
type tally struct {
	begun    time.Time
	earlier  int // reports that an earlier run of the import took in
	accepted int
	rejected int
}

func newTally(at importState) *tally { return &tally{begun: time.Now(), earlier: at.Accepted} }

func (t *tally) text() string {
	text := fmt.Sprintf("%d reports, %.0f a second", t.accepted, float64(t.accepted-t.earlier)/max(time.Since(t.begun).Seconds(), 0.001))
	if t.rejected > 0 {
		text += fmt.Sprintf(", %d refused", t.rejected)
	}
	return text
}

// count shows on standard error how many of a known number are done.
type count struct {
	bar       *bar
	at, total int64
}

func newCount(stderr io.Writer, noun string, total int64) *count {
	c := &count{total: total}
	c.bar = newBar(stderr, func() string { return fmt.Sprintf("%d of %d %s", c.at, c.total, noun) })
	return c
}

func (c *count) reach(done int64) {
	c.at = min(done, c.total)
	c.bar.reach(float64(c.at) / float64(max(c.total, 1)))
}

func (c *count) done() { c.bar.done() }

// steps says on standard error which step of long work goes on, and now and then for how long it has: for what can't tell how far it came.
type steps struct {
	to    io.Writer
	every time.Duration
	stop  func() // ends what tells of the step that goes on
}

func newSteps(to io.Writer, every time.Duration) *steps {
	return &steps{to: to, every: every, stop: func() {}}
}

// next says that a step begins.
func (s *steps) next(what string) {
	s.stop()
	fmt.Fprintf(s.to, "%s …\n", what)
	began, ticker := time.Now(), time.NewTicker(s.every)
	ended, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(s.to, "%s … %s\n", what, time.Since(began).Round(time.Second))
			case <-ended:
				return
			}
		}
	}()
	s.stop = func() {
		ticker.Stop()
		close(ended)
		<-told
	}
}

// done says no more.
func (s *steps) done() {
	s.stop()
	s.stop = func() {}
}
