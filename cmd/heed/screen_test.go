package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// writer is what a test does with what is written.
type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// screensOne screens a line behind which none comes and none is said to be the last, and gives the exit code and what was said of it.
func screensOne(ctx context.Context, t *testing.T, out io.Writer) (code int, errs string) {
	t.Helper()
	waits, never := io.Pipe() // nobody writes to it
	defer never.Close()
	var said bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, &surroundings{
			Args: []string{"screen"}, Now: time.Now, Stdout: out, Stderr: &said,
			Stdin: io.MultiReader(strings.NewReader(`{"id":"a","text":"There is smoke in the tunnel."}`+"\n"), waits),
		})
	}()
	select {
	case code = <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it goes on waiting")
	}
	return code, said.String()
}

func TestScreenIsStoppedWhileItWaitsForALine(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	code, errs := screensOne(ctx, t, writer(func(b []byte) (int, error) {
		stop()
		return out.Write(b)
	}))
	if code != exitFailed || !strings.Contains(errs, "stopped after 1 answers") || !strings.Contains(out.String(), `"id":"a"`) {
		t.Errorf("code %d, %q; answered %q", code, errs, out.String())
	}
}

func TestScreenSaysThatItsAnswersCannotBeWrittenAlsoWhileItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	code, errs := screensOne(ctx, t, writer(func([]byte) (int, error) {
		stop()
		return 0, errors.New("the disk is full")
	}))
	if code != exitFailed || !strings.Contains(errs, "the disk is full") {
		t.Errorf("code %d, %q", code, errs)
	}
}

func TestScreenEndsWhereNobodyTakesWhatItAnswersOnceItIsStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	taken := make(chan struct{})
	defer close(taken)
	code, errs := screensOne(ctx, t, writer(func(b []byte) (int, error) {
		stop()
		<-taken
		return len(b), nil
	}))
	if code != exitFailed || !strings.Contains(errs, "nobody takes them") || strings.Contains(errs, "after") {
		t.Errorf("code %d, %q", code, errs)
	}
}

// A pipe that is full holds the program in a write that no signal breaks off.
func TestScreenEndsAtASecondSignalThoughNobodyReadsItsAnswers(t *testing.T) {
	t.Parallel()
	path, err := builtHeed()
	if err != nil {
		t.Fatal(err)
	}
	unread, answers, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer unread.Close()
	var errs bytes.Buffer
	screen := exec.CommandContext(t.Context(), path, "screen")
	screen.Stdin, screen.Stdout, screen.Stderr = &manyReports{}, answers, &errs
	if err := errors.Join(screen.Start(), answers.Close()); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = screen.Wait() // its code is looked at below
	}()
	const held = 64 << 10 // by a pipe of Linux
	eventually(t, time.Minute, "the pipe to be full", func() bool {
		n, err := unix.IoctlGetInt(int(unread.Fd()), unix.TIOCINQ)
		return err == nil && n == held
	})
	for begun := time.Now(); ; {
		if err := screen.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		select {
		case <-ended:
		case <-time.After(200 * time.Millisecond):
			if time.Since(begun) < patience/2 {
				continue
			}
			t.Fatal("it takes no notice of a second signal")
		}
		break
	}
	if code := screen.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(errs.String(), "nobody takes them") {
		t.Errorf("code %d, %q", code, &errs)
	}
}

// manyReports are more lines than are ever read.
type manyReports struct{ lines int }

func (m *manyReports) Read(b []byte) (int, error) {
	m.lines++
	return copy(b, fmt.Sprintf("{\"id\":\"%d\",\"text\":\"There is smoke in the tunnel under street %d.\"}\n", m.lines, m.lines)), nil
}
