package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// newLink stores a link for the account ("" for the setup link) with its leaf.
func (s *Service) newLink(ctx context.Context, tx heed.Tx, by, staff heed.ID) (string, error) {
	secret, hash := newSecret()
	now := s.now()
	err := tx.AddCredential(ctx, &heed.Credential{
		Hash: hash, Kind: heed.Enrolment, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(LinkLife),
	})
	if err != nil {
		return "", fmt.Errorf("storing a link: %w", err)
	}
	return secret, leaf(ctx, tx, now, by, "staff.invited", facts{"staff": staff})
}

// SetupLink makes the secret of the link that makes the first account, in place of any earlier one.
//
// It returns heed.ErrConflict where there is an account already.
func (s *Service) SetupLink(ctx context.Context) (secret string, err error) {
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		all, err := tx.AllStaff(ctx)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			return heed.ErrConflict
		}
		if err := tx.DeleteCredentials(ctx, "", heed.Enrolment); err != nil {
			return err
		}
		secret, err = s.newLink(ctx, tx, "", "")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("making the setup link: %w", err)
	}
	return secret, nil
}

// NewLink makes another link for an account whose first one ran out unused, in place of that one.
//
// It returns heed.ErrConflict for an account that has its passphrase: a link would be a way around it.
func (s *Service) NewLink(ctx context.Context, by *heed.Staff, staff heed.ID) (secret string, err error) {
	if by != nil {
		if err := Allow(by, StaffAdd, Resource{}); err != nil {
			return "", err
		}
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := tx.Staff(ctx, staff)
		if err != nil {
			return err
		}
		if account.Passphrase != "" || account.Disabled {
			return heed.ErrConflict
		}
		if err := tx.DeleteCredentials(ctx, staff, heed.Enrolment); err != nil {
			return err
		}
		secret, err = s.newLink(ctx, tx, idOf(by), staff)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("making another link: %w", err)
	}
	return secret, nil
}

// Invited is the account that a link is for, or nil for the setup link. Looking doesn't use the link up.
//
// It returns heed.ErrNotFound where the link was used, is too old, or never was.
func (s *Service) Invited(ctx context.Context, link string) (staff *heed.Staff, err error) {
	err = s.store.View(ctx, func(tx heed.Tx) error {
		staff, err = s.invited(ctx, tx, hashSecret(link))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking a link up: %w", err)
	}
	return staff, nil
}

func (s *Service) invited(ctx context.Context, tx heed.Tx, hash []byte) (*heed.Staff, error) {
	c, err := tx.Credential(ctx, hash)
	if err != nil {
		return nil, err
	}
	if c.Kind != heed.Enrolment || !s.alive(c) {
		return nil, heed.ErrNotFound
	}
	if c.Staff == "" {
		return nil, nil
	}
	account, err := tx.Staff(ctx, c.Staff)
	if err == nil && account.Disabled {
		return nil, heed.ErrNotFound
	}
	return account, err
}

// Setup uses the setup link: it makes the first account, complete, and signs it in.
//
// It returns heed.Problems for what is wrong with n or the passphrase (the link stays good), and heed.ErrNotFound where
// the link isn't.
func (s *Service) Setup(ctx context.Context, link string, n NewStaff, passphrase string) (session string, staff *heed.Staff, err error) {
	if account, err := s.Invited(ctx, link); err != nil {
		return "", nil, err
	} else if account != nil {
		return "", nil, fmt.Errorf("setting up with an enrolment link: %w", heed.ErrNotFound)
	}
	staff, err = s.complete(ctx, n, passphrase)
	if err != nil {
		return "", nil, err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.DeleteCredential(ctx, hashSecret(link)); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, staff.ID, staff); err != nil {
			return err
		}
		if err := leaf(ctx, tx, s.now(), staff.ID, "staff.enrolled", facts{"staff": staff.ID, "first": true}); err != nil {
			return err
		}
		session, err = s.openSession(ctx, tx, staff.ID)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("setting the first account up: %w", err)
	}
	return session, staff, s.custodianAdded(ctx, staff)
}

// Enrol uses an enrolment link: it sets the account's passphrase, makes a custodian's key, and signs the person in.
//
// It returns *heed.Problem for what is wrong with the passphrase and heed.Problems for a custodian where another one has
// got a key meanwhile (the link stays good), and heed.ErrNotFound where the link isn't.
func (s *Service) Enrol(ctx context.Context, link, passphrase string) (session string, staff *heed.Staff, err error) {
	staff, err = s.Invited(ctx, link)
	if err != nil {
		return "", nil, err
	}
	if staff == nil {
		return "", nil, fmt.Errorf("enrolling with the setup link: %w", heed.ErrNotFound)
	}
	if err := CheckPassphrase(staff.Name, passphrase); err != nil {
		return "", nil, err
	}
	if err := s.equip(ctx, staff, passphrase); err != nil {
		return "", nil, err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.DeleteCredential(ctx, hashSecret(link)); err != nil {
			return err
		}
		if err := onlyCustodian(ctx, tx, staff); err != nil {
			return err
		}
		account, err := unchanged(ctx, tx, staff.ID, "")
		if err != nil {
			return err
		}
		account.Passphrase, account.CustodianPublic, account.CustodianPrivate = staff.Passphrase, staff.CustodianPublic, staff.CustodianPrivate
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		if err := leaf(ctx, tx, s.now(), staff.ID, "staff.enrolled", facts{"staff": staff.ID}); err != nil {
			return err
		}
		session, err = s.openSession(ctx, tx, staff.ID)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("enrolling: %w", err)
	}
	return session, staff, s.custodianAdded(ctx, staff)
}

// SetPassphrase changes the actor's passphrase, seals a custodian's key under it, ends every session and token of the
// account, and opens a new session for the browser that asked.
//
// It returns heed.ErrForbidden where old is wrong, or where the account was disabled or its passphrase changed meanwhile,
// *Throttled after too many wrong ones, and *heed.Problem for what is
// wrong with the new one.
func (s *Service) SetPassphrase(ctx context.Context, actor *heed.Staff, old, new string) (session string, err error) {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return "", err
	}
	if err := CheckPassphrase(actor.Name, new); err != nil {
		return "", err
	}
	account, err := s.prove(ctx, actor, old)
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
		session, err = s.replaceSecrets(ctx, tx, now)
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

func (s *Service) replaceSecrets(ctx context.Context, tx heed.Tx, account *heed.Staff) (session string, err error) {
	if err := tx.UpdateStaff(ctx, account); err != nil {
		return "", err
	}
	if err := endAll(ctx, tx, account.ID, heed.Session, heed.Token); err != nil {
		return "", err
	}
	if err := leaf(ctx, tx, s.now(), account.ID, "staff.passphrase", facts{"staff": account.ID}); err != nil {
		return "", err
	}
	return s.openSession(ctx, tx, account.ID)
}

// DeleteExpired forgets credentials that ended; call it now and then. It says how many there were.
func (s *Service) DeleteExpired(ctx context.Context) (n int, err error) {
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		n, err = tx.DeleteExpiredCredentials(ctx, s.now())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("deleting ended credentials: %w", err)
	}
	return n, nil
}
