package media

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/media/look"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// Config is what a Service works with. Every field but Scanner and Listener is needed.
type Config struct {
	Store   heed.Store
	Blobs   blob.Store
	Files   review.FileKeys
	Line    string
	Content *seal.PrivateKey
	// Matching keys what files are found by.
	Matching *seal.MatchingKey
	Reports  Reports
	Known    Known
	// Scanner knows what is malicious; nil where the line has none.
	Scanner Scanner
	// Listener is the line's engine that hears; nil where it has none.
	Listener Listener
	Now      func() time.Time
	Log      *slog.Logger
}

// Service makes safe copies. It is safe for concurrent use, by several processes too.
type Service struct {
	cfg Config
	eye *look.Eye
	// down says that clamd didn't answer when it was last asked.
	down atomic.Bool
}

// New makes a Service.
func New(cfg Config) *Service { return &Service{cfg: cfg, eye: look.NewEye()} }

// note writes the leaf of a copy and tells the desk.
func (s *Service) note(ctx context.Context, tx heed.Tx, report heed.ID, details copiedDetails) error {
	return s.say(ctx, tx, audit.FileCopied, report, details)
}

// say writes the leaf of an act of the machine's and tells the desk.
func (s *Service) say(ctx context.Context, tx heed.Tx, act string, report heed.ID, details any) error {
	now := s.cfg.Now()
	leaf, err := audit.Leaf(act, "", report, now, details)
	if err != nil {
		return err
	}
	if err := tx.AddLeaf(ctx, leaf); err != nil {
		return err
	}
	r, err := tx.Report(ctx, report)
	if err != nil {
		return err
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: "report.changed", Report: report, List: r.List(), Category: r.Category})
}
