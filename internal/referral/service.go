package referral

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// Config is what referral works with. Every field is needed.
type Config struct {
	Store   heed.Store
	Blobs   blob.Store
	Files   review.FileKeys
	Line    string
	Content *seal.PrivateKey
	Signer  *seal.Signer // the package key
	Profile *profile.Profile
	Allow   func(actor *heed.Staff, action auth.Action, on auth.Resource) error
	Now     func() time.Time
	Log     *slog.Logger
}

// Service is the way to Referrals for the worker and for liaisons. It is safe for concurrent use.
type Service struct{ cfg Config }

// New makes the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// EventChanged is the kind of DeskEvent that tells a Department's pages of a Referral.
const EventChanged = "referral.changed"

// Item is one Referral as its Department sees it. What the report says is in the package alone.
type Item struct {
	heed.Referral
	Category   string
	Urgency    heed.Urgency
	ReceivedAt time.Time
	Reason     string // why the Department returned it
}

// List lists the actor's own Department's Referrals, newest first; after is the last id of the page before.
func (s *Service) List(ctx context.Context, actor *heed.Staff, after heed.ID, limit int) ([]Item, error) {
	department := departmentOf(actor)
	if err := s.cfg.Allow(actor, auth.ReferralList, auth.Resource{Department: department}); err != nil {
		return nil, err
	}
	var items []Item
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		items = nil
		all, err := tx.Referrals(ctx, department, "", after, limit)
		if err != nil {
			return err
		}
		for _, f := range all {
			item, err := s.item(ctx, tx, f)
			if err != nil {
				return err
			}
			items = append(items, *item)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list referrals: %w", err)
	}
	return items, nil
}

// Get is one Referral of the actor's own Department. heed.ErrForbidden: it is another's.
func (s *Service) Get(ctx context.Context, actor *heed.Staff, id heed.ID) (*Item, error) {
	var item *Item
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		f, err := tx.Referral(ctx, id)
		if err != nil {
			return err
		}
		if err := s.cfg.Allow(actor, auth.ReferralList, auth.Resource{Department: f.Department}); err != nil {
			return err
		}
		item, err = s.item(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find a referral: %w", err)
	}
	return item, nil
}

func departmentOf(actor *heed.Staff) string {
	if actor == nil {
		return ""
	}
	return actor.Department
}

func (s *Service) item(ctx context.Context, tx heed.Tx, f *heed.Referral) (*Item, error) {
	r, err := tx.Report(ctx, f.Report)
	if err != nil {
		return nil, err
	}
	item := &Item{Referral: *f, Category: r.Category, Urgency: r.Urgency, ReceivedAt: r.ReceivedAt}
	if len(f.SealedReason) == 0 {
		return item, nil
	}
	keys, err := s.keys(ctx, tx, f.Report)
	if errors.Is(err, heed.ErrGone) {
		return item, nil
	}
	if err != nil {
		return nil, err
	}
	reason, err := review.OpenReason(keys.Data, s.cfg.Line, f.Report, f.ID, f.SealedReason)
	item.Reason = reason.Text
	return item, err
}

func (s *Service) keys(ctx context.Context, tx heed.ReportTx, report heed.ID) (keys seal.ReportKeys, err error) {
	wrapped, err := tx.WrappedKey(ctx, report)
	if err != nil {
		return keys, fmt.Errorf("find the report's keys: %w", err)
	}
	if keys, err = seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, report, wrapped); err != nil {
		return keys, fmt.Errorf("open the report's keys: %w", err)
	}
	return keys, nil
}

// details is in the leaf of everything that happens to a Referral.
type details struct {
	Referral   heed.ID            `json:"referral"`
	Department string             `json:"department"`
	State      heed.ReferralState `json:"state"`
	SHA256     string             `json:"sha256,omitempty"` // of the .age file
	Size       int64              `json:"size,omitempty"`
	Files      int                `json:"files,omitempty"`
	Outcome    string             `json:"outcome,omitempty"`
}

// attempts is how often an act is tried again where somebody changed the same record in the same moment.
const attempts = 5

// change applies fn to a Referral and its Report as they now stand, and writes both with leaf and event in one
// transaction. fn may leave the report alone by returning false.
func (s *Service) change(ctx context.Context, id heed.ID, act string, actor heed.ID, fn func(tx heed.Tx, f *heed.Referral, r *heed.Report, now time.Time) (reportChanged bool, err error)) error {
	var err error
	for range attempts {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			now := s.cfg.Now()
			f, err := tx.Referral(ctx, id)
			if err != nil {
				return err
			}
			r, err := tx.Report(ctx, f.Report)
			if err != nil {
				return err
			}
			changed, err := fn(tx, f, r, now)
			if err != nil {
				return err
			}
			return s.record(ctx, tx, act, actor, f, r, changed, now)
		})
		var closed *heed.TransitionError
		var state *StateError
		if !errors.Is(err, heed.ErrConflict) || errors.As(err, &closed) || errors.As(err, &state) {
			return err
		}
	}
	return err
}

func (s *Service) record(ctx context.Context, tx heed.Tx, act string, actor heed.ID, f *heed.Referral, r *heed.Report, changed bool, now time.Time) error {
	if err := tx.UpdateReferral(ctx, f); err != nil {
		return err
	}
	if changed {
		review.RunClocks(r, now)
		if err := tx.UpdateReport(ctx, r); err != nil {
			return err
		}
		if err := tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: review.EventReportChanged, Report: r.ID, List: r.List(), Category: r.Category}); err != nil {
			return err
		}
	}
	l, err := audit.Leaf(act, actor, r.ID, now, details{
		Referral: f.ID, Department: f.Department, State: f.State, SHA256: fmt.Sprintf("%x", f.SHA256), Size: f.Size, Outcome: f.Outcome,
	})
	if err != nil {
		return err
	}
	if err := tx.AddLeaf(ctx, l); err != nil {
		return err
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventChanged, Report: f.Report, List: heed.ListReferred, To: f.Department, Category: r.Category})
}

// StateError says that an act is not open from the Referral's state. It wraps heed.ErrConflict.
type StateError struct{ State heed.ReferralState }

func (e *StateError) Error() string { return "not open from a referral that is " + string(e.State) }

// Unwrap is heed.ErrConflict.
func (e *StateError) Unwrap() error { return heed.ErrConflict }

// OpenPackage opens the sealed package for download. The download is an audit leaf, durable before the first byte. The
// caller closes the reader.
//
// It returns heed.ErrForbidden where it is another Department's, *StateError where there is no package to fetch.
func (s *Service) OpenPackage(ctx context.Context, actor *heed.Staff, id heed.ID) (*heed.Referral, io.ReadCloser, error) {
	var out *heed.Referral
	err := s.change(ctx, id, audit.ReferralDownloaded, staffID(actor), func(_ heed.Tx, f *heed.Referral, _ *heed.Report, now time.Time) (bool, error) {
		if err := s.cfg.Allow(actor, auth.ReferralOpen, auth.Resource{Department: f.Department}); err != nil {
			return false, err
		}
		if f.Blob == "" {
			return false, &StateError{f.State}
		}
		if f.State == heed.ReferralReady {
			f.State, f.StateSince = heed.ReferralDownloaded, now
		}
		out = f
		return false, nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("open a package: %w", err)
	}
	r, err := s.cfg.Blobs.Open(ctx, out.Blob)
	if err != nil {
		return nil, nil, fmt.Errorf("open a package: %w", err)
	}
	return out, r, nil
}

func staffID(actor *heed.Staff) heed.ID {
	if actor == nil {
		return ""
	}
	return actor.ID
}
