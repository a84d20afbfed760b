package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// newLink stores a link for the account ("" for the setup link) with its leaf.
func (s *Service) newLink(ctx context.Context, tx heed.Tx, by, staff heed.ID) (string, error) {
	secret, hash := newSecret()
	now := s.now()
	err := tx.AddCredential(ctx, &heed.Credential{
		Hash: hash, Kind: heed.Enrolment, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(LinkLife), By: by,
	})
	if err != nil {
		return "", fmt.Errorf("storing a link: %w", err)
	}
	return secret, leaf(ctx, tx, now, by, "staff.invited", facts{"staff": staff})
}

// SetupLink makes the secret of the link that makes the first account, in place of any earlier one.
//
// It returns heed.ErrConflict where there is an account already.
func (s *Service) SetupLink(ctx context.Context) (secret string, err error) {
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		all, err := tx.AllStaff(ctx)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			return heed.ErrConflict
		}
		if err := tx.DeleteCredentials(ctx, "", heed.Enrolment); err != nil {
			return err
		}
		secret, err = s.newLink(ctx, tx, "", "")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("making the setup link: %w", err)
	}
	return secret, nil
}

// NewLink makes another link for an account whose first one ran out unused, in place of that one.
//
// It returns heed.ErrConflict for an account that somebody has: a link would be a way around whoever that is (AskReset).
func (s *Service) NewLink(ctx context.Context, by *heed.Staff, staff heed.ID) (secret string, err error) {
	if by != nil {
		if err := Allow(by, StaffAdd, Resource{}); err != nil {
			return "", err
		}
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, staff)
		if err != nil {
			return err
		}
		if !account.EnrolledAt.IsZero() || account.Disabled {
			return heed.ErrConflict
		}
		if err := tx.DeleteCredentials(ctx, staff, heed.Enrolment); err != nil {
			return err
		}
		secret, err = s.newLink(ctx, tx, idOf(by), staff)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("making another link: %w", err)
	}
	return secret, nil
}

// Invited is the account that a link is for, or nil for the setup link. Looking doesn't use the link up.
//
// It returns heed.ErrNotFound where the link was used, is too old, or never was.
func (s *Service) Invited(ctx context.Context, link string) (staff *heed.Staff, err error) {
	err = s.store.View(ctx, func(tx heed.Tx) error {
		staff, err = s.invited(ctx, tx, hashSecret(link))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking a link up: %w", err)
	}
	return staff, nil
}

func (s *Service) invited(ctx context.Context, tx heed.Tx, hash []byte) (*heed.Staff, error) {
	c, err := tx.Credential(ctx, hash)
	if err != nil {
		return nil, err
	}
	if c.Kind != heed.Enrolment || !s.alive(c) {
		return nil, heed.ErrNotFound
	}
	if c.Staff == "" {
		return nil, nil
	}
	account, err := tx.Staff(ctx, c.Staff)
	if err == nil && account.Disabled {
		return nil, heed.ErrNotFound
	}
	return account, err
}

// NewWays is how somebody who holds a link is going to sign in.
type NewWays struct {
	Passphrase string
	// Offer and Code are an offer's token (OfferCodes, subject the link) and its first code: the second step.
	Offer, Code string
	// LaterStep leaves the second step for later. Only the first account may, on the machine itself.
	LaterStep bool
	// CustodianKey is the public half of a custodian's key that the person made on a machine of their own; nil: one is made
	// here and sealed under the passphrase.
	CustodianKey *seal.PublicKey
}

// Enrolled is what came of a link.
type Enrolled struct {
	Session  string
	Staff    *heed.Staff
	Recovery []string // the recovery codes, to be shown once; nil where there is no second step yet
}

// Setup uses the setup link: it makes the first account, complete, and signs it in.
//
// It returns heed.Problems for what is wrong with n, the passphrase or the code (the link stays good), and heed.ErrNotFound
// where the link isn't.
func (s *Service) Setup(ctx context.Context, link, browser string, n NewStaff, ways NewWays) (*Enrolled, error) {
	if account, err := s.Invited(ctx, link); err != nil {
		return nil, err
	} else if account != nil {
		return nil, fmt.Errorf("setting up with an enrolment link: %w", heed.ErrNotFound)
	}
	staff, err := s.complete(ctx, n, ways.Passphrase)
	if err != nil {
		return nil, err
	}
	codes, err := s.secondOf(staff.ID, link, ways)
	if err != nil {
		return nil, err
	}
	out := &Enrolled{Staff: staff}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.DeleteCredential(ctx, hashSecret(link)); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, staff.ID, staff); err != nil {
			return err
		}
		if err := leaf(ctx, tx, s.now(), staff.ID, "staff.enrolled", facts{"staff": staff.ID, "first": true}); err != nil {
			return err
		}
		return s.enterNew(ctx, tx, out, browser, "passphrase", codes)
	})
	if err != nil {
		return nil, fmt.Errorf("setting the first account up: %w", err)
	}
	return out, s.custodianEnrolled(ctx, staff)
}

// secondOf is the one-time codes that a new account is to have, nil where they are left for later.
func (s *Service) secondOf(staff heed.ID, link string, ways NewWays) (*heed.Factor, error) {
	if ways.LaterStep && ways.Code == "" && !s.secondStep {
		return nil, nil
	}
	return s.newCodes(staff, link, ways.Offer, ways.Code)
}

// enterNew gives a new account its second step, where there is one, and signs it in.
func (s *Service) enterNew(ctx context.Context, tx heed.Tx, out *Enrolled, browser, way string, second *heed.Factor) (err error) {
	if second != nil {
		if out.Recovery, err = s.equipSecond(ctx, tx, out.Staff, nil, second); err != nil {
			return err
		}
	}
	out.Session, err = s.openSession(ctx, tx, out.Staff.ID, browser, way)
	return err
}

// Enrol uses an enrolment link: it sets the account's passphrase and one-time codes, makes a custodian's key, and signs the
// person in. What an account had before, which two people agreed to reset, is gone then.
//
// A custodian who has had another key before, or who isn't the line's first, waits for approval.
//
// It returns *heed.Problem for what is wrong with the passphrase or the code, and heed.ErrNotFound where the link isn't.
func (s *Service) Enrol(ctx context.Context, link, browser string, ways NewWays) (*Enrolled, error) {
	staff, err := s.invitedPerson(ctx, link)
	if err != nil {
		return nil, err
	}
	if err := CheckPassphrase(staff.Name, ways.Passphrase); err != nil {
		return nil, err
	}
	codes, err := s.newCodes(staff.ID, link, ways.Offer, ways.Code)
	if err != nil {
		return nil, err
	}
	before := staff.Passphrase
	staff.CustodianPublic, staff.CustodianPrivate = nil, nil // a reset one's opens with the old passphrase alone
	if err := s.equip(ctx, staff, ways.Passphrase, ways.CustodianKey); err != nil {
		return nil, err
	}
	out := &Enrolled{}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := s.begin(ctx, tx, link, staff.ID, before)
		if err != nil {
			return err
		}
		account.Passphrase, account.CustodianPublic, account.CustodianPrivate = staff.Passphrase, staff.CustodianPublic, staff.CustodianPrivate
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		out.Staff = account
		return s.enterNew(ctx, tx, out, browser, "passphrase+code", codes)
	})
	if err != nil {
		return nil, fmt.Errorf("enrolling: %w", err)
	}
	return out, s.custodianEnrolled(ctx, out.Staff)
}

// EnrolByPasskey is Enrol with a passkey in the place of passphrase and codes: response answers OfferPasskey with the link as
// subject. A custodian's key needs a passphrase, so a custodian enrols with one.
//
// It returns *heed.Problem where the response is none, or the account is a custodian's.
func (s *Service) EnrolByPasskey(ctx context.Context, link string, site Site, browser, name string, response []byte) (*Enrolled, error) {
	staff, err := s.invitedPerson(ctx, link)
	if err != nil {
		return nil, err
	}
	if staff.Has(heed.Custodian) {
		return nil, &heed.Problem{Field: "passkey", Code: "custodian-passphrase"}
	}
	out := &Enrolled{}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := s.begin(ctx, tx, link, staff.ID, staff.Passphrase)
		if err != nil {
			return err
		}
		f, err := s.made(ctx, tx, site, browser, link, account, name, response)
		if err != nil {
			return err
		}
		account.Passphrase = ""
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		out.Staff = account
		return s.enterNew(ctx, tx, out, browser, "passkey", f)
	})
	if errors.Is(err, heed.ErrConflict) {
		err = &heed.Problem{Field: "passkey", Code: "passkey-refused"}
	}
	if err != nil {
		return nil, fmt.Errorf("enrolling by passkey: %w", err)
	}
	return out, nil
}

// invitedPerson is whom an enrolment link is for; the setup link is for nobody.
func (s *Service) invitedPerson(ctx context.Context, link string) (*heed.Staff, error) {
	staff, err := s.Invited(ctx, link)
	if err == nil && staff == nil {
		err = fmt.Errorf("enrolling with the setup link: %w", heed.ErrNotFound)
	}
	return staff, err
}

// begin uses the link up and makes the account ready for its new ways in: whatever opened it before opens it no more.
func (s *Service) begin(ctx context.Context, tx heed.Tx, link string, staff heed.ID, passphrase string) (*heed.Staff, error) {
	used, err := tx.Credential(ctx, hashSecret(link))
	if err != nil {
		return nil, err
	}
	if err := tx.DeleteCredential(ctx, used.Hash); err != nil {
		return nil, err
	}
	account, err := unchanged(ctx, tx, staff, passphrase)
	if err != nil {
		return nil, err
	}
	again := !account.EnrolledAt.IsZero()
	if err := endAll(ctx, tx, staff, everything[:]...); err != nil {
		return nil, err
	}
	for _, kind := range []heed.FactorKind{heed.Passkey, heed.OneTimeCodes, heed.RecoveryCode, heed.SignOn} {
		if err := tx.DeleteFactors(ctx, staff, kind); err != nil {
			return nil, err
		}
	}
	if err := arrive(ctx, tx, staff, used.By, s.now()); err != nil {
		return nil, err
	}
	account.CustodianPublic, account.CustodianPrivate = nil, nil
	account.EnrolledAt, account.SecondStep = s.now(), true
	if again {
		if err := s.tellAll(ctx, tx, "enrolled-again", staff, staff); err != nil {
			return nil, err
		}
	}
	return account, leaf(ctx, tx, s.now(), staff, "staff.enrolled", facts{"staff": staff, "again": again, "let_in_by": used.By})
}

// everything is each kind of credential that is an account's own.
var everything = [...]heed.CredentialKind{heed.Session, heed.HalfWay, heed.Token, heed.Enrolment, heed.Reset}

// DeleteExpired forgets credentials that ended and announcements that are old; call it now and then. It says how many
// credentials there were.
func (s *Service) DeleteExpired(ctx context.Context) (n int, err error) {
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if n, err = tx.DeleteExpiredCredentials(ctx, s.now()); err != nil {
			return err
		}
		_, err = tx.DeleteAnnouncements(ctx, s.now().Add(-NoticeLife))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("deleting ended credentials: %w", err)
	}
	return n, nil
}
