package auth

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
)

// Proven reports whether the session's holder proved who they are within ProofLife: only then may they do what would give
// somebody else the account, or the line.
func (s *Service) Proven(ctx context.Context, secret, browser string) (bool, error) {
	_, c, err := s.session(ctx, secret, browser)
	if err != nil {
		return false, err
	}
	return s.now().Sub(c.ProvedAt) < ProofLife, nil
}

// Prove renews the proof of a session: with the passphrase, and a one-time code where the account has them. The session goes
// on under a new secret and ends when the old one would have.
//
// It returns heed.ErrForbidden where they are wrong, *Throttled, and heed.ErrNotFound where the session is over.
func (s *Service) Prove(ctx context.Context, secret, browser, passphrase, code string) (session string, err error) {
	staff, c, err := s.session(ctx, secret, browser)
	if err != nil {
		return "", err
	}
	account, err := s.prove(ctx, staff, passphrase)
	if err != nil {
		return "", err
	}
	tries, wait := s.guess(secondStep, staff.Name, browser, string(staff.ID))
	if wait > 0 {
		return "", &Throttled{wait}
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		now, err := unchanged(ctx, tx, account.ID, account.Passphrase)
		if err != nil {
			return err
		}
		factors, err := tx.Factors(ctx, now.ID)
		if err != nil {
			return err
		}
		if ofKind(factors, heed.OneTimeCodes) != nil {
			if err := s.useCode(ctx, tx, factors, digitsOf(code)); err != nil {
				return err
			}
		}
		session, err = s.renewSession(ctx, tx, c)
		return err
	})
	s.judge(tries, err)
	if err != nil {
		return "", fmt.Errorf("proving who one is: %w", err)
	}
	return session, nil
}

// ProveByPasskey is Prove with a passkey's response to AskPasskey. A copied passkey is refused and announced.
func (s *Service) ProveByPasskey(ctx context.Context, secret, browser string, site Site, response []byte) (session string, err error) {
	staff, c, err := s.session(ctx, secret, browser)
	if err != nil {
		return "", err
	}
	copied := false
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		whose, passkey, err := s.answered(ctx, tx, site, browser, response)
		if err != nil {
			return err
		}
		if copied = passkey == nil; copied {
			return s.passkeyCopied(ctx, tx, whose)
		}
		if whose.ID != staff.ID {
			return heed.ErrForbidden
		}
		session, err = s.renewSession(ctx, tx, c)
		return err
	})
	if err == nil && copied {
		err = heed.ErrForbidden
	}
	if err != nil {
		return "", fmt.Errorf("proving who one is: %w", err)
	}
	return session, nil
}

// renewSession gives a session another secret, so that one that was stolen before the proof has no part in it.
func (s *Service) renewSession(ctx context.Context, tx heed.Tx, c *heed.Credential) (secret string, err error) {
	if err := tx.DeleteCredential(ctx, c.Hash); err != nil {
		return "", err
	}
	now := s.now()
	renewed := *c
	secret, renewed.Hash = newSecret()
	renewed.SeenAt, renewed.ProvedAt = now, now
	if err := tx.AddCredential(ctx, &renewed); err != nil {
		return "", err
	}
	return secret, leaf(ctx, tx, now, c.Staff, "staff.proved", facts{"staff": c.Staff})
}
