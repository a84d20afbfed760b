package rows

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/riverqueue/river"

	"github.com/heed-line/heed"
)

// jobAttempts bounds how often a job is tried, whatever its kind. How long each kind is really tried says jobs.Kind.
const jobAttempts = 1000

// jobArgs is the payload of any job as River sees it.
type jobArgs struct {
	kind string
	data json.RawMessage
}

// Kind implements river.JobArgs.
func (a jobArgs) Kind() string { return a.kind }

// MarshalJSON implements json.Marshaler.
func (a jobArgs) MarshalJSON() ([]byte, error) {
	if len(a.data) == 0 {
		return []byte("{}"), nil
	}
	return a.data, nil
}

// JobParams is how jobs are handed to River.
//
// It returns ErrInvalid for what River's tables would refuse, since there the refusal would fail other jobs with it.
func JobParams(jobs []heed.Job) ([]river.InsertManyParams, error) {
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		if !jobKind.MatchString(j.Kind) || j.Queue != "" && !jobQueue.MatchString(j.Queue) {
			return nil, fmt.Errorf("job of kind %q in queue %q: %w", j.Kind, j.Queue, heed.ErrInvalid)
		}
		if len(j.Args) > 0 && (j.Args[0] != '{' || !json.Valid(j.Args)) {
			return nil, fmt.Errorf("job of kind %q: arguments are no JSON object: %w", j.Kind, heed.ErrInvalid)
		}
		priority := river.PriorityDefault
		if j.Yields {
			priority++
		}
		params[i] = river.InsertManyParams{
			Args:       jobArgs{kind: j.Kind, data: j.Args},
			InsertOpts: &river.InsertOpts{MaxAttempts: jobAttempts, Queue: j.Queue, ScheduledAt: j.At, Priority: priority},
		}
	}
	return params, nil
}

// Narrower than what River takes.
var (
	jobKind  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,59}$`)
	jobQueue = regexp.MustCompile(`^[a-z0-9]{1,59}$`)
)
