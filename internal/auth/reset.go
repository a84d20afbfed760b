package auth

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
)

// Somebody who has lost every way in gets a new enrolment link. An admin asks for it and a second person gives it, or the
// operator on the machine itself does; its owner and every other admin are told of each step, and the owner, who may still
// have a way in, can stop it. Nothing ends before the link is used.

// AskReset wishes for a new link for an account that somebody has. It lapses after LinkLife.
//
// It returns heed.ErrConflict where the account is disabled, has only a link anyway, or a wish stands already.
func (s *Service) AskReset(ctx context.Context, by *heed.Staff, staff heed.ID) error {
	if err := Allow(by, StaffReset, Resource{Staff: staff}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, staff)
		if err != nil {
			return err
		}
		asked, err := s.asked(ctx, tx, staff)
		if err != nil {
			return err
		}
		if account.EnrolledAt.IsZero() || account.Disabled || asked != nil {
			return heed.ErrConflict
		}
		if err := tx.DeleteCredentials(ctx, staff, heed.Reset); err != nil { // one that lapsed
			return err
		}
		_, hash := newSecret()
		now := s.now()
		err = tx.AddCredential(ctx, &heed.Credential{
			Hash: hash, Kind: heed.Reset, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(LinkLife), By: by.ID,
		})
		if err != nil {
			return err
		}
		if err := s.tellAll(ctx, tx, "reset-asked", staff, by.ID); err != nil {
			return err
		}
		return leaf(ctx, tx, now, by.ID, "staff.reset-asked", facts{"staff": staff})
	})
	if err != nil {
		return fmt.Errorf("asking for a reset: %w", err)
	}
	return nil
}

// asked is the live wish for a new link, or nil.
func (s *Service) asked(ctx context.Context, tx heed.StaffTx, staff heed.ID) (*heed.Credential, error) {
	wishes, err := tx.Credentials(ctx, staff, heed.Reset)
	if err != nil {
		return nil, err
	}
	for _, c := range wishes {
		if s.alive(c) {
			return c, nil
		}
	}
	return nil, nil
}

// Asked says for each account for which a new link is wished who wishes it.
func (s *Service) Asked(ctx context.Context, actor *heed.Staff) (map[heed.ID]heed.ID, error) {
	if err := Allow(actor, StaffList, Resource{}); err != nil {
		return nil, err
	}
	by := map[heed.ID]heed.ID{}
	err := s.store.View(ctx, func(tx heed.Tx) error {
		clear(by)
		all, err := tx.AllStaff(ctx)
		if err != nil {
			return err
		}
		for _, a := range all {
			c, err := s.asked(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			if c != nil {
				by[a.ID] = c.By
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing wishes for links: %w", err)
	}
	return by, nil
}

// ApproveReset gives the new link that somebody else wished for.
//
// It returns heed.ErrForbidden to who wished for it and to the account's owner, and heed.ErrNotFound where no wish stands.
func (s *Service) ApproveReset(ctx context.Context, by *heed.Staff, staff heed.ID) (link string, err error) {
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if _, err := locked(ctx, tx, staff); err != nil {
			return err
		}
		wish, err := s.asked(ctx, tx, staff)
		if err != nil {
			return err
		}
		if wish == nil {
			return heed.ErrNotFound
		}
		on := Resource{Staff: staff, By: wish.By}
		if err := Allow(by, StaffResetApprove, on); err != nil {
			return err
		}
		if err := AsSecond(ctx, tx, by, StaffResetApprove, on, nil, s.now()); err != nil {
			return err
		}
		link, err = s.reset(ctx, tx, by.ID, staff, "reset-approved")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("approving a reset: %w", err)
	}
	return link, nil
}

// ResetNamed is both steps at once by the operator on the machine itself, who holds the line's keys anyway.
//
// It returns heed.ErrNotFound where nobody is called so, and heed.ErrConflict where the account is disabled.
func (s *Service) ResetNamed(ctx context.Context, name string) (link string, err error) {
	account, err := s.byName(ctx, cleanName(name))
	if err != nil {
		return "", err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if account, err = locked(ctx, tx, account.ID); err != nil {
			return err
		}
		if account.Disabled {
			return heed.ErrConflict
		}
		link, err = s.reset(ctx, tx, "", account.ID, "reset-by-operator")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("resetting an account: %w", err)
	}
	return link, nil
}

// reset makes the link in place of any other, and tells of it.
func (s *Service) reset(ctx context.Context, tx heed.Tx, by, staff heed.ID, code string) (string, error) {
	if err := endAll(ctx, tx, staff, heed.Enrolment, heed.Reset); err != nil {
		return "", err
	}
	if err := s.tellAll(ctx, tx, code, staff, by); err != nil {
		return "", err
	}
	if err := leaf(ctx, tx, s.now(), by, "staff."+code, facts{"staff": staff}); err != nil {
		return "", err
	}
	return s.newLink(ctx, tx, by, staff)
}

// StopReset ends the wish for a new link to the actor's account, and the link that came of it. Who can do that has a way in.
//
// It returns heed.ErrNotFound where there is neither.
func (s *Service) StopReset(ctx context.Context, actor *heed.Staff) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		stands, err := s.resetStands(ctx, tx, actor.ID)
		if err != nil {
			return err
		}
		if !stands {
			return heed.ErrNotFound
		}
		if err := endAll(ctx, tx, actor.ID, heed.Enrolment, heed.Reset); err != nil {
			return err
		}
		if err := s.tellAll(ctx, tx, "reset-stopped", actor.ID, actor.ID); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), actor.ID, "staff.reset-stopped", facts{"staff": actor.ID})
	})
	if err != nil {
		return fmt.Errorf("stopping a reset: %w", err)
	}
	return nil
}

// ResetStands reports whether a new link to the actor's account is wished for or given.
func (s *Service) ResetStands(ctx context.Context, actor *heed.Staff) (stands bool, err error) {
	err = s.store.View(ctx, func(tx heed.Tx) error {
		stands, err = s.resetStands(ctx, tx, idOf(actor))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("looking for a reset: %w", err)
	}
	return stands, nil
}

func (s *Service) resetStands(ctx context.Context, tx heed.StaffTx, staff heed.ID) (bool, error) {
	for _, kind := range []heed.CredentialKind{heed.Reset, heed.Enrolment} {
		all, err := tx.Credentials(ctx, staff, kind)
		if err != nil {
			return false, err
		}
		for _, c := range all {
			if s.alive(c) {
				return true, nil
			}
		}
	}
	return false, nil
}

// Named is the account of that name, for the operator on the machine itself. heed.ErrNotFound: nobody is called so.
func (s *Service) Named(ctx context.Context, name string) (*heed.Staff, error) {
	if name = cleanName(name); faultOf(name) != "" {
		return nil, fmt.Errorf("looking an account up: %w", heed.ErrNotFound)
	}
	return s.byName(ctx, name)
}

// SetRoles changes what an account may do, and its department. It ends the account's sessions and tokens, which were given
// for what it could do before, and is announced.
//
// by is an admin, never for their own account, or nil for the operator on the machine itself. It returns heed.Problems for
// what is wrong with the roles or the department, and heed.ErrForbidden.
func (s *Service) SetRoles(ctx context.Context, by *heed.Staff, staff heed.ID, roles []heed.Role, department string) error {
	if by != nil {
		if err := Allow(by, StaffRoles, Resource{Staff: staff}); err != nil {
			return err
		}
	}
	n := NewStaff{Name: "x", Roles: roles, Department: department}
	if ps := s.check(&n); ps != nil {
		return ps
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, staff)
		if err != nil {
			return err
		}
		before := account.Has(heed.Custodian)
		changed := n.account(s.now())
		account.Roles, account.Department = changed.Roles, changed.Department
		if now := account.Has(heed.Custodian); now != before {
			// A custodian's key is made, approved and taken back in its own ways; a role alone would be half a custodian.
			return heed.Problems{{Field: "roles", Code: "custodian-role"}}
		}
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		if err := endAll(ctx, tx, staff, heed.Session, heed.HalfWay, heed.Token); err != nil {
			return err
		}
		if err := s.tellAll(ctx, tx, "roles", staff, idOf(by)); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), idOf(by), "staff.roles", facts{"staff": staff, "roles": account.Roles, "department": account.Department})
	})
	if err != nil {
		return fmt.Errorf("changing an account's roles: %w", err)
	}
	return nil
}
