package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/jobs"
	"github.com/heed-line/heed/internal/notify"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
)

// Jobs that only time causes.
const (
	jobTick           = "tick"            // deadlines, lapsed Claims, lost screenings
	jobEnsureDays     = "ensure-days"     // keys of today and the next two days
	jobEraseDue       = "erase-due"       // identities whose seventh day is over
	jobPublishFigures = "publish-figures" // what /transparency shows
	jobSweepFiles     = "sweep-files"     // files of drafts that were given up
	jobForget         = "forget"          // credentials, events and receipts whose time is over
)

const (
	tickEvery   = 5 * time.Second
	eraseEvery  = time.Minute
	hourly      = time.Hour
	daily       = 24 * time.Hour
	eventsLast  = 24 * time.Hour  // a desk page that was away for longer loads anew
	jobPatience = 5 * time.Minute // for one that works through a whole import's batch
	// stopPatience is how long running jobs may still take when the line stops; the interrupted ones run again.
	stopPatience = 15 * time.Second
)

// worker does the line's background work, where this process is to.
type worker struct{ runner *jobs.Runner }

// newWorker registers every job; a process without the role gets a worker that does nothing.
func (sv *server) newWorker() *worker {
	if !sv.has(roleWorker) {
		return &worker{}
	}
	options := jobs.Options{Logger: quieter(sv.log), Queues: map[string]int{jobs.DefaultQueue: max(runtime.GOMAXPROCS(0), 2)}}
	var runner *jobs.Runner
	switch store := sv.store.(type) {
	case *sqlite.Store:
		runner = jobs.NewSQLite(store.WriteDB(), options)
	case *postgres.Store:
		runner = jobs.NewPostgres(store.Pool(), options)
	}
	runner.Handle(review.JobScreen, jobs.Kind{
		Run: sv.review.HandleScreen, Timeout: jobPatience,
		GiveUp: sv.review.GiveUpScreening,
	})
	runner.Handle(review.JobErase, jobs.Kind{Run: sv.review.HandleErase})
	runner.Handle(review.JobBlobs, jobs.Kind{Run: sv.review.HandleBlobs})
	runner.Handle(review.JobFreeCopies, jobs.Kind{Run: sv.review.HandleFreeCopies})
	runner.Handle(review.JobPrepare, jobs.Kind{Run: sv.referral.HandlePrepare, Timeout: jobPatience})
	runner.Handle(review.JobNotify, jobs.Kind{Run: sv.notify.HandleDeadline})
	runner.Handle(referral.JobAnnounce, jobs.Kind{Run: sv.notify.HandleReferral})
	runner.Handle(notify.JobMail, jobs.Kind{Run: sv.notify.HandleMail})
	runner.Handle(notify.JobWebhook, jobs.Kind{Run: sv.notify.HandleWebhook})
	runner.Handle(referral.JobTell, jobs.Kind{Run: sv.referral.HandleTell})

	every := func(kind string, interval time.Duration, run func(context.Context) error) {
		runner.Handle(kind, jobs.Kind{Run: func(ctx context.Context, _ []byte) error { return run(ctx) }, Timeout: jobPatience})
		runner.Every(kind, interval)
	}
	every(jobTick, tickEvery, sv.review.Tick)
	every(jobEnsureDays, hourly, func(ctx context.Context) error { return sv.identity.EnsureDays(ctx, sv.s.Now()) })
	every(jobEraseDue, eraseEvery, sv.eraseDue)
	every(jobPublishFigures, daily, sv.identity.PublishFigures)
	every(jobSweepFiles, hourly, sv.sweepFiles)
	every(jobForget, hourly, sv.forget)
	return &worker{runner}
}

func (w *worker) start(ctx context.Context) error {
	if w.runner == nil {
		return nil
	}
	if err := w.runner.Start(ctx); err != nil {
		return fmt.Errorf("starting the background work: %w", err)
	}
	return nil
}

// stop takes no more jobs and waits a while for those that run.
func (w *worker) stop() error {
	if w.runner == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	if err := w.runner.Stop(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stopping the background work: %w", err)
	}
	return nil
}

// eraseDue destroys the identities whose time is over, and lets the public figures say so.
func (sv *server) eraseDue(ctx context.Context) error {
	erased, err := sv.identity.EraseDue(ctx, sv.s.Now())
	if len(erased.Days) > 0 {
		sv.log.Info("identities erased", "days", len(erased.Days), "identities", erased.Identities)
		err = errors.Join(err, sv.scrub(ctx), sv.identity.PublishFigures(ctx))
	}
	return err
}

func (sv *server) sweepFiles(ctx context.Context) error {
	n, err := sv.intake.Sweep(ctx)
	if n > 0 {
		sv.log.Info("abandoned files deleted", "files", n)
	}
	return err
}

// forget deletes what nobody can use any more.
func (sv *server) forget(ctx context.Context) error {
	now := sv.s.Now()
	if _, err := sv.auth.DeleteExpired(ctx); err != nil {
		return err
	}
	err := sv.store.Update(ctx, func(tx heed.Tx) error {
		if _, err := tx.DeleteEvents(ctx, now.Add(-eventsLast)); err != nil {
			return err
		}
		_, err := tx.DeleteReceipts(ctx, now.Add(-sv.profile.Retention.Receipts))
		return err
	})
	if err != nil {
		return fmt.Errorf("forgetting events and receipts: %w", err)
	}
	return nil
}
