package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// firstEra is the one for which the first Custodian of a line is approved.
const firstEra = 1

// CustodianEnrolled is told after an account stands that is to be a Custodian and has a key, or another key than before. The
// first of a line is one from then on. Every other waits until a Custodian approves, also where the account was one with its
// former key: nobody else can tell whose the new one is.
func (s *Service) CustodianEnrolled(ctx context.Context, now time.Time, staff heed.ID) error {
	if err := s.forgetKey(ctx, staff); err != nil {
		return fmt.Errorf("ending the approval of a custodian's former key: %w", err)
	}
	err := s.change(ctx, func(tx heed.Tx, c *circle) error {
		account := c.account(staff)
		if account == nil || c.has(staff) {
			return nil
		}
		if !c.known || c.era >= firstEra {
			return s.tell(ctx, tx, c, notice{code: "custodian-waits", about: staff, roles: []heed.Role{heed.Custodian, heed.Admin}})
		}
		if err := s.sign(ctx, tx, firstEra, account, "", s.now()); err != nil {
			return err
		}
		return s.circleLeaf(ctx, tx, ActCustodianApproved, "", firstEra, account)
	})
	if err != nil {
		return fmt.Errorf("approving the first custodian: %w", err)
	}
	return s.EnsureDays(ctx, now)
}

// forgetKey ends what was approved with a key that the account has no more. The era goes on, so that nobody who writes to the
// store brings the former key back, whose passphrase may be in other hands.
func (s *Service) forgetKey(ctx context.Context, staff heed.ID) error {
	return s.narrow(ctx, func(tx heed.Tx, c *circle) ([]heed.ID, error) {
		if c.era < firstEra || c.has(staff) {
			return nil, nil
		}
		approvals, err := tx.CustodianApprovals(ctx)
		if err != nil || !slices.ContainsFunc(approvals, func(a *heed.CustodianApproval) bool { return a.Staff == staff }) {
			return nil, err
		}
		return []heed.ID{staff}, nil
	})
}

// narrow takes out of the circle whom choose names, in one transaction with what choose writes: the others' approvals are
// signed anew for the next era, and then the keystore's goes on. Cut short between the two, the others count all the same, and
// the next change, or EnsureDays, completes it. Where choose names nobody nothing happens.
func (s *Service) narrow(ctx context.Context, choose func(tx heed.Tx, c *circle) ([]heed.ID, error)) error {
	var next uint64
	err := s.change(ctx, func(tx heed.Tx, c *circle) error {
		next = 0
		out, err := choose(tx, c)
		if err != nil || len(out) == 0 {
			return err
		}
		next = c.era + 1
		for _, id := range out {
			if err := tx.DeleteCustodianApproval(ctx, id); err != nil && !errors.Is(err, heed.ErrNotFound) {
				return err
			}
		}
		for _, a := range c.approved {
			if slices.Contains(out, a.ID) {
				continue
			}
			how := c.how[a.ID]
			if err := s.sign(ctx, tx, next, a, how.By, how.At); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || next == 0 {
		return err
	}
	return keystore.RaiseEra(ctx, s.keys, next)
}

// ErrUnadopted is what Begin answers where a line from before Custodians were approved doesn't say beyond doubt who its
// Custodian is. Nobody is one then, until the operator says who (ReplaceCustodians).
var ErrUnadopted = errors.New("it is not beyond doubt who the line's custodian is")

// Begin takes over a line from before Custodians were approved. Its one Custodian is approved, on trust: until then whoever
// could write to the store could have made another. The keystore must agree with the store: it may hold seeds wrapped to that
// one alone. A line that begins with this program, or did so before, is left as it is.
//
// ErrUnadopted: it has several, or the keystore contradicts. Nothing is changed then.
func (s *Service) Begin(ctx context.Context) error {
	_, known, err := s.era(ctx)
	if err != nil || known {
		return err
	}
	wrapped, err := s.wrappedTo(ctx)
	if err != nil {
		return fmt.Errorf("taking over custodians of before: %w", err)
	}
	var era uint64
	err = s.change(ctx, func(tx heed.Tx, c *circle) error {
		with := slices.DeleteFunc(slices.Clone(c.all), func(a *heed.Staff) bool {
			return !a.Has(heed.Custodian) || len(a.CustodianPublic) == 0
		})
		switch {
		case len(with) == 0 && len(wrapped) == 0:
			era = 0
			return nil
		case len(with) != 1 || slices.ContainsFunc(wrapped, func(id heed.ID) bool { return id != with[0].ID }):
			return fmt.Errorf("%d accounts have a custodian's key, seeds are wrapped to %d: %w", len(with), len(wrapped), ErrUnadopted)
		}
		era = firstEra
		if _, err := seal.ParsePublicKey(with[0].CustodianPublic); err != nil {
			return fmt.Errorf("the custodian's public key: %w", ErrUnadopted)
		}
		approvals, err := tx.CustodianApprovals(ctx)
		if err != nil || s.signedFor(with, approvals, firstEra)[with[0].ID] != nil { // another process did, or this one was cut short
			return err
		}
		if err := s.sign(ctx, tx, firstEra, with[0], "", s.now()); err != nil {
			return err
		}
		return s.circleLeaf(ctx, tx, ActCustodianAdopted, "", firstEra, with[0])
	})
	if err == nil {
		err = keystore.RaiseEra(ctx, s.keys, era)
	}
	if err != nil {
		return fmt.Errorf("taking over custodians of before: %w", err)
	}
	return nil
}

// wrappedTo lists to whom the keystore holds seeds of days that live.
func (s *Service) wrappedTo(ctx context.Context) ([]heed.ID, error) {
	names, err := s.keys.List(ctx, "day/")
	if err != nil {
		return nil, err
	}
	var out []heed.ID
	for _, n := range names {
		day, _, id, ok := seedParts(n)
		if !ok || dead(day, s.now()) {
			continue
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}
