package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
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
