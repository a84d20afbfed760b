package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/heed-line/heed/internal/survive"
)

// payload is a job's arguments, of whatever kind, as they lie in the table.
type payload struct {
	kind string
	data json.RawMessage
}

// Kind implements river.JobArgs.
func (p payload) Kind() string { return p.kind }

// MarshalJSON implements json.Marshaler.
func (p payload) MarshalJSON() ([]byte, error) {
	if len(p.data) == 0 {
		return []byte("{}"), nil
	}
	return p.data, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *payload) UnmarshalJSON(b []byte) error {
	p.data = append(json.RawMessage(nil), b...)
	return nil
}

// worker runs the jobs of one kind.
type worker struct {
	river.WorkerDefaults[payload]
	kind     Kind
	attempts int // at most; the store's own bound lies far above it
	logger   *slog.Logger
	stopping context.Context
}

// Timeout implements river.Worker.
func (w *worker) Timeout(*river.Job[payload]) time.Duration { return w.kind.Timeout }

// giveUpAgain is the pause before a job is tried once more whose GiveUp failed.
const giveUpAgain = 10 * time.Second

// errTooOften is why a job is given up whose every attempt ended with the process that ran it.
var errTooOften = errors.New("every attempt was cut off")

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[payload]) error {
	err, most := errTooOften, min(w.attempts, job.MaxAttempts)
	if job.Attempt <= most {
		err = w.attempt(ctx, job)
	}
	switch {
	case err == nil:
		return nil
	case w.stopping.Err() != nil && ctx.Err() != nil:
		return river.JobSnooze(0) // interrupted by Stop: no fault of the job
	case job.Attempt < most:
		return err
	}
	w.logger.Error("a job is given up", "kind", job.Kind, "job", job.ID, "attempts", job.Attempt, "err", err)
	if w.kind.GiveUp == nil {
		return river.JobCancel(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeoutDefault)
	defer cancel()
	if failure := w.kind.GiveUp(ctx, job.Args.data, err); failure != nil {
		w.logger.Error("a job could not be given up", "kind", job.Kind, "job", job.ID, "err", failure)
		return river.JobSnooze(giveUpAgain)
	}
	return river.JobCancel(err) // River is not to try it again, whatever its own bound
}

// attempt runs the job once. What panicked is logged by its type and the way there only: the value, and the arguments on a stack, could
// hold somebody's words.
func (w *worker) attempt(ctx context.Context, job *river.Job[payload]) (err error) {
	defer func() {
		if v := recover(); v != nil {
			w.logger.Error("a job panicked", "kind", job.Kind, "job", job.ID, "panic", fmt.Sprintf("%T", v),
				"stack", survive.Where())
			err = fmt.Errorf("panic with a %T", v)
		}
	}()
	return w.kind.Run(ctx, job.Args.data)
}

// pauses doubles the pause between attempts from one second, to five minutes at most and, after some eight hours, half an
// hour; give or take a tenth, so that jobs that failed together don't come back together.
type pauses struct{ now func() time.Time }

// NextRetry implements river.ClientRetryPolicy.
func (p pauses) NextRetry(job *rivertype.JobRow) time.Time {
	return p.now().Add(time.Duration(float64(pauseAfter(len(job.Errors))) * (0.9 + 0.2*rand.Float64())))
}

// patientAfter is the number of failures after which a job is tried but twice an hour.
const patientAfter = 100

// pauseAfter is the pause before a job is tried again that failed so often before its latest failure.
func pauseAfter(failures int) time.Duration {
	if failures >= patientAfter {
		return 30 * time.Minute
	}
	return min(time.Second<<min(failures, 10), 5*time.Minute)
}

// attemptsWithin is how many attempts, at least one, begin within the time, given the pauses between them.
func attemptsWithin(d time.Duration) int {
	n := 1
	for d -= pauseAfter(0); d >= 0; d -= pauseAfter(n - 1) {
		n++
	}
	return n
}
