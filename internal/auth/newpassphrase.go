package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// SetPassphrase changes the actor's passphrase, seals a custodian's key under it, ends every session and token of the
// account, and opens a new session for the browser that asked. Who has none, because they enrolled with a passkey, gives
// none as old. It is for the caller to ask for a proof of who they are first (Proven): the new session counts as proven, and
// the old passphrase alone would be a way around the second step.
//
// It returns heed.ErrForbidden where old is wrong, or where the account was disabled or its passphrase changed meanwhile,
// *Throttled after too many wrong ones, and *heed.Problem for what is
// wrong with the new one.
func (s *Service) SetPassphrase(ctx context.Context, actor *heed.Staff, browser, old, new string) (session string, err error) {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return "", err
	}
	if err := CheckPassphrase(actor.Name, new); err != nil {
		return "", err
	}
	account, err := s.byName(ctx, actor.Name)
	if err == nil && (account.Passphrase != "" || old != "") {
		account, err = s.prove(ctx, actor, old)
	}
	if err != nil {
		return "", err
	}
	before := account.Passphrase
	if err := s.reseal(ctx, account, old, new); err != nil {
		return "", err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		now, err := unchanged(ctx, tx, account.ID, before)
		if err != nil {
			return err
		}
		now.Passphrase, now.CustodianPrivate = account.Passphrase, account.CustodianPrivate
		session, err = s.replaceSecrets(ctx, tx, now, browser)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("changing a passphrase: %w", err)
	}
	return session, nil
}

// prove is the actor's account, where the passphrase is theirs.
func (s *Service) prove(ctx context.Context, actor *heed.Staff, passphrase string) (*heed.Staff, error) {
	tries := own(string(actor.ID))
	if wait := s.throttle.try(tries, s.now()); wait > 0 {
		return nil, &Throttled{wait}
	}
	account, err := s.byName(ctx, actor.Name)
	right := false
	if err == nil {
		right, err = s.verify(ctx, account.Passphrase, passphrase)
	}
	switch {
	case err != nil:
		s.throttle.forgive(tries)
		return nil, err
	case !right:
		return nil, fmt.Errorf("checking a passphrase: %w", heed.ErrForbidden)
	}
	s.throttle.succeeded(tries)
	return account, nil
}

// Confirm is the account of that name, where the passphrase is its own: for an act on the machine itself that counts as a person's.
//
// heed.ErrForbidden: there is no such account, it is closed or has no passphrase, or that is another one. *Throttled, heed.ErrBusy as
// Authenticate.
func (s *Service) Confirm(ctx context.Context, name, passphrase string) (*heed.Staff, error) {
	account, err := s.Named(ctx, name)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, fmt.Errorf("confirming an act: %w", heed.ErrForbidden)
	}
	if err != nil {
		return nil, err
	}
	if account, err = s.prove(ctx, account, passphrase); err == nil && account.Disabled {
		return nil, fmt.Errorf("confirming an act by a closed account: %w", heed.ErrForbidden)
	}
	return account, err
}

// reseal gives the account the new passphrase's hash, and seals a custodian's key under it.
func (s *Service) reseal(ctx context.Context, account *heed.Staff, old, new string) error {
	encoded, err := s.hash(ctx, new)
	if err != nil {
		return err
	}
	account.Passphrase = encoded
	if account.CustodianPrivate == nil {
		return nil
	}
	var failed error
	err = s.derive.do(ctx, func() {
		var key *seal.PrivateKey
		if key, failed = seal.OpenCustodianKey(account.CustodianPublic, account.CustodianPrivate, old); failed == nil {
			account.CustodianPrivate = seal.SealCustodianKey(key, new)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("sealing a custodian's key anew: %w", err)
	}
	return nil
}

func (s *Service) replaceSecrets(ctx context.Context, tx heed.Tx, account *heed.Staff, browser string) (session string, err error) {
	if err := tx.UpdateStaff(ctx, account); err != nil {
		return "", err
	}
	if err := endAll(ctx, tx, account.ID, heed.Session, heed.HalfWay, heed.Token); err != nil {
		return "", err
	}
	if err := s.tellOwner(ctx, tx, "passphrase", account.ID, account.ID); err != nil {
		return "", err
	}
	if err := leaf(ctx, tx, s.now(), account.ID, "staff.passphrase", facts{"staff": account.ID}); err != nil {
		return "", err
	}
	return s.openSession(ctx, tx, account.ID, browser, "passphrase")
}
