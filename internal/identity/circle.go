package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// Who is a Custodian stands in two places, so that nobody who can write to one of them alone makes anybody a Custodian: the
// approvals in the store, each signed by the audit key for an account, its public key and an era; the era in the keystore.
// A private half isn't asked for: it may lie on a machine of the Custodian's own.

// settingCircle changes with every change of the circle, so that of two changes at once one begins again, and so do keys made
// for the circle of before.
const settingCircle = "custodians.changed"

// circle is who is a Custodian, as one look into both places found it.
type circle struct {
	// era is the one for which the approvals that count were signed; known is false in a keystore of before they were signed.
	era   uint64
	known bool
	// ahead says that the keystore's era is still the one before: a change was cut short between the two places.
	ahead    bool
	approved []*heed.Staff // by name, closed accounts included
	how      map[heed.ID]*heed.CustodianApproval
	all      []*heed.Staff
	mark     []byte // of settingCircle; nil: there is none
}

// has reports whether the account is approved with the key that it has now, though it may be closed.
func (c *circle) has(staff heed.ID) bool { return c.how[staff] != nil }

// account is one of all, or nil.
func (c *circle) account(id heed.ID) *heed.Staff {
	if i := slices.IndexFunc(c.all, func(a *heed.Staff) bool { return a.ID == id }); i >= 0 {
		return c.all[i]
	}
	return nil
}

// counting are the Custodians: approved, and not closed.
func (c *circle) counting() []*heed.Staff {
	return slices.DeleteFunc(slices.Clone(c.approved), func(a *heed.Staff) bool { return a.Disabled })
}

// circle looks into both places. It looks again where the era went on meanwhile, since the approvals may be of either.
func (s *Service) circle(ctx context.Context) (*circle, error) {
	for {
		c, err := s.look(ctx)
		if err != nil {
			return nil, fmt.Errorf("finding the custodians: %w", err)
		}
		era, known, err := s.era(ctx)
		if err != nil {
			return nil, fmt.Errorf("finding the custodians: %w", err)
		}
		if known == c.known && (era == c.era || c.ahead && era+1 == c.era) {
			return c, nil
		}
	}
}

func (s *Service) look(ctx context.Context) (c *circle, err error) {
	era, known, err := s.era(ctx)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx heed.Tx) error {
		c, err = s.circleIn(ctx, tx, era, known)
		return err
	})
	return c, err
}

// era is the keystore's; known is false where it is from before there were eras.
func (s *Service) era(ctx context.Context) (era uint64, known bool, err error) {
	era, err = keystore.Era(ctx, s.keys)
	if errors.Is(err, heed.ErrNotFound) {
		return 0, false, nil
	}
	return era, err == nil, err
}

// circleIn reads the store's part. Approvals count that were signed for the keystore's era, or, where a change was cut short
// before the keystore's went on, for the next one: then those alone, so that whom the change left out is out.
func (s *Service) circleIn(ctx context.Context, tx heed.Tx, era uint64, known bool) (*circle, error) {
	c := &circle{era: era, known: known}
	approvals, err := tx.CustodianApprovals(ctx)
	if err != nil {
		return nil, err
	}
	if c.all, err = tx.AllStaff(ctx); err != nil {
		return nil, err
	}
	if c.mark, err = tx.Setting(ctx, settingCircle); err != nil && !errors.Is(err, heed.ErrNotFound) {
		return nil, err
	}
	if !known {
		return c, nil
	}
	if next := s.signedFor(c.all, approvals, era+1); len(next) > 0 {
		c.era, c.ahead, c.how = era+1, true, next
	} else {
		c.how = s.signedFor(c.all, approvals, era)
	}
	for _, a := range c.all {
		if c.has(a.ID) {
			c.approved = append(c.approved, a)
		}
	}
	return c, nil
}

// signedFor are the approvals that hold for the era, by account.
func (s *Service) signedFor(all []*heed.Staff, approvals []*heed.CustodianApproval, era uint64) map[heed.ID]*heed.CustodianApproval {
	out := map[heed.ID]*heed.CustodianApproval{}
	for _, a := range all {
		if !a.Has(heed.Custodian) || len(a.CustodianPublic) == 0 {
			continue
		}
		for _, approval := range approvals {
			if approval.Staff == a.ID && seal.VerifyCustodian(s.audit, s.line, era, approval, a.CustodianPublic) == nil {
				out[a.ID] = approval
			}
		}
	}
	return out
}

// custodians lists the staff to whom seeds are wrapped, and who may decide about Disclosures.
func (s *Service) custodians(ctx context.Context) ([]*heed.Staff, error) {
	c, err := s.circle(ctx)
	if err != nil {
		return nil, err
	}
	return c.counting(), nil
}

// IsCustodian reports whether the account is an approved Custodian's and not closed.
func (s *Service) IsCustodian(ctx context.Context, staff heed.ID) (bool, error) {
	custodians, err := s.custodians(ctx)
	return slices.ContainsFunc(custodians, func(c *heed.Staff) bool { return c.ID == staff }), err
}

// errMoved is the answer of what must begin again, because the circle was changed first.
var errMoved = errors.New("the circle of custodians changed meanwhile")

// changeTries is how often something begins again before it gives up: each time a change came through.
const changeTries = 20

// stay keeps the circle as it was read until the transaction ends: who changes it meanwhile waits. errMoved: somebody did already.
func (c *circle) stay(ctx context.Context, tx heed.SettingTx) error {
	if c.mark == nil { // nobody was ever one, so nobody can have been taken out
		return nil
	}
	return c.swap(ctx, tx, c.mark)
}

func (c *circle) swap(ctx context.Context, tx heed.SettingTx, mark []byte) error {
	err := tx.SwapSetting(ctx, settingCircle, c.mark, mark)
	if errors.Is(err, heed.ErrConflict) {
		return errMoved
	}
	return err
}

// steadily runs fn with the circle as it is, and again with the next one where fn answers errMoved. What an earlier change left
// between store and keystore is completed first.
func (s *Service) steadily(ctx context.Context, fn func(c *circle) error) error {
	for range changeTries {
		c, err := s.settledCircle(ctx)
		if err != nil {
			return err
		}
		if err := fn(c); !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", errMoved, heed.ErrBusy)
}

// change runs fn in a transaction in which nobody else changes the circle.
func (s *Service) change(ctx context.Context, fn func(tx heed.Tx, c *circle) error) error {
	return s.steadily(ctx, func(c *circle) error {
		return s.store.Update(ctx, func(tx heed.Tx) error {
			if err := c.swap(ctx, tx, []byte(heed.NewID(s.now()))); err != nil {
				return err
			}
			now, err := s.circleIn(ctx, tx, c.era, c.known)
			if err != nil {
				return err
			}
			if now.ahead {
				return errMoved
			}
			return fn(tx, now)
		})
	})
}

// settledCircle is the circle after the keystore's era has caught up with the store.
func (s *Service) settledCircle(ctx context.Context) (*circle, error) {
	c, err := s.circle(ctx)
	if err != nil || !c.ahead {
		return c, err
	}
	if err := keystore.RaiseEra(ctx, s.keys, c.era); err != nil {
		return nil, err
	}
	c.ahead = false
	return c, nil
}

// sign approves the account's key for the era, in the store. by is "" where nobody could approve: the first Custodian, and
// who takes the place of all that were lost.
func (s *Service) sign(ctx context.Context, tx heed.Tx, era uint64, account *heed.Staff, by heed.ID, at time.Time) error {
	a := &heed.CustodianApproval{Staff: account.ID, By: by, At: at.UTC().Truncate(time.Millisecond)}
	seal.SignCustodian(s.signer, s.line, era, a, account.CustodianPublic)
	return tx.PutCustodianApproval(ctx, a)
}

// circleDetails are the details of every act on the circle.
type circleDetails struct {
	Staff heed.ID `json:"staff"`
	Key   string  `json:"key,omitempty"` // SHA-256 of the public half
	Era   uint64  `json:"era"`
}

// circleLeaf writes the leaf of an act on the circle. by is "" for the operator or the machine.
func (s *Service) circleLeaf(ctx context.Context, tx heed.Tx, act string, by heed.ID, era uint64, account *heed.Staff) error {
	d := circleDetails{Staff: account.ID, Era: era}
	if account.CustodianPublic != nil {
		d.Key = seal.Digest(account.CustodianPublic)
	}
	l, err := audit.Leaf(act, by, "", s.now(), d)
	if err != nil {
		return err
	}
	return tx.AddLeaf(ctx, l)
}
