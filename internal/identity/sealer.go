package identity

import (
	"context"
	"fmt"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// Sealer seals to a day's public keys. It holds no secret, so that a process which only takes reports in can have one.
type Sealer struct {
	store heed.Store
	audit *seal.Verifier
	line  string
}

// NewSealer makes a Sealer that accepts only day keys which audit's private half signed for the line.
func NewSealer(store heed.Store, audit *seal.Verifier, line string) *Sealer {
	return &Sealer{store: store, audit: audit, line: line}
}

// dayForm is how a day is written. Days are UTC's.
const dayForm = time.DateOnly

func dayOf(t time.Time) string { return t.UTC().Format(dayForm) }

// Day is the record of the day to which now belongs, its signature checked.
//
// ErrNotFound: the worker hasn't made it yet. ErrGone: its keys are destroyed. ErrInvalid: somebody other than the audit
// key made it.
func (s *Sealer) Day(ctx context.Context, now time.Time) (*heed.DayKeyRecord, error) {
	return s.record(ctx, dayOf(now))
}

func (s *Sealer) record(ctx context.Context, day string) (*heed.DayKeyRecord, error) {
	var r *heed.DayKeyRecord
	err := s.store.View(ctx, func(tx heed.Tx) (err error) {
		r, err = tx.DayKey(ctx, day)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the day keys of %s: %w", day, err)
	}
	if !r.DestroyedAt.IsZero() {
		return nil, fmt.Errorf("day keys of %s: %w", day, heed.ErrGone)
	}
	if r.Day != day {
		return nil, fmt.Errorf("day keys of %s under %s: %w", r.Day, day, heed.ErrInvalid)
	}
	if err := seal.VerifyDayKey(s.audit, s.line, r); err != nil {
		return nil, err
	}
	return r, nil
}

// SealIdentity seals who a reporter is to the day. ErrForbidden: the day has no identity key, for want of a Custodian; such
// a line takes anonymous reports only.
func (s *Sealer) SealIdentity(day *heed.DayKeyRecord, report heed.ID, who heed.Identity) ([]byte, error) {
	if day.Identity == nil {
		return nil, fmt.Errorf("sealing an identity on %s, when the line had no custodian: %w", day.Day, heed.ErrForbidden)
	}
	key, err := seal.ParsePublicKey(day.Identity)
	if err != nil {
		return nil, fmt.Errorf("identity key of %s: %w", day.Day, err)
	}
	return seal.SealIdentity(key, s.line, report, day.Day, who)
}

// WrapFileKey wraps the key of a file of that day, whose ID, Report, Blob and Day are set, to the day's transit key and, where the day has one,
// to its identity key (else identity is nil).
func (s *Sealer) WrapFileKey(day *heed.DayKeyRecord, a *heed.Attachment, key seal.Key) (transit, identity []byte, err error) {
	if transit, err = s.wrapFileKey(day, day.Transit, a, seal.ByTransit, key); err != nil {
		return nil, nil, err
	}
	if day.Identity == nil {
		return transit, nil, nil
	}
	if identity, err = s.wrapFileKey(day, day.Identity, a, seal.ByIdentity, key); err != nil {
		return nil, nil, err
	}
	return transit, identity, nil
}

func (s *Sealer) wrapFileKey(day *heed.DayKeyRecord, public []byte, a *heed.Attachment, holder seal.FileKeyHolder, key seal.Key) ([]byte, error) {
	p, err := seal.ParsePublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("%s key of %s: %w", holder, day.Day, err)
	}
	return seal.WrapFileKey(p, s.line, a, holder, key)
}
