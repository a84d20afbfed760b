package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// holds reports whether the account counts as a Custodian and key is its own: who only writes to the store has no such key.
func (c *circle) holds(staff heed.ID, key *seal.PrivateKey) bool {
	return c.knows(staff, key.Public())
}

// knows is holds for a key that lies elsewhere: public is its public half.
func (c *circle) knows(staff heed.ID, public *seal.PublicKey) bool {
	return c.counts(staff) && string(c.account(staff).CustodianPublic) == string(public.Bytes())
}

func (c *circle) counts(staff heed.ID) bool { return c.has(staff) && !c.account(staff).Disabled }

// word is a Custodian's agreement to an act on the circle.
type word struct {
	by heed.ID
	// given refuses where the circle as it is when the act is done doesn't hear it.
	given func(now *circle) error
}

// byKey is the word of who has their own key here.
func byKey(actor *heed.Staff, key *seal.PrivateKey) word {
	return word{actor.ID, func(now *circle) error {
		if !now.holds(actor.ID, key) {
			return notApproved(actor.ID)
		}
		return nil
	}}
}

func notApproved(staff heed.ID) error {
	return fmt.Errorf("%s is not approved as a custodian: %w", staff, heed.ErrForbidden)
}

// Circle lists everybody with the role of a Custodian, for who may see it.
func (c *Custody) Circle(ctx context.Context, actor *heed.Staff) (*Circle, error) {
	if err := c.allow(actor, auth.CustodianList, auth.Resource{}); err != nil {
		return nil, err
	}
	return c.Service.Circle(ctx)
}

// ApproveCustodian makes a Custodian of who waits to be one. shown is the KeyName by which actor knows the newcomer's key: another
// one in its place is refused. With actor's own key the seeds of the days that live, and of those to come, are opened in memory
// and wrapped to the newcomer. Cut short before the approval is stored, that dies with the days, and another run completes it.
//
// It returns heed.ErrForbidden to the newcomer and to who isn't a Custodian, heed.ErrNotFound, heed.ErrConflict where the newcomer
// doesn't wait any more, a *heed.Problem where the key isn't the one that was shown, and the errors of auth.Service.CustodianKey.
func (c *Custody) ApproveCustodian(ctx context.Context, actor *heed.Staff, newcomer heed.ID, shown, passphrase string) error {
	if err := c.allow(actor, auth.CustodianApprove, auth.Resource{Staff: newcomer}); err != nil {
		return err
	}
	before, err := c.circle(ctx)
	if err != nil {
		return err
	}
	account, err := before.waiting(newcomer, shown)
	if err != nil {
		return err
	}
	if !before.has(actor.ID) {
		return notApproved(actor.ID)
	}
	key, err := c.secrets.CustodianKey(ctx, actor, passphrase)
	if err != nil {
		return err
	}
	to, err := seal.ParsePublicKey(account.CustodianPublic)
	if err != nil {
		return fmt.Errorf("key of custodian %s: %w", newcomer, err)
	}
	if err := c.share(ctx, key, actor.ID, newcomer, to); err != nil {
		return fmt.Errorf("sharing the living days: %w", err)
	}
	if err := c.admit(ctx, newcomer, shown, byKey(actor, key)); err != nil {
		return err
	}
	// A day may have begun between the first sharing and the approval.
	if err := c.share(ctx, key, actor.ID, newcomer, to); err != nil {
		return fmt.Errorf("sharing the living days: %w", err)
	}
	return c.EnsureDays(ctx, c.now())
}

// admit approves who waits with the key that was shown.
func (c *Custody) admit(ctx context.Context, newcomer heed.ID, shown string, w word) error {
	err := c.change(ctx, func(tx heed.Tx, now *circle) error {
		account, err := now.waiting(newcomer, shown)
		if err != nil {
			return err
		}
		if err := w.given(now); err != nil {
			return err
		}
		if err := c.sign(ctx, tx, now.era, account, w.by, c.now()); err != nil {
			return err
		}
		n := notice{code: "custodian-approved", about: newcomer, by: w.by, roles: []heed.Role{heed.Custodian, heed.Admin, heed.Overseer}}
		if err := c.tell(ctx, tx, now, n); err != nil {
			return err
		}
		return c.circleLeaf(ctx, tx, ActCustodianApproved, w.by, now.era, account)
	})
	if err != nil {
		return fmt.Errorf("approving a custodian: %w", err)
	}
	return nil
}

// waiting is the account that waits for approval with the key that was shown. ErrNotFound, ErrConflict: it doesn't wait.
func (c *circle) waiting(staff heed.ID, shown string) (*heed.Staff, error) {
	a := c.account(staff)
	switch {
	case a == nil:
		return nil, fmt.Errorf("custodian %s: %w", staff, heed.ErrNotFound)
	case !a.Has(heed.Custodian) || len(a.CustodianPublic) == 0 || a.Disabled || c.has(staff):
		return nil, fmt.Errorf("%s doesn't wait to be a custodian: %w", staff, heed.ErrConflict)
	case !SameKey(shown, a.CustodianPublic):
		return nil, &heed.Problem{Field: "key", Code: "custodian-key-changed"}
	}
	return a, nil
}

// seedParts are the day, the key and the Custodian of a seed's name; ok is false for a name of another kind.
func seedParts(name string) (day, key string, custodian heed.ID, ok bool) {
	day, rest, _ := strings.Cut(strings.TrimPrefix(name, "day/"), "/")
	parts := strings.Split(rest, ".")
	if len(parts) != 3 || parts[0] != "identity" {
		return "", "", "", false
	}
	return day, parts[1], heed.ID(parts[2]), true
}

// share wraps every living seed that key, from's, opens to another Custodian too, in place of what was wrapped to a former key
// of theirs. What an earlier key of from's alone opens is passed over. Each is laid beside the one it was made from, so that a day
// which dies meanwhile stays dead (destroyKeys).
func (s *Service) share(ctx context.Context, key *seal.PrivateKey, from, to heed.ID, public *seal.PublicKey) error {
	names, err := s.keys.List(ctx, "day/")
	if err != nil {
		return err
	}
	for _, name := range names {
		day, _, custodian, ok := seedParts(name)
		if !ok || custodian != from || dead(day, s.now()) {
			continue
		}
		wrapped, err := s.keys.Get(ctx, name)
		if destroyed(err) {
			continue
		}
		if err != nil {
			return err
		}
		seed, err := seal.UnwrapDaySeed(key, s.line, day, from, wrapped)
		if errors.Is(err, heed.ErrSealed) {
			continue
		}
		if err != nil {
			return err
		}
		again, err := seal.WrapDaySeed(public, s.line, day, to, seed)
		if err != nil {
			return err
		}
		err = s.keys.PutBeside(ctx, strings.TrimSuffix(name, string(from))+string(to), again, name)
		if err != nil && !destroyed(err) {
			return err
		}
	}
	return nil
}

// destroyed says of a keystore's error that the key was destroyed, this moment perhaps, or half.
func destroyed(err error) bool {
	return errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrSealed)
}
