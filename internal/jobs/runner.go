// Package jobs does the line's background work: screening, preparing packages, minding deadlines, erasing.
//
// A job is enqueued inside the transaction that causes it (heed.Tx.Enqueue), so it runs if and only if that committed.
// It runs at least once: a handler must bear to be run again. A failed attempt, a panic included, is tried again with
// growing pauses; after the last one the kind's GiveUp decides what becomes of the matter. A job holds ids, never
// content, and is forgotten an hour after it is done.
//
// River does it on both engines; nothing else in the project sees River's runner. The stores insert the jobs (they hold
// the transaction), this package runs them; all that the two share is the JSON of a job's arguments.
//
// It may import package heed and third parties. Handlers come from the services; it knows none of them.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/heed-line/heed"
)

// DefaultQueue is where a job without a queue goes.
const DefaultQueue = river.QueueDefault

const (
	timeoutDefault = time.Minute
	tryDefault     = 3 * time.Minute
	keepDone       = time.Hour
	keepGivenUp    = 7 * 24 * time.Hour
	// fetchCooldown is the least time between two looks at a queue. River's own 100 ms would cap a queue of eight at 80 jobs
	// a second; a look after every finished job costs more than the job.
	fetchCooldown = 20 * time.Millisecond
	// pollOthers is how long a job in another queue than DefaultQueue may wait to be seen where nobody is notified.
	pollOthers      = time.Second
	rescueAllowance = time.Minute
	interruptWait   = 5 * time.Second
)

// Options are the settings of a Runner; the zero value does for all but tests.
type Options struct {
	Logger *slog.Logger // nil: nothing is logged
	// Queues says how many jobs of each queue run at once. A job in a queue that isn't here waits until a Runner has it.
	// nil: DefaultQueue, one for each processor but at least 2.
	Queues map[string]int
	// Periodic is the queue of the jobs of Every; "": DefaultQueue.
	Periodic string
	// Now is the clock; nil: time.Now. It names this runner and dates nothing.
	Now func() time.Time
}

// Kind says how one kind of job is done.
type Kind struct {
	// Run does it. args is the JSON object with which it was enqueued. An error is a failed attempt.
	Run func(ctx context.Context, args []byte) error
	// GiveUp is called once the last attempt has failed with err; nil: nothing is done. Where it fails itself the job is
	// tried again.
	GiveUp func(ctx context.Context, args []byte, err error) error
	// Timeout ends one attempt's context; 0: a minute.
	Timeout time.Duration
	// KeepTrying is how long after its first failure a job is tried again before it is given up; 0: three minutes.
	KeepTrying time.Duration
}

// Runner runs jobs. Register everything, then Start.
type Runner struct {
	options  Options
	engine   engine
	kinds    map[string]Kind
	periodic []*river.PeriodicJob
	client   client
	watching sync.WaitGroup
	unwatch  context.CancelFunc
	stopping context.Context // ended when Stop interrupts what still runs
	stop     context.CancelFunc
}

// engine is what differs between the two databases.
type engine interface {
	// open makes the client. name is the runner's own among all that work on the database.
	open(ctx context.Context, name string, config *river.Config) (client, error)
	// rescue makes jobs available again that a dead process was running.
	rescue(ctx context.Context) error
	// watch goes on doing so until ctx ends, where other processes may die, and then lets go of what rescue holds.
	watch(ctx context.Context, logger *slog.Logger)
}

// client is what the Runner needs of river.Client, whose type depends on the engine.
type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

func newRunner(e engine, o Options) *Runner {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Queues == nil {
		o.Queues = map[string]int{DefaultQueue: max(2, runtime.NumCPU())}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Runner{options: o, engine: e, kinds: map[string]Kind{}}
}

// Handle registers how jobs of the kind are done. It panics where the kind is registered already, or Run is nil: that is
// a fault of the program.
func (r *Runner) Handle(kind string, k Kind) {
	if _, twice := r.kinds[kind]; twice || k.Run == nil {
		panic("jobs: the kind " + kind + " is registered twice or has no Run")
	}
	if k.Timeout == 0 {
		k.Timeout = timeoutDefault
	}
	if k.KeepTrying == 0 {
		k.KeepTrying = tryDefault
	}
	r.kinds[kind] = k
}

// Every enqueues a job of the kind, without arguments, at the start and then at each interval, on one node at a time and
// never beside one that still waits or runs. It is not tried again: the next one comes anyway.
func (r *Runner) Every(kind string, interval time.Duration) {
	r.periodic = append(r.periodic, river.NewPeriodicJob(
		river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) {
			return payload{kind: kind}, &river.InsertOpts{MaxAttempts: 1, Queue: r.options.Periodic, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
		},
		&river.PeriodicJobOpts{ID: kind, RunOnStart: true},
	))
}

func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning,
		rivertype.JobStateScheduled,
	}
}

// Start makes what a dead process was running available again, and begins to run jobs.
func (r *Runner) Start(ctx context.Context) error {
	name := "heed-" + string(heed.NewID(r.options.Now()))
	r.stopping, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	longest := timeoutDefault
	workers := river.NewWorkers()
	for kind, k := range r.kinds {
		river.AddWorkerArgs(workers, payload{kind: kind}, &worker{
			kind: k, attempts: attemptsWithin(k.KeepTrying), logger: r.options.Logger, stopping: r.stopping,
		})
		longest = max(longest, k.Timeout)
	}
	queues := map[string]river.QueueConfig{}
	for queue, n := range r.options.Queues {
		queues[queue] = river.QueueConfig{MaxWorkers: n, FetchPollInterval: pollOthers}
		if queue == DefaultQueue {
			queues[queue] = river.QueueConfig{MaxWorkers: n} // as often as the engine's own setting
		}
	}
	var err error
	r.client, err = r.engine.open(ctx, name, &river.Config{
		ID: name, Logger: r.options.Logger, Workers: workers, Queues: queues, PeriodicJobs: r.periodic,
		FetchCooldown: fetchCooldown, RetryPolicy: pauses{now: r.options.Now},
		JobTimeout: longest, RescueStuckJobsAfter: longest + rescueAllowance,
		CompletedJobRetentionPeriod: keepDone, CancelledJobRetentionPeriod: keepGivenUp, DiscardedJobRetentionPeriod: keepGivenUp,
	})
	if err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	watched, unwatch := context.WithCancel(context.WithoutCancel(ctx))
	r.unwatch = unwatch
	err = r.engine.rescue(ctx)
	r.watching.Go(func() { r.engine.watch(watched, r.options.Logger) })
	if err == nil {
		err = r.client.Start(context.WithoutCancel(ctx))
	}
	if err != nil {
		r.end()
		return fmt.Errorf("start the jobs: %w", err)
	}
	return nil
}

// Stop takes no more jobs and waits for those that run. When ctx ends it interrupts them; they are run again by whoever
// starts next, and the attempt isn't counted.
func (r *Runner) Stop(ctx context.Context) error {
	if r.client == nil {
		return nil
	}
	defer r.end()
	err := r.client.Stop(ctx)
	if err == nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return err
	}
	r.stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), interruptWait)
	defer cancel()
	if err := r.client.StopAndCancel(last); err != nil {
		return fmt.Errorf("interrupt jobs: %w", err)
	}
	return nil
}

// end lets go of the database.
func (r *Runner) end() {
	r.stop()
	r.unwatch()
	r.watching.Wait()
}

// newClient is river.NewClient for either engine.
func newClient[TTx any](driver riverdriver.Driver[TTx], config *river.Config) (client, error) {
	c, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	return c, nil
}
