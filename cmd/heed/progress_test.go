package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a terminal so many columns wide, with the end at which a person would see what is written to it.
func terminal(t *testing.T, columns uint16) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("no terminal can be made:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetUint32(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: 24}); err != nil {
		t.Fatal(err)
	}
	return screen, tty
}

func TestLongWorkShowsABarOnATerminal(t *testing.T) {
	screen, tty := terminal(t, 80)
	c := newCount(tty, "leaves", 200)
	c.bar.last = time.Time{}
	c.reach(100)
	c.bar.last = time.Now().Add(time.Hour) // however long what follows takes, it is drawn at the end alone
	if _, err := c.bar.Write([]byte("line 7: no text\n")); err != nil {
		t.Fatal(err)
	}
	c.reach(300)
	c.done()
	if err := tty.Close(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for b := make([]byte, 4096); ; {
		n, err := screen.Read(b)
		seen.Write(b[:n])
		if err != nil { // EIO: the other end is closed
			break
		}
	}
	half, whole := strings.Repeat("=", 20)+strings.Repeat("-", 20), strings.Repeat("=", 40)
	want := clearLine + " 50% [" + half + "] 100 of 200 leaves" + clearLine + "line 7: no text\r\n" + clearLine + "100% [" + whole + "] 200 of 200 leaves\r\n"
	if seen.String() != want {
		t.Errorf("it shows %q, not %q", seen.String(), want)
	}
}

func TestABarFitsANarrowTerminal(t *testing.T) {
	_, tty := terminal(t, 30)
	if got := columns(tty); got != 30 {
		t.Errorf("it is %d columns wide", got)
	}
	if got := drawing(0.5, "100 of 200 leaves", 30); len(got) != 29 || !strings.HasPrefix(got, " 50% [=====") {
		t.Errorf("it shows %q", got)
	}
}

func TestInAPipeLongWorkSaysALineNowAndThen(t *testing.T) {
	var said bytes.Buffer
	p := newBar(&said, func() string { return "reading the data" })
	p.last = time.Now().Add(time.Hour)
	p.reach(0.1)
	if said.Len() > 0 {
		t.Errorf("at once it said %q", said.String())
	}
	p.last = time.Now().Add(-progressEvery)
	p.reach(0.42)
	p.last = time.Now().Add(time.Hour)
	p.reach(0.43)
	p.done()
	if said.String() != " 42%  reading the data\n" {
		t.Errorf("it said %q", said.String())
	}
}

func TestAStepSaysThatItGoesOnUntilTheNextBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		s := newSteps(&said, 5*time.Second)
		s.next("reading")
		time.Sleep(time.Second)
		s.next("training")
		time.Sleep(11 * time.Second)
		s.done()
		time.Sleep(time.Minute)
		if want := "reading …\ntraining …\ntraining … 5s\ntraining … 10s\n"; said.String() != want {
			t.Errorf("it says %q, not %q", said.String(), want)
		}
	})
}
