package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func TestScreenIsStoppedWhileItWaitsForALine(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	waits, never := io.Pipe() // nobody writes to it
	defer never.Close()
	var out, errs bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- run(ctx, &surroundings{
			Args: []string{"screen"}, Now: time.Now, Stdout: &out, Stderr: &errs,
			Stdin: io.MultiReader(strings.NewReader(`{"id":"a","text":"There is smoke in the tunnel."}`+"\n"), waits),
		})
	}()
	time.AfterFunc(time.Second, stop)
	select {
	case code := <-ended:
		if code != exitFailed || !strings.Contains(errs.String(), "stopped after 1 answers") || !strings.Contains(out.String(), `"id":"a"`) {
			t.Errorf("code %d, %q; answered %q", code, errs.String(), out.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("it goes on waiting")
	}
}
