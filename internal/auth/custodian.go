package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// CustodianKey opens the actor's own key with their passphrase, whatever else they signed in with: the passphrase is what
// opens it. The key is to be used and dropped in the same request.
//
// It returns a *heed.Problem in "passphrase" where that is wrong and one where the account keeps its key elsewhere, *Throttled
// after too many wrong ones, heed.ErrBusy where the machine has no room, and heed.ErrForbidden to who is no custodian.
func (s *Service) CustodianKey(ctx context.Context, actor *heed.Staff, passphrase string) (*seal.PrivateKey, error) {
	account, err := s.proveAgain(ctx, actor, passphrase)
	if err != nil {
		return nil, err
	}
	if account.Disabled || !account.Has(heed.Custodian) {
		return nil, fmt.Errorf("opening a custodian's key: %w", heed.ErrForbidden)
	}
	if account.CustodianPrivate == nil {
		return nil, &heed.Problem{Code: "custodian-key-elsewhere"}
	}
	var key *seal.PrivateKey
	var failed error
	err = s.derive.do(ctx, func() {
		key, failed = seal.OpenCustodianKey(account.CustodianPublic, account.CustodianPrivate, passphrase)
	})
	if err = errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("opening a custodian's key: %w", err)
	}
	return key, nil
}

// proveAgain is prove for who is at a form of their own, where a wrong passphrase is a field to put right.
func (s *Service) proveAgain(ctx context.Context, actor *heed.Staff, passphrase string) (*heed.Staff, error) {
	account, err := s.prove(ctx, actor, passphrase)
	if errors.Is(err, heed.ErrForbidden) {
		return nil, &heed.Problem{Field: "passphrase", Code: "passphrase-wrong"}
	}
	return account, err
}
