package auth

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/heed-line/heed"
)

// Recovery codes: each opens the account once in the place of a passkey or of a one-time code. They have 80 random bits, so
// none can be guessed, and the store keeps only what the line's key makes of them.
const (
	recoveryCodes = 10
	recoveryBytes = 10
)

// recoveryAlphabet has no letter or digit that is mistaken for another (Crockford's base 32).
const recoveryAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newRecoveryCodes replaces the account's recovery codes and gives them in groups of four. They are shown once.
func (s *Service) newRecoveryCodes(ctx context.Context, tx heed.Tx, staff heed.ID) ([]string, error) {
	if err := tx.DeleteFactors(ctx, staff, heed.RecoveryCode); err != nil {
		return nil, err
	}
	now := s.now()
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [recoveryBytes]byte
		rand.Read(b[:]) // never fails: it ends the program instead
		code := base32.NewEncoding(recoveryAlphabet).EncodeToString(b[:])
		err := tx.AddFactor(ctx, &heed.Factor{
			ID: heed.NewID(now), Staff: staff, Kind: heed.RecoveryCode, Handle: s.factors.RecoveryHandle(string(staff), code), CreatedAt: now,
		})
		if err != nil {
			return nil, fmt.Errorf("storing a recovery code: %w", err)
		}
		codes[i] = strings.ReplaceAll(grouped(code), " ", "-")
	}
	return codes, nil
}

// cleanRecovery is a recovery code however it was typed, or "" where it can't be one.
func cleanRecovery(typed string) string {
	s := strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(typed))
	s = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s)
	if len(s) != recoveryBytes*8/5 || strings.Trim(s, recoveryAlphabet) != "" {
		return ""
	}
	return s
}

// useRecovery takes a recovery code of the account, once, and tells its owner. heed.ErrForbidden: it is none.
func (s *Service) useRecovery(ctx context.Context, tx heed.Tx, staff heed.ID, typed string) error {
	code := cleanRecovery(typed)
	if code == "" {
		return fmt.Errorf("taking a recovery code: %w", heed.ErrForbidden)
	}
	f, err := tx.FactorByHandle(ctx, heed.RecoveryCode, s.factors.RecoveryHandle(string(staff), code))
	if err == nil {
		err = tx.DeleteFactor(ctx, f.ID)
	}
	if errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("taking a recovery code: %w", heed.ErrForbidden)
	}
	if err != nil {
		return err
	}
	if err := s.tellOwner(ctx, tx, "recovery-used", staff, staff); err != nil {
		return err
	}
	return leaf(ctx, tx, s.now(), staff, "staff.recovery-used", facts{"staff": staff})
}

// Recover opens a session for the name and a recovery code, where the account has no passphrase: who has one types it
// first, and the code in the place of the second step (Second).
//
// It returns heed.ErrForbidden where they don't belong together, and *Throttled.
func (s *Service) Recover(ctx context.Context, name, typed, browser string) (session string, staff *heed.Staff, err error) {
	name = cleanName(name)
	tries, wait := s.guess(recovering, name, browser, name)
	if wait > 0 {
		return "", nil, &Throttled{wait}
	}
	session, staff, err = s.recover(ctx, name, typed, browser)
	s.judge(tries, err)
	return session, staff, err
}

func (s *Service) recover(ctx context.Context, name, typed, browser string) (session string, staff *heed.Staff, err error) {
	if faultOf(name) != "" {
		return "", nil, fmt.Errorf("recovering: %w", heed.ErrForbidden)
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		staff, err = tx.StaffByName(ctx, name)
		if errors.Is(err, heed.ErrNotFound) || err == nil && (staff.Disabled || staff.Passphrase != "") {
			return heed.ErrForbidden
		}
		if err != nil {
			return err
		}
		if err := s.useRecovery(ctx, tx, staff.ID, typed); err != nil {
			return err
		}
		session, err = s.openSession(ctx, tx, staff.ID, browser, "recovery-code")
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("recovering: %w", err)
	}
	return session, staff, nil
}

// RenewRecoveryCodes gives the actor ten new recovery codes in place of the old ones.
func (s *Service) RenewRecoveryCodes(ctx context.Context, actor *heed.Staff) (codes []string, err error) {
	err = s.ownFactors(ctx, actor, "recovery-renewed", func(tx heed.Tx, account *heed.Staff, _ []*heed.Factor) error {
		codes, err = s.newRecoveryCodes(ctx, tx, account.ID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("renewing recovery codes: %w", err)
	}
	return codes, nil
}
