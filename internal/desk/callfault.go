package desk

import (
	"errors"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

// callFaults words what happens to a call while somebody reaches for it: another was faster, or the caller hung up. nil: it is nothing
// of that kind.
func callFaults(err error) heed.Problems {
	switch faults := web.Faults(err); {
	case faults != nil:
		return faults
	case errors.Is(err, heed.ErrConflict):
		return heed.Problems{{Code: "call-taken"}}
	case errors.Is(err, heed.ErrNotFound):
		return heed.Problems{{Code: "call-gone"}}
	}
	return nil
}
