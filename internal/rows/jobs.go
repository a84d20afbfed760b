package rows

import (
	"encoding/json"

	"github.com/riverqueue/river"

	"github.com/heed-line/heed"
)

// JobAttempts is how often a job is tried before its handler's package is told that it was given up.
const JobAttempts = 8

// JobArgs is the payload of any job as River sees it.
type JobArgs struct {
	kind string
	data json.RawMessage
}

// NewJobArgs makes the payload of one job; data is JSON, nil for none.
func NewJobArgs(kind string, data []byte) JobArgs { return JobArgs{kind: kind, data: data} }

// Kind implements river.JobArgs.
func (a JobArgs) Kind() string { return a.kind }

// Data is the JSON that the job was enqueued with.
func (a JobArgs) Data() []byte { return a.data }

// MarshalJSON implements json.Marshaler.
func (a JobArgs) MarshalJSON() ([]byte, error) {
	if len(a.data) == 0 {
		return []byte("{}"), nil
	}
	return a.data, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *JobArgs) UnmarshalJSON(b []byte) error {
	a.data = append(json.RawMessage(nil), b...)
	return nil
}

// JobParams is how jobs are handed to River.
func JobParams(jobs []heed.Job) []river.InsertManyParams {
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{
			Args:       JobArgs{kind: j.Kind, data: j.Args},
			InsertOpts: &river.InsertOpts{MaxAttempts: JobAttempts, Queue: j.Queue, ScheduledAt: j.At},
		}
	}
	return params
}
