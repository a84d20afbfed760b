package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

// Blobs are the sealed files. blob.Store implements it.
type Blobs interface {
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	OpenRange(ctx context.Context, key string, from, length int64) (io.ReadCloser, error)
	Delete(ctx context.Context, key string) error
}

// FileKeys opens the keys of files that still wait under a day's transit key. identity.Service implements it.
type FileKeys interface {
	// OpenFileKey returns heed.ErrGone where that day's keys were destroyed.
	OpenFileKey(ctx context.Context, a *heed.Attachment, holder seal.FileKeyHolder, wrapped []byte) (seal.Key, error)
}

// Config is what review works with. Every field but Days, Engine and Blind is needed.
type Config struct {
	Store heed.Store
	Blobs Blobs
	Files FileKeys
	// Days takes the full text of reports that say how to reach their reporter; nil: nothing is masked.
	Days     Days
	Line     string // the line's id, to which every sealed field is bound
	Content  *seal.PrivateKey
	Matching *seal.MatchingKey
	Profile  *profile.Profile
	Screener *screening.Screener
	Allow    func(actor *heed.Staff, action auth.Action, on auth.Resource) error
	Now      func() time.Time
	Log      *slog.Logger
	// Engine helps people to read; nil: the line has none.
	Engine Engine
	// Blind draws whether a report that would be set aside is read blind; nil: one of twenty, at random.
	Blind func() bool
}

// Service is the desk's and the worker's way to Reports. It is safe for concurrent use.
type Service struct {
	cfg    Config
	memory *memory
	// Each is had by who does it: places reports among those before them, stores what was placed, or gives way to an import.
	placing, storing, yielding turn
	// unstored are the reports that are being stored. Whose turn that is sets it; whose turn it is to place reads it.
	unstored atomic.Pointer[unstored]
	// opened are safe copies, openedRedacted redacted ones: who opened the one has yet to be seen opening the other.
	opened, openedRedacted, uncovered openings
}

// New makes the service.
func New(cfg Config) *Service {
	if cfg.Blind == nil {
		cfg.Blind = drawBlind
	}
	return &Service{cfg: cfg, memory: newMemory(), placing: newTurn(), storing: newTurn(), yielding: newTurn()}
}

// ClaimedError says that somebody else holds the report. It wraps heed.ErrConflict.
type ClaimedError struct {
	By    heed.ID
	Until time.Time
}

func (e *ClaimedError) Error() string { return "claimed by another person" }

// Unwrap is heed.ErrConflict.
func (e *ClaimedError) Unwrap() error { return heed.ErrConflict }

// act is what a change did, for its leaf and event.
type act struct {
	name    string // audit act
	actor   heed.ID
	details any
	reason  string // free text, sealed beside the leaf; "" where there is none
	keys    *seal.ReportKeys
	// erased acts leave no note: its key is gone.
	erased bool
}

// keys opens the report's two keys. heed.ErrGone: the report is erased.
func (s *Service) keys(ctx context.Context, tx heed.ReportTx, id heed.ID) (seal.ReportKeys, error) {
	wrapped, err := tx.WrappedKey(ctx, id)
	if err != nil {
		return seal.ReportKeys{}, fmt.Errorf("find the report's keys: %w", err)
	}
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, id, wrapped)
	if err != nil {
		return seal.ReportKeys{}, fmt.Errorf("open the report's keys: %w", err)
	}
	return keys, nil
}

// attempts is how often an act is tried again where somebody changed the report in the same moment.
const attempts = 5

// change applies fn to the report as it now stands, and writes report, leaf and event in one transaction.
//
// It returns fn's error, or heed.ErrConflict where others were faster each time.
func (s *Service) change(ctx context.Context, id heed.ID, fn func(tx heed.Tx, r *heed.Report, now time.Time) (act, error)) error {
	var err error
	for range attempts {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			now := s.cfg.Now()
			r, err := tx.Report(ctx, id)
			if err != nil {
				return err
			}
			a, err := fn(tx, r, now)
			if err != nil {
				return err
			}
			return s.record(ctx, tx, r, a, now)
		})
		if !raced(err) {
			return err
		}
	}
	return err
}

// raced reports whether trying again may help: a stale version, and neither a closed transition nor another's Claim.
func raced(err error) bool {
	var closed *heed.TransitionError
	var claimed *ClaimedError
	return errors.Is(err, heed.ErrConflict) && !errors.As(err, &closed) && !errors.As(err, &claimed)
}

// record writes a changed report with its leaf and event.
func (s *Service) record(ctx context.Context, tx heed.Tx, r *heed.Report, a act, now time.Time) error {
	RunClocks(r, now)
	if err := tx.UpdateReport(ctx, r); err != nil {
		return err
	}
	if err := s.leaf(ctx, tx, r.ID, a, now); err != nil {
		return err
	}
	return tx.Publish(ctx, changed(r, now))
}

// changed tells the desk of a report.
func changed(r *heed.Report, now time.Time) *heed.DeskEvent {
	return &heed.DeskEvent{At: now, Kind: EventReportChanged, Report: r.ID, List: r.List(), Category: r.Category}
}

// leafOf is an act's leaf without its reason.
func leafOf(report heed.ID, a act, now time.Time) (*heed.AuditLeaf, error) {
	return audit.Leaf(a.name, a.actor, report, now, struct {
		Act any `json:"act,omitempty"`
	}{a.details})
}

// leaf writes an act's leaf; a reason is sealed beside it, and the leaf bound to it.
func (s *Service) leaf(ctx context.Context, tx heed.AuditTx, report heed.ID, a act, now time.Time) error {
	l, err := leafOf(report, a, now)
	if err != nil {
		return err
	}
	if a.reason != "" && !a.erased && a.keys != nil {
		audit.Bind(l, a.reason, a.keys.Data.Seal(seal.ReasonPlace(s.cfg.Line, report, notePlace), []byte(a.reason)))
	}
	return tx.AddLeaf(ctx, l)
}

// notePlace stands for the act's id in the place of a note: a leaf is numbered after its note was sealed.
const notePlace heed.ID = "note"

// The kinds of DeskEvent that review publishes.
const (
	EventReportChanged = "report.changed"
	EventReportAlert   = "report.alert"
)
