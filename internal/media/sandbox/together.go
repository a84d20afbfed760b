package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// lookEvery is how often a room of several processes is looked at.
const lookEvery = 100 * time.Millisecond

// bounded cancels with ErrTooMuch where all processes of the room together take more memory than one of them may: setrlimit(2) counts each for itself.
// What lies in the workshop is bounded by its own size, and memory that processes share without a file the filter refuses. It ends with ctx.
func (p *Program) bounded(ctx context.Context, room int, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if taken(room) > p.Memory {
			cancel(fmt.Errorf("%s, its processes together: %w", p.Name, ErrTooMuch))
			return
		}
	}
}

// childrenOf is where the kernel says which processes a thread began (proc_tid_children(5)).
func childrenOf(thread string) string { return thread + "/children" }

// taken is how many bytes of their own a process and all below it have in memory or swapped out. What ends meanwhile has none.
func taken(process int) (sum int64) {
	dir := "/proc/" + strconv.Itoa(process) + "/task/"
	threads, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, thread := range threads {
		// They share what they have; of one that has ended, be it the first, nothing is said any more.
		sum = max(sum, ownBytes(dir+thread.Name()+"/status"))
	}
	for _, thread := range threads {
		children, err := os.ReadFile(childrenOf(dir + thread.Name()))
		if err != nil {
			continue
		}
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				sum += taken(id)
			}
		}
	}
	return sum
}

// ownBytes reads proc_pid_status(5).
func ownBytes(status string) (sum int64) {
	f, err := os.Open(status)
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		switch name, rest, _ := strings.Cut(lines.Text(), ":"); name {
		case "RssAnon", "VmSwap":
			if n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, " kB")), 10, 64); err == nil {
				sum += n << 10
			}
		}
	}
	return sum
}
