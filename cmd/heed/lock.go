package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockName is the file in the data folder that the process holds which does the line's background work. It says nothing
// by being there: what counts is the kernel's lock on it, which ends with the process however that ends.
const lockName = "heed.lock"

// lockWork keeps a second worker off the embedded store, whose jobs but one process at a time may run. It returns what
// gives the lock back. Other commands, and other roles of serve, need no lock.
func lockWork(flags lineFlags) (unlock func(), err error) {
	if flags.Store != "" {
		return func() {}, nil // PostgreSQL: any number of nodes
	}
	path := filepath.Join(flags.Data, lockName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = fmt.Errorf("another heed serve already runs the line in %s; end it first, or start this one with --role portal,desk", flags.Data)
		} else {
			err = fmt.Errorf("locking %s: %w", path, err)
		}
		return nil, errors.Join(err, file.Close())
	}
	return func() { file.Close() }, nil // nothing was written to it
}
