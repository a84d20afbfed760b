package identity

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// AskRemoval wishes that somebody be a Custodian no longer. Another person, a Custodian, agrees (RemoveCustodian); after
// auth.LinkLife it lapses. The last Custodian can only be replaced.
//
// It returns heed.ErrForbidden, also to who waits to be a Custodian, heed.ErrConflict where it is wished for already or the account is no
// Custodian's, and a *heed.Problem for the last one.
func (c *Custody) AskRemoval(ctx context.Context, actor *heed.Staff, staff heed.ID) error {
	if err := c.allow(actor, auth.CustodianAskRemoval, auth.Resource{Staff: staff}); err != nil {
		return err
	}
	err := c.change(ctx, func(tx heed.Tx, now *circle) error {
		if !actor.Has(heed.Admin) && !now.counts(actor.ID) {
			return notApproved(actor.ID)
		}
		account, err := now.removable(staff)
		if err != nil {
			return err
		}
		wish, err := c.removal(ctx, tx, staff)
		if err != nil {
			return err
		}
		if wish != nil {
			return fmt.Errorf("removing %s is wished for already: %w", staff, heed.ErrConflict)
		}
		at := c.now()
		mark := make([]byte, 32)
		rand.Read(mark) // never fails: it ends the program instead
		err = tx.AddCredential(ctx, &heed.Credential{
			Hash: mark, Kind: heed.Removal, Staff: staff, CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(auth.LinkLife), By: actor.ID,
		})
		if err != nil {
			return err
		}
		n := notice{code: "custodian-removal-asked", about: staff, by: actor.ID, roles: []heed.Role{heed.Custodian, heed.Admin, heed.Overseer}}
		if err := c.tell(ctx, tx, now, n); err != nil {
			return err
		}
		return c.circleLeaf(ctx, tx, ActCustodianRemovalAsked, actor.ID, now.era, account)
	})
	if err != nil {
		return fmt.Errorf("asking for a custodian's removal: %w", err)
	}
	return nil
}

// removable is the account of a Custodian who isn't the last one that counts.
func (c *circle) removable(staff heed.ID) (*heed.Staff, error) {
	if !c.has(staff) {
		return nil, fmt.Errorf("%s is no custodian: %w", staff, heed.ErrConflict)
	}
	if !slices.ContainsFunc(c.counting(), func(a *heed.Staff) bool { return a.ID != staff }) {
		return nil, &heed.Problem{Code: "custodian-last"}
	}
	return c.account(staff), nil
}

// removal is the live wish, or nil.
func (s *Service) removal(ctx context.Context, tx heed.StaffTx, staff heed.ID) (*heed.Credential, error) {
	wishes, err := tx.Credentials(ctx, staff, heed.Removal)
	if err != nil {
		return nil, err
	}
	for _, w := range wishes {
		if s.now().Before(w.ExpiresAt) {
			return w, nil
		}
	}
	return nil, nil
}

// Removals says of each Custodian whose removal is wished for who wishes it.
func (c *Custody) Removals(ctx context.Context, actor *heed.Staff) (map[heed.ID]heed.ID, error) {
	if err := c.allow(actor, auth.CustodianList, auth.Resource{}); err != nil {
		return nil, err
	}
	by := map[heed.ID]heed.ID{}
	err := c.store.View(ctx, func(tx heed.Tx) error {
		clear(by)
		all, err := tx.AllStaff(ctx)
		if err != nil {
			return err
		}
		for _, a := range all {
			wish, err := c.removal(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			if wish != nil {
				by[a.ID] = wish.By
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing wishes for removals: %w", err)
	}
	return by, nil
}

// RemoveCustodian agrees to a removal that somebody else wished for.
//
// It returns heed.ErrNotFound where no wish stands, heed.ErrForbidden to whose removal it is, to who wished for it and to who is
// no Custodian, a *heed.Problem for the last Custodian, and the errors of auth.Service.CustodianKey.
func (c *Custody) RemoveCustodian(ctx context.Context, actor *heed.Staff, staff heed.ID, passphrase string) error {
	if _, err := c.mayRemove(ctx, actor, staff); err != nil {
		return err
	}
	return c.removeByKey(ctx, actor, staff, passphrase, c.agrees(actor, staff))
}

// agrees makes sure in the removal's own transaction that the wish still stands, and that actor is another person than whose it is.
func (c *Custody) agrees(actor *heed.Staff, staff heed.ID) agreed {
	return func(ctx context.Context, tx heed.Tx, now *circle) error {
		wish, err := c.removal(ctx, tx, staff)
		if err != nil {
			return err
		}
		if wish == nil {
			return heed.ErrNotFound
		}
		return c.asSecond(ctx, tx, now, actor, auth.CustodianRemove, auth.Resource{Staff: staff, By: wish.By})
	}
}

// agreed refuses where two people don't agree to a removal.
type agreed func(ctx context.Context, tx heed.Tx, now *circle) error

// mayRemove is the wish to which actor may agree.
func (c *Custody) mayRemove(ctx context.Context, actor *heed.Staff, staff heed.ID) (wish *heed.Credential, err error) {
	err = c.store.View(ctx, func(tx heed.Tx) (err error) {
		wish, err = c.removal(ctx, tx, staff)
		return err
	})
	if err == nil && wish == nil {
		err = heed.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a wish for a removal: %w", err)
	}
	return wish, c.allow(actor, auth.CustodianRemove, auth.Resource{Staff: staff, By: wish.By})
}

// RemoveByOperator is a removal that the operator on the machine itself wishes for and actor, a Custodian, agrees to.
func (c *Custody) RemoveByOperator(ctx context.Context, actor *heed.Staff, staff heed.ID, passphrase string) error {
	if err := c.allow(actor, auth.CustodianRemove, auth.Resource{Staff: staff}); err != nil {
		return err
	}
	return c.removeByKey(ctx, actor, staff, passphrase, operatorAgrees)
}

// operatorAgrees is the word of the operator, who is no account's hand.
func operatorAgrees(context.Context, heed.Tx, *circle) error { return nil }

func (c *Custody) removeByKey(ctx context.Context, actor *heed.Staff, staff heed.ID, passphrase string, two agreed) error {
	key, err := c.secrets.CustodianKey(ctx, actor, passphrase)
	if err != nil {
		return err
	}
	return c.remove(ctx, staff, byKey(actor, key), two)
}

// remove takes the approval away, notes in the keystore whose seeds are to go, and then makes the keys anew and drops the seeds.
// The note is laid down in the change itself, so that nobody else's fate touches it. Cut short anywhere after the approval went,
// EnsureDays completes it.
func (c *Custody) remove(ctx context.Context, staff heed.ID, w word, two agreed) error {
	err := c.narrow(ctx, func(tx heed.Tx, now *circle) ([]heed.ID, error) {
		if err := w.given(now); err != nil {
			return nil, err
		}
		if err := two(ctx, tx, now); err != nil {
			return nil, err
		}
		account, err := now.removable(staff)
		if err != nil {
			return nil, err
		}
		// Beside tx all the same: it may be laid down twice, and where the transaction fails the worker forgets it (dropNote).
		if err := c.keys.Put(ctx, prefixRemoved+string(staff), []byte(staff)); err != nil {
			return nil, fmt.Errorf("noting a removal: %w", err)
		}
		if err := c.circleLeaf(ctx, tx, ActCustodianRemoved, w.by, now.era+1, account); err != nil {
			return nil, err
		}
		n := notice{code: "custodian-removed", about: staff, by: w.by, roles: []heed.Role{heed.Custodian, heed.Admin, heed.Overseer}}
		if err := c.tell(ctx, tx, now, n); err != nil {
			return nil, err
		}
		return []heed.ID{staff}, c.strip(ctx, tx, staff)
	})
	if err != nil {
		return fmt.Errorf("removing a custodian: %w", err)
	}
	return c.finishRemoval(ctx, staff)
}

// strip takes from the account what made it a Custodian's: role, key, what is signed in. An account that was nothing else is
// closed. What it approved and nobody has seen yet lapses: its word counts no more.
func (c *Custody) strip(ctx context.Context, tx heed.Tx, staff heed.ID) error {
	if err := tx.LockStaff(ctx, staff); err != nil {
		return err
	}
	account, err := tx.Staff(ctx, staff)
	if err != nil {
		return err
	}
	account.Roles = slices.DeleteFunc(account.Roles, func(r heed.Role) bool { return r == heed.Custodian })
	account.CustodianPublic, account.CustodianPrivate = nil, nil
	account.Disabled = account.Disabled || len(account.Roles) == 0
	if err := tx.UpdateStaff(ctx, account); err != nil {
		return err
	}
	for _, kind := range []heed.CredentialKind{heed.Session, heed.HalfWay, heed.Token, heed.Removal} {
		if err := tx.DeleteCredentials(ctx, staff, kind); err != nil {
			return err
		}
	}
	return c.lapseAll(ctx, tx, func() ([]*heed.Disclosure, error) { return tx.UnseenDisclosures(ctx, staff, lapseAtOnce) })
}
