package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/keystore"
)

// prefixRemoved begins the names in the keystore that say whose seeds are still to be dropped. They lie there and not in the store,
// so that who writes to the store has nobody's dropped.
const prefixRemoved = "custodians/removed/"

// noteReplaced in the keystore holds the era from which on the days' keys are still to be made anew, all having been replaced.
const noteReplaced = "custodians/replaced"

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
	return c.removeByKey(ctx, actor, staff, passphrase)
}

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
	return c.removeByKey(ctx, actor, staff, passphrase)
}

func (c *Custody) removeByKey(ctx context.Context, actor *heed.Staff, staff heed.ID, passphrase string) error {
	key, err := c.secrets.CustodianKey(ctx, actor, passphrase)
	if err != nil {
		return err
	}
	return c.remove(ctx, staff, byKey(actor, key))
}

// remove notes in the keystore whose seeds are to go, takes the approval away, and then makes the keys anew and drops the
// seeds. Cut short anywhere after the approval went, EnsureDays completes it.
func (c *Custody) remove(ctx context.Context, staff heed.ID, w word) error {
	if err := c.keys.Put(ctx, prefixRemoved+string(staff), []byte(staff)); err != nil {
		return fmt.Errorf("noting a removal: %w", err)
	}
	err := c.narrow(ctx, func(tx heed.Tx, now *circle) ([]heed.ID, error) {
		if err := w.given(now); err != nil {
			return nil, err
		}
		account, err := now.removable(staff)
		if err != nil {
			return nil, err
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
		c2, lookErr := c.circle(ctx)
		if lookErr == nil && c2.has(staff) { // nothing happened
			lookErr = c.keys.Delete(ctx, prefixRemoved+string(staff))
		}
		return fmt.Errorf("removing a custodian: %w", errors.Join(err, lookErr))
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

// finishRemovals completes what was cut short of removals and of a replacement.
func (s *Service) finishRemovals(ctx context.Context, c *circle) error {
	if err := s.finishReplacement(ctx, c); err != nil {
		return err
	}
	names, err := s.keys.List(ctx, prefixRemoved)
	if err != nil {
		return err
	}
	for _, name := range names {
		staff := heed.ID(strings.TrimPrefix(name, prefixRemoved))
		if c.has(staff) { // about to be removed, or the removal never happened
			continue
		}
		if err := s.finishRemoval(ctx, staff); err != nil {
			return err
		}
	}
	return nil
}

// finishRemoval makes the keys of today and of the days to come anew, for the others alone, and then drops what was wrapped to
// who was removed. What nobody else could open is left to die with its day.
func (s *Service) finishRemoval(ctx context.Context, staff heed.ID) error {
	others, err := s.custodians(ctx)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return nil
	}
	if err := s.rotate(ctx); err != nil {
		return fmt.Errorf("making the days' keys anew after a removal: %w", err)
	}
	names, err := s.keys.List(ctx, "day/")
	if err != nil {
		return err
	}
	for _, name := range names {
		_, _, custodian, ok := seedParts(name)
		if !ok || custodian != staff {
			continue
		}
		shared := func(o *heed.Staff) bool {
			return slices.Contains(names, strings.TrimSuffix(name, string(staff))+string(o.ID))
		}
		if !slices.ContainsFunc(others, shared) {
			continue
		}
		if err := s.keys.Delete(ctx, name); err != nil {
			return fmt.Errorf("dropping a removed custodian's seeds: %w", err)
		}
	}
	return s.keys.Delete(ctx, prefixRemoved+string(staff))
}

// rotate is rotateDay for today and the days to come.
func (s *Service) rotate(ctx context.Context) error {
	return s.steadily(ctx, func(c *circle) error {
		for i := range daysAhead + 1 {
			old, err := s.record(ctx, dayOf(s.now().UTC().AddDate(0, 0, i)))
			if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) { // EnsureDays makes it
				continue
			}
			if err == nil {
				err = s.rotateDay(ctx, c, old)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

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

// finishReplacement makes the keys of today and of the days to come anew where a replacement left that to do. One that never
// happened leaves its note until the era has come so far by other ways: to make keys anew once more costs nothing but the work.
func (s *Service) finishReplacement(ctx context.Context, c *circle) error {
	noted, err := s.keys.Get(ctx, noteReplaced)
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	from, err := strconv.ParseUint(string(noted), 10, 64)
	if err != nil {
		return fmt.Errorf("reading the note of a replacement: %w", err)
	}
	if c.era < from {
		return nil
	}
	if err := s.rotate(ctx); err != nil {
		return fmt.Errorf("making the days' keys anew after a replacement: %w", err)
	}
	return s.keys.Delete(ctx, noteReplaced)
}
