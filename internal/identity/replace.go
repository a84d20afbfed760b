package identity

import (
	"context"
	"fmt"
	"strconv"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
)

// ReplaceCustodians makes the account the line's only Custodian, by the operator on the machine itself, where all were lost. Every
// former approval ends; who had one waits like a newcomer. Identities of living days that the account can't open are lost to
// everybody until a former one is approved again, and are destroyed in time.
//
// ErrConflict: the account is closed, isn't to be a Custodian or has no key yet. ErrNotFound: there is none.
func (s *Service) ReplaceCustodians(ctx context.Context, staff heed.ID) error {
	var next uint64
	err := s.change(ctx, func(tx heed.Tx, c *circle) error {
		next = c.era + 1
		account := c.account(staff)
		if account == nil {
			return heed.ErrNotFound
		}
		if !account.Has(heed.Custodian) || len(account.CustodianPublic) == 0 || account.Disabled {
			return heed.ErrConflict
		}
		former, err := tx.CustodianApprovals(ctx)
		if err != nil {
			return err
		}
		for _, a := range former {
			if err := tx.DeleteCustodianApproval(ctx, a.Staff); err != nil {
				return err
			}
		}
		if err := s.keys.Put(ctx, noteReplaced, []byte(strconv.FormatUint(next, 10))); err != nil {
			return fmt.Errorf("noting a replacement: %w", err)
		}
		if err := s.sign(ctx, tx, next, account, "", s.now()); err != nil {
			return err
		}
		n := notice{code: "custodian-replaced", about: staff, roles: []heed.Role{heed.Custodian, heed.Admin, heed.Overseer, heed.RoleLead}}
		if err := s.tell(ctx, tx, c, n); err != nil {
			return err
		}
		return s.circleLeaf(ctx, tx, ActCustodianReplaced, "", next, account)
	})
	if err == nil {
		err = keystore.RaiseEra(ctx, s.keys, next)
	}
	if err != nil {
		return fmt.Errorf("replacing the custodians: %w", err)
	}
	return s.EnsureDays(ctx, s.now())
}
