package auth

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
)

// Limit says of which categories' reports alone the account is to know from now on; none lifts the limit. It holds from
// the next request on.
//
// by is an admin, but never the account's own, or nil for the operator on the machine itself. It returns heed.Problems for
// a category that there isn't and for an account that has nothing to do with reports, heed.ErrForbidden and
// heed.ErrNotFound.
func (s *Service) Limit(ctx context.Context, by *heed.Staff, staff heed.ID, categories []string) error {
	if by != nil {
		if err := Allow(by, StaffLimit, Resource{Staff: staff}); err != nil {
			return err
		}
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := tx.Staff(ctx, staff)
		if err != nil {
			return err
		}
		if code := s.limitFault(account.Roles, categories); code != "" {
			return heed.Problems{{Field: "category", Code: code}}
		}
		account.Categories = inOrder(categories)
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), idOf(by), "staff.limited", facts{"staff": staff, "categories": account.Categories})
	})
	if err != nil {
		return fmt.Errorf("limiting an account to categories: %w", err)
	}
	return nil
}

// LimitNamed is Limit by the operator, for the account of that name.
func (s *Service) LimitNamed(ctx context.Context, name string, categories []string) error {
	staff, err := s.byName(ctx, cleanName(name))
	if err != nil {
		return err
	}
	return s.Limit(ctx, nil, staff.ID, categories)
}
