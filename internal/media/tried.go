package media

import (
	"sync"
	"time"

	"github.com/heed-line/heed"
)

// scanAttempts is how often a file is shown to a clamd that answers, and fails at that file alone: over two minutes or more, by the pauses of jobs.
const scanAttempts = 8

// longestPause is at most between two attempts to show clamd a file that waited for it.
const longestPause = 5 * time.Minute

// tried counts, while the process lives, how often clamd failed at each file that waits for its copy. It is safe for concurrent use.
type tried struct {
	mu    sync.Mutex
	files map[heed.ID]triedFile
}

type triedFile struct {
	failed int // while clamd answered, and scanned others
	down   int // and was gone, perhaps by the file itself
	last   time.Time
}

// note counts an attempt, and gives how many failed while clamd answered.
func (t *tried) note(file heed.ID, down bool, now time.Time) (failed int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.files[file]
	f.last = now
	if down {
		f.down++
	} else {
		f.failed++
	}
	if t.files == nil {
		t.files = map[heed.ID]triedFile{}
	}
	t.files[file] = f
	return f.failed
}

// next is when the file may be tried again: the more often it failed, the later. Zero: nothing was tried.
func (t *tried) next(file heed.ID) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, found := t.files[file]
	if !found {
		return time.Time{}
	}
	return f.last.Add(min(time.Second<<min(f.failed+f.down, 10), longestPause))
}

// forget ends the counting of a file of which all is said.
func (t *tried) forget(file heed.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.files, file)
}
