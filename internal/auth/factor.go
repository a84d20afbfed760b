package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/heed-line/heed"
)

// Limits of what an account may have.
const (
	maxPasskeys    = 10
	maxPasskeyName = 40 // characters
)

// ofKind is the first factor of the kind, or nil.
func ofKind(factors []*heed.Factor, kind heed.FactorKind) *heed.Factor {
	i := slices.IndexFunc(factors, func(f *heed.Factor) bool { return f.Kind == kind })
	if i < 0 {
		return nil
	}
	return factors[i]
}

func countKind(factors []*heed.Factor, kind heed.FactorKind) (n int) {
	for _, f := range factors {
		if f.Kind == kind {
			n++
		}
	}
	return n
}

// wantsSecond reports whether the passphrase alone opens no session: the line says so, or the account has more.
func (s *Service) wantsSecond(staff *heed.Staff, factors []*heed.Factor) bool {
	return s.secondStep || staff.SecondStep || ofKind(factors, heed.OneTimeCodes) != nil || ofKind(factors, heed.Passkey) != nil
}

// mayEnter reports whether somebody with these could sign in at the site, recovery codes aside: they are for the day when this
// fails. A passkey of another site opens nothing here.
func (s *Service) mayEnter(staff *heed.Staff, factors []*heed.Factor, site Site) bool {
	switch {
	case len(holderOf(staff, factors, site).passkeys) > 0:
		return true
	case s.linked(factors):
		return true
	case staff.Passphrase == "":
		return false
	}
	return ofKind(factors, heed.OneTimeCodes) != nil || !s.secondStep && !staff.SecondStep
}

// Factors are the actor's passkeys, one-time codes, recovery codes and sign-on, oldest first.
func (s *Service) Factors(ctx context.Context, actor *heed.Staff) (factors []*heed.Factor, err error) {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx heed.Tx) error {
		factors, err = tx.Factors(ctx, actor.ID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing factors: %w", err)
	}
	return factors, nil
}

// ownFactors changes the actor's factors by fn, leaves the leaf staff.<act>, and tells the owner, who may not have been the
// one who did it.
func (s *Service) ownFactors(ctx context.Context, actor *heed.Staff, act string, fn func(heed.Tx, *heed.Staff, []*heed.Factor) error) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, actor.ID) // two removals at once must not each count on the other's factor
		if err != nil {
			return err
		}
		if account.Disabled {
			return heed.ErrForbidden
		}
		factors, err := tx.Factors(ctx, account.ID)
		if err != nil {
			return err
		}
		if err := fn(tx, account, factors); err != nil {
			return err
		}
		if err := s.tellOwner(ctx, tx, act, account.ID, account.ID); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), account.ID, "staff."+act, facts{"staff": account.ID})
	})
}

// AddCodes gives the actor one-time codes by an offer (OfferCodes, subject the actor's id) and its first code, in place of
// those they had. Who had no recovery codes gets some.
//
// It returns *heed.Problem in the field "code".
func (s *Service) AddCodes(ctx context.Context, actor *heed.Staff, token, typed string) (recovery []string, err error) {
	f, err := s.newCodes(idOf(actor), string(idOf(actor)), token, typed)
	if err != nil {
		return nil, err
	}
	err = s.ownFactors(ctx, actor, "codes-added", func(tx heed.Tx, account *heed.Staff, factors []*heed.Factor) error {
		recovery, err = s.equipSecond(ctx, tx, account, factors, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("adding one-time codes: %w", err)
	}
	return recovery, nil
}

// equipSecond stores one-time codes or a passkey, and recovery codes where there are none. Who has set up a second step is
// held to it from then on.
func (s *Service) equipSecond(ctx context.Context, tx heed.Tx, account *heed.Staff, factors []*heed.Factor, f *heed.Factor) (recovery []string, err error) {
	if f.Kind == heed.OneTimeCodes {
		if err := tx.DeleteFactors(ctx, account.ID, heed.OneTimeCodes); err != nil {
			return nil, err
		}
	}
	if err := tx.AddFactor(ctx, f); err != nil {
		return nil, err
	}
	if !account.SecondStep {
		account.SecondStep = true
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return nil, err
		}
	}
	if ofKind(factors, heed.RecoveryCode) != nil {
		return nil, nil
	}
	return s.newRecoveryCodes(ctx, tx, account.ID)
}

// RemoveFactor takes a passkey, the one-time codes or the sign-on from the actor, who sits at the site (the zero one where it
// takes no passkeys).
//
// It returns heed.ErrNotFound where the actor has none of that id, and *heed.Problem where they couldn't sign in there any more.
func (s *Service) RemoveFactor(ctx context.Context, actor *heed.Staff, site Site, id heed.ID) error {
	err := s.ownFactors(ctx, actor, "factor-removed", func(tx heed.Tx, account *heed.Staff, factors []*heed.Factor) error {
		i := slices.IndexFunc(factors, func(f *heed.Factor) bool { return f.ID == id && f.Kind != heed.RecoveryCode })
		if i < 0 {
			return heed.ErrNotFound
		}
		if !s.mayEnter(account, slices.Delete(slices.Clone(factors), i, i+1), site) {
			return &heed.Problem{Code: "factor-last"}
		}
		return tx.DeleteFactor(ctx, id)
	})
	if err != nil {
		return fmt.Errorf("removing a factor: %w", err)
	}
	return nil
}

// passkeyName is what the owner calls a passkey, made fit to be shown.
func passkeyName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(strings.TrimSpace(name), "")))
	if utf8.RuneCountInString(name) > maxPasskeyName {
		name = string([]rune(name)[:maxPasskeyName])
	}
	return name
}
