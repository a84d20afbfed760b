package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// atExits are run when the tests of the process are over.
var (
	atExitMu sync.Mutex
	atExits  []func()
)

func atExit(f func()) {
	atExitMu.Lock()
	defer atExitMu.Unlock()
	atExits = append(atExits, f)
}

// exitHooks runs the tests and then what atExit gathered.
type exitHooks struct{ m *testing.M }

func (h exitHooks) Run() int {
	code := h.m.Run()
	for _, f := range atExits {
		f()
	}
	return code
}

func TestMain(m *testing.M) {
	testscript.Main(exitHooks{m}, map[string]func(){
		"heed": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(run(ctx, &surroundings{
				Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now,
			}))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}
