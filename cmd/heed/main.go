// Command heed runs a public reporting line and everything around it: one binary, one command a file.
//
// It reads the configuration, opens what the line keeps (store, sealed files, keys, profile), builds the services and
// channels on it, and serves. It is the only place that knows every package; nothing imports it. It must never see a
// report's text or an identity but on the way of `screen` and `import`, which are handed one by the operator.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set at link time (see Makefile).
var version = "development"

// Exit codes, the same for every command.
const (
	exitDone     = 0
	exitFailed   = 1 // it was tried and didn't work
	exitUsage    = 2 // the command line, the environment or a file of settings is wrong; nothing was tried
	exitLeftOver = 3 // done, but part of the input was refused and is reported
)

func main() {
	syscall.Umask(0o077) // whatever the line writes is its own
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, &surroundings{
		Args: os.Args[1:], Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now: time.Now,
	})
	stop()
	os.Exit(code)
}

// surroundings is all that a command has of the world outside its files and sockets, so that a test can give it another.
type surroundings struct {
	Args           []string // without the program's name
	Environ        []string // "NAME=value"
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Steady         func() time.Duration // a clock that nobody sets; nil: the kernel's, since boot
}
