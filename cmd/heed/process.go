package main

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// hardenProcess keeps what the process holds in memory out of core dumps and away from other processes of its user.
func hardenProcess() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}

// limitMemory tells Go's collector of a container's limit, of which it knows nothing itself. GOMEMLIMIT, where it is set,
// goes first.
func limitMemory(log *slog.Logger) {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return // set from outside
	}
	text, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return // no version 2 control group: no limit that could be known
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return // "max": no limit
	}
	// A tenth is left to what the collector doesn't see: stacks of the kernel, the page cache's share.
	debug.SetMemoryLimit(limit / 10 * 9)
	log.Debug("memory limit taken from the control group", "bytes", limit)
}

// connectionLimit is how many connections one face keeps open: a quarter of the files that the process may open, so that the
// store and the other face have theirs, and no more than memory bears.
func connectionLimit() int {
	const most = 16384
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil || files.Cur > 4*most {
		return most
	}
	return max(int(files.Cur)/4, 64)
}
