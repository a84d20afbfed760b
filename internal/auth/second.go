package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
)

// halfTries is how many codes may be typed after one passphrase.
const halfTries = 5

// Half tells about half a sign-in: whose it is, and whether they have one-time codes. Without any they set them up now
// (SecondSetUp) or use a passkey.
type Half struct {
	Staff                    *heed.Staff
	Way                      string // the first step: "passphrase" or "sign-on"
	Codes, Passkey, Recovery bool
}

// Half is what the secret of a *SecondStep stands for, or heed.ErrNotFound.
func (s *Service) Half(ctx context.Context, half, browser string) (*Half, error) {
	staff, c, err := s.lookUp(ctx, half, heed.HalfWay)
	if err == nil && !bound(c, browser) {
		err = fmt.Errorf("half a sign-in in another browser: %w", heed.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	var factors []*heed.Factor
	err = s.store.View(ctx, func(tx heed.Tx) error {
		factors, err = tx.Factors(ctx, staff.ID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking up a second step: %w", err)
	}
	return &Half{
		Staff: staff, Way: cmp.Or(c.Way, "passphrase"), Codes: ofKind(factors, heed.OneTimeCodes) != nil, Passkey: ofKind(factors, heed.Passkey) != nil,
		Recovery: ofKind(factors, heed.RecoveryCode) != nil,
	}, nil
}

// Second completes a sign-in with a one-time code or a recovery code.
//
// It returns heed.ErrForbidden where it is neither, *Throttled, and heed.ErrNotFound where the half is over: too old, of
// another browser, or after five wrong codes, of which the account's owner is told: somebody knows the passphrase.
func (s *Service) Second(ctx context.Context, half, browser, typed string) (session string, staff *heed.Staff, err error) {
	h, err := s.Half(ctx, half, browser)
	if err != nil {
		return "", nil, err
	}
	tries, wait := s.guess(secondStep, h.Staff.Name, browser, string(h.Staff.ID))
	if wait > 0 {
		return "", nil, &Throttled{wait}
	}
	if s.throttle.spent(halves(hashSecret(half)), halfTries, s.now()) {
		return "", nil, s.endHalf(ctx, half, h.Staff)
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if staff, err = s.halfOver(ctx, tx, half, h.Staff); err != nil {
			return err
		}
		factors, err := tx.Factors(ctx, staff.ID)
		if err != nil {
			return err
		}
		way := h.Way + "+code"
		if code := digitsOf(typed); code != "" {
			err = s.useCode(ctx, tx, factors, code)
		} else {
			way = h.Way + "+recovery-code"
			err = s.useRecovery(ctx, tx, staff.ID, typed)
		}
		if err != nil {
			return err
		}
		session, err = s.openSession(ctx, tx, staff.ID, browser, way)
		return err
	})
	s.judge(tries, err)
	if err != nil {
		return "", nil, fmt.Errorf("the second step: %w", err)
	}
	return session, staff, nil
}

// halfOver ends the half of a sign-in that becomes a whole, and gives the account as it stands now. heed.ErrNotFound: it is
// over already, or the passphrase that opened it is no longer the account's.
func (s *Service) halfOver(ctx context.Context, tx heed.Tx, half string, was *heed.Staff) (*heed.Staff, error) {
	if err := tx.DeleteCredential(ctx, hashSecret(half)); err != nil {
		return nil, err
	}
	staff, err := unchanged(ctx, tx, was.ID, was.Passphrase)
	if errors.Is(err, heed.ErrForbidden) {
		return nil, heed.ErrNotFound
	}
	return staff, err
}

// endHalf ends the half of a sign-in after too many wrong codes. It answers heed.ErrNotFound.
func (s *Service) endHalf(ctx context.Context, half string, staff *heed.Staff) error {
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.DeleteCredential(ctx, hashSecret(half)); err != nil {
			return err
		}
		if err := s.tellOwner(ctx, tx, "second-step-failed", staff.ID, ""); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), "", "staff.second-step-failed", facts{"staff": staff.ID})
	})
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("ending half a sign-in: %w", err)
	}
	return fmt.Errorf("too many wrong codes: %w", heed.ErrNotFound)
}

// SecondSetUp completes the first sign-in of an account from which the line asks a second step that it doesn't have yet: it
// sets up one-time codes by an offer (OfferCodes, subject the half's secret).
//
// It returns *heed.Problem in the field "code", and heed.ErrNotFound where the half is over or the account has a second step.
func (s *Service) SecondSetUp(ctx context.Context, half, browser, token, typed string) (session string, staff *heed.Staff, recovery []string, err error) {
	h, err := s.Half(ctx, half, browser)
	if err != nil {
		return "", nil, nil, err
	}
	f, err := s.newCodes(h.Staff.ID, half, token, typed)
	if err != nil {
		return "", nil, nil, err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if staff, err = s.halfOver(ctx, tx, half, h.Staff); err != nil {
			return err
		}
		factors, err := tx.Factors(ctx, staff.ID)
		if err != nil {
			return err
		}
		if ofKind(factors, heed.OneTimeCodes) != nil || ofKind(factors, heed.Passkey) != nil {
			return heed.ErrNotFound
		}
		if recovery, err = s.equipSecond(ctx, tx, staff, factors, f); err != nil {
			return err
		}
		if err := s.tellOwner(ctx, tx, "codes-added", staff.ID, staff.ID); err != nil {
			return err
		}
		if err := leaf(ctx, tx, s.now(), staff.ID, "staff.codes-added", facts{"staff": staff.ID}); err != nil {
			return err
		}
		session, err = s.openSession(ctx, tx, staff.ID, browser, h.Way+"+code")
		return err
	})
	if err != nil {
		return "", nil, nil, fmt.Errorf("setting a second step up: %w", err)
	}
	return session, staff, recovery, nil
}
