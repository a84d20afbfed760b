package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/backup"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/jobs"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/notify"
	"github.com/heed-line/heed/internal/phone/keep"
	"github.com/heed-line/heed/internal/phone/queue"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
)

// Jobs that only time causes.
const (
	jobTick            = "tick"              // deadlines, lapsed Claims, lost screenings
	jobEnsureDays      = "ensure-days"       // keys of today and the next two days
	jobEraseDue        = "erase-due"         // identities whose seventh day is over
	jobLapse           = "lapse-disclosures" // that nobody answered or looked at in time
	jobPublishFigures  = "publish-figures"   // what /transparency shows
	jobSweepFiles      = "sweep-files"       // files of drafts that were given up
	jobForgetDrafts    = "forget-drafts"     // what call-takers typed and gave up
	jobForgetExposures = "forget-exposures"  // what people uncovered more than a week ago
	jobFindCopies      = "find-copies"       // files that wait for a safe copy
	jobHandInCalls     = "hand-in-calls"     // what was said in calls whose process died
	jobSweepQueue      = "sweep-queue"       // callers whose process died, and numbers to call back
	jobScrub           = "scrub"             // old page images of what was destroyed
	jobForget          = "forget"            // credentials, events and receipts whose time is over
	jobEndSpans        = "end-spans"         // contents that were kept long enough
	jobKeepModels      = "keep-models"       // whose reports were erased
	jobNoteErasures    = "note-erasures"     // beside the keys, for a restore
)

const (
	tickEvery     = 5 * time.Second
	eraseEvery    = time.Minute
	scrubEvery    = time.Minute
	callsEvery    = 10 * time.Second
	hourly        = time.Hour
	daily         = 24 * time.Hour
	eventsLast    = 24 * time.Hour       // a desk page that was away for longer loads anew
	callHoursLast = 400 * 24 * time.Hour // so that a month can be held against that of the year before
	jobPatience   = 5 * time.Minute      // for one that works through a whole import's batch
	prepareFor    = time.Hour            // then the report comes back: who decided must know that it never left
	mustFor       = 7 * 24 * time.Hour
	tellFor       = 2 * 24 * time.Hour // later a message about a deadline helps nobody
	// stopPatience is how long running jobs may still take when the line stops; the interrupted ones run again.
	stopPatience = 15 * time.Second
)

// worker does the line's background work, where this process is to.
type worker struct {
	runner    *jobs.Runner
	sequencer *audit.Sequencer
	log       *slog.Logger

	endSequence context.CancelFunc
	sequenced   chan struct{}
}

// newWorker registers every job; a process without the role gets a worker that does nothing.
func (sv *server) newWorker() *worker {
	if !sv.has(roleWorker) {
		return &worker{}
	}
	options := jobs.Options{Logger: quieter(sv.log), Queues: queues(), Periodic: heed.QueueTimer}
	var runner *jobs.Runner
	switch store := underlying(sv.store).(type) {
	case *sqlite.Store:
		runner = jobs.NewSQLite(store.WriteDB(), options)
	case *postgres.Store:
		runner = jobs.NewPostgres(store.Pool(), options)
	}
	sv.handle(runner)

	every := func(kind string, interval time.Duration, run func(context.Context) error) {
		runner.Handle(kind, jobs.Kind{Run: func(ctx context.Context, _ []byte) error { return run(ctx) }, Timeout: jobPatience})
		runner.Every(kind, interval)
	}
	every(jobTick, tickEvery, sv.review.Tick)
	every(jobEnsureDays, hourly, sv.unlessDoubted(func(ctx context.Context) error { return sv.identity.EnsureDays(ctx, sv.s.Now()) }))
	every(jobEraseDue, eraseEvery, func(ctx context.Context) error {
		_, err := sv.eraseDue(ctx, sv.clock.Due())
		return err
	})
	every(jobLapse, eraseEvery, sv.identity.LapseDisclosures)
	every(jobPublishFigures, daily, sv.identity.PublishFigures)
	every(jobScrub, scrubEvery, sv.scrubWanted)
	journal := &backup.Journal{Store: sv.store, Keys: sv.keys, Now: sv.s.Now}
	every(jobNoteErasures, tickEvery, journal.Note)
	calls := &keep.Recovery{Store: sv.store, Intake: sv.intake, Calls: sv.identity, Now: sv.s.Now, Log: sv.log}
	every(jobHandInCalls, callsEvery, calls.Run)
	waiting := &queue.Sweep{Store: sv.store, Numbers: sv.identity, Now: sv.s.Now, Log: sv.log}
	every(jobSweepQueue, tickEvery, waiting.Run)
	every(jobFindCopies, tickEvery, sv.media.Find)
	every(jobForgetDrafts, eraseEvery, func(ctx context.Context) error { return calltaker.Forget(ctx, sv.store, sv.s.Now) })
	every(jobForgetExposures, hourly, sv.review.ForgetExposures)
	every(jobSweepFiles, hourly, func(ctx context.Context) error {
		if err := calls.RunOverdue(ctx); err != nil { // its pieces may be a day old, where no worker ran
			return err
		}
		return sv.sweepFiles(ctx)
	})
	every(jobKeepModels, daily, sv.unlessDoubted(sv.models.Retain))
	every(jobForget, hourly, sv.unlessDoubted(sv.forget))
	every(jobEndSpans, hourly, sv.unlessDoubted(func(ctx context.Context) error {
		if _, err := sv.endSpans(ctx, sv.review, sv.s.Now()); ctx.Err() == nil {
			return err
		}
		return nil // the next run goes on from here
	}))
	every(review.JobCalibrate, daily, sv.unlessDoubted(func(ctx context.Context) error {
		if err := sv.models.Refresh(ctx); err != nil { // another process may just have adopted one
			return err
		}
		if _, err := sv.review.Calibrate(ctx); !errors.Is(err, heed.ErrConflict) {
			return err
		}
		return nil // somebody did at the same time
	}))
	return &worker{runner: runner, sequencer: sv.newSequencer(), log: sv.log}
}

// unlessDoubted does nothing while the host's clock isn't believed: nothing ends by it but Identities.
func (sv *server) unlessDoubted(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if sv.clock.Doubted() {
			return nil
		}
		return run(ctx)
	}
}

// handle registers what reports cause. What fails is tried again for as long as it still helps somebody; what must happen
// however late is then enqueued anew, and said.
func (sv *server) handle(runner *jobs.Runner) {
	runner.Handle(review.JobScreen, jobs.Kind{Run: sv.review.HandleScreen, Timeout: jobPatience, GiveUp: sv.review.GiveUpScreening})
	runner.Handle(review.JobScreenMessage, jobs.Kind{Run: sv.review.HandleScreenMessage, GiveUp: sv.review.GiveUpMessage})
	runner.Handle(review.JobPrepare, jobs.Kind{
		Run: sv.referral.HandlePrepare, Timeout: jobPatience, KeepTrying: prepareFor, GiveUp: sv.referral.GiveUpPreparing,
	})
	for kind, run := range map[string]func(context.Context, []byte) error{
		review.JobErase:       sv.review.HandleErase,
		review.JobBlobs:       sv.review.HandleBlobs,
		review.JobFreeCopies:  sv.review.HandleFreeCopies,
		review.JobLate:        sv.review.HandleLate,
		review.JobRebuild:     sv.review.HandleRebuild,
		review.JobConclude:    sv.referral.HandleConclude,
		referral.JobTell:      sv.referral.HandleTell,
		identity.JobTakenBack: sv.identity.HandleTakenBack,
		media.JobTakenBack:    sv.media.HandleTakenBack,
		review.JobNotify:      sv.notify.HandleDeadline,
		referral.JobAnnounce:  sv.notify.HandleReferral,
		audit.JobDoubted:      sv.notify.HandleClock,
	} {
		runner.Handle(kind, jobs.Kind{Run: run, KeepTrying: mustFor, GiveUp: sv.anew(kind)})
	}
	runner.Handle(media.JobCopy, jobs.Kind{Run: sv.media.HandleCopy, Timeout: media.CopyTimeout, KeepTrying: mustFor, GiveUp: sv.media.GiveUpCopy})
	runner.Handle(media.JobFilm, jobs.Kind{Run: sv.media.HandleCopy, Timeout: media.FilmTimeout, KeepTrying: mustFor, GiveUp: sv.media.GiveUpCopy})
	for kind, timeout := range map[string]time.Duration{review.JobRedact: media.RedactTimeout, review.JobRedactFilm: media.FilmTimeout} {
		runner.Handle(kind, jobs.Kind{Run: sv.media.HandleRedact, Timeout: timeout, KeepTrying: media.RedactFor, GiveUp: sv.media.GiveUpRedact})
	}
	runner.Handle(media.JobTranscribe, jobs.Kind{
		Run: sv.media.HandleTranscribe, Timeout: media.TranscribeTimeout, KeepTrying: media.TranscribeFor, GiveUp: sv.media.GiveUpTranscribe,
	})
	runner.Handle(media.JobRead, jobs.Kind{
		Run: sv.media.HandleRead, Timeout: media.ReadTimeout, KeepTrying: media.TranscribeFor, GiveUp: sv.media.GiveUpTranscribe,
	})
	runner.Handle(review.JobSeen, jobs.Kind{Run: sv.media.HandleSeen, KeepTrying: media.TranscribeFor, GiveUp: sv.media.GiveUpSeen})
	// The last error of a message that never arrived is in the log; the next one says what waits by then.
	runner.Handle(notify.JobMail, jobs.Kind{Run: sv.notify.HandleMail, KeepTrying: tellFor})
	runner.Handle(notify.JobWebhook, jobs.Kind{Run: sv.notify.HandleWebhook, KeepTrying: tellFor})
}

// anew is the GiveUp of what must happen however late: an erasure, an outcome that a reporter waits for.
func (sv *server) anew(kind string) func(context.Context, []byte, error) error {
	return func(ctx context.Context, args []byte, _ error) error {
		again := heed.Job{Kind: kind, Args: args, At: sv.s.Now().Add(time.Hour)}
		if err := sv.store.Update(ctx, func(tx heed.Tx) error { return tx.Enqueue(ctx, again) }); err != nil {
			return fmt.Errorf("enqueue %s anew: %w", kind, err)
		}
		return nil
	}
}

// queues says how many jobs of each sort run at once. An import's job works on every core by itself, but for where it writes, when
// the next one reads; mail waits for other servers: neither must make a report wait that comes in meanwhile.
func queues() map[string]int {
	return map[string]int{
		jobs.DefaultQueue: max(2*runtime.GOMAXPROCS(0), 4), heed.QueueImport: 2, heed.QueueMail: 4, heed.QueueTimer: 3, heed.QueueMedia: 1, heed.QueueFilm: 1, heed.QueueSpeech: 1,
		heed.QueueSeen: 1,
	}
}

func (w *worker) start(ctx context.Context) error {
	if w.runner == nil {
		return nil
	}
	if err := w.runner.Start(ctx); err != nil {
		return fmt.Errorf("starting the background work: %w", err)
	}
	ctx, w.endSequence = context.WithCancel(ctx)
	w.sequenced = make(chan struct{})
	go func() {
		defer close(w.sequenced)
		sequence(ctx, w.sequencer, w.log)
	}()
	return nil
}

// stop takes no more jobs and waits a while for those that run.
func (w *worker) stop() error {
	if w.runner == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	defer func() { // last: the jobs' leaves are hung too
		if w.endSequence != nil {
			w.endSequence()
			<-w.sequenced
		}
	}()
	if err := w.runner.Stop(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stopping the background work: %w", err)
	}
	return nil
}

func (sv *server) sweepFiles(ctx context.Context) error {
	n, err := sv.intake.Sweep(ctx)
	parts, partsErr := sv.blobs.RemoveAbandoned(ctx, time.Now().Add(-blob.AbandonedAfter)) // by the clock of the disk, or the bucket
	if n+parts > 0 {
		sv.log.Info("abandoned files deleted", "files", n, "unfinished", parts)
	}
	return errors.Join(err, partsErr)
}
