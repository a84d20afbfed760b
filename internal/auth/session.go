package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// Throttled is the error of a sign-in that must wait. It wraps heed.ErrBusy.
type Throttled struct{ Wait time.Duration }

func (e *Throttled) Error() string { return "signing in must wait " + e.Wait.String() }

func (e *Throttled) Unwrap() error { return heed.ErrBusy }

// SecondStep is the error of a sign-in whose passphrase was right and which awaits the second step: see Service.Second.
type SecondStep struct {
	HalfWay string // secret that the browser holds meanwhile
}

func (e *SecondStep) Error() string { return "signing in awaits the second step" }

// Authenticate opens a session for the name and passphrase.
//
// browser is the mark that this browser holds (NewBrowser, KnownBrowser), or "". The session is bound to it. One that
// KnownBrowser made for the name gives the browser a waiting time of its own; it proves nothing else.
//
// It returns heed.ErrForbidden where the two don't belong together (whether the name is unknown, disabled or not enrolled
// can't be told, nor timed), *SecondStep where they do but don't suffice, *Throttled where there were too many tries, and
// heed.ErrBusy where the machine has no room.
func (s *Service) Authenticate(ctx context.Context, name, passphrase, browser string) (secret string, staff *heed.Staff, err error) {
	name = cleanName(name)
	tries, wait := s.guess(firstStep, name, browser, name)
	if wait > 0 {
		return "", nil, &Throttled{wait}
	}
	secret, staff, err = s.signIn(ctx, name, passphrase, browser)
	s.judge(tries, err)
	return secret, staff, err
}

// signIn checks the passphrase and opens the session. A name that no account can have costs as much as one that none has.
func (s *Service) signIn(ctx context.Context, name, passphrase, browser string) (secret string, staff *heed.Staff, err error) {
	if len(passphrase) > maxPassphrase {
		passphrase = ""
	}
	encoded := ""
	if faultOf(name) == "" {
		staff, err = s.byName(ctx, name)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return "", nil, err
		}
	}
	if staff != nil && !staff.Disabled {
		encoded = staff.Passphrase
	}
	right, err := s.verify(ctx, encoded, passphrase)
	if err != nil {
		return "", nil, err
	}
	if !right {
		return "", nil, fmt.Errorf("signing in: %w", heed.ErrForbidden)
	}
	half := ""
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if staff, err = unchanged(ctx, tx, staff.ID, encoded); err != nil {
			return err
		}
		secret, half, err = s.enter(ctx, tx, staff, browser)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("opening a session: %w", err)
	}
	if half != "" {
		return "", nil, &SecondStep{half}
	}
	return secret, staff, nil
}

// enter opens a session for who knew the passphrase, or the half of one where the account asks for a second step.
func (s *Service) enter(ctx context.Context, tx heed.Tx, staff *heed.Staff, browser string) (secret, half string, err error) {
	factors, err := tx.Factors(ctx, staff.ID)
	if err != nil {
		return "", "", err
	}
	if !s.wantsSecond(staff, factors) {
		secret, err = s.openSession(ctx, tx, staff.ID, browser, "passphrase")
		return secret, "", err
	}
	half, err = s.openHalf(ctx, tx, staff.ID, browser, "passphrase")
	return "", half, err
}

// openHalf stores half a sign-in. way is its first step.
func (s *Service) openHalf(ctx context.Context, tx heed.Tx, staff heed.ID, browser, way string) (half string, err error) {
	half, hash := newSecret()
	now := s.now()
	err = tx.AddCredential(ctx, &heed.Credential{
		Hash: hash, Kind: heed.HalfWay, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(halfWayLife),
		Browser: bindingOf(browser), Way: way,
	})
	if err != nil {
		return "", fmt.Errorf("storing half a sign-in: %w", err)
	}
	return half, nil
}

// unchanged is the account as it stands now. Checking a passphrase takes a while, in which an admin may have disabled the
// account, or its owner chosen another passphrase: then it returns heed.ErrForbidden.
func unchanged(ctx context.Context, tx heed.StaffTx, id heed.ID, passphrase string) (*heed.Staff, error) {
	account, err := locked(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if account.Disabled || account.Passphrase != passphrase {
		return nil, heed.ErrForbidden
	}
	return account, nil
}

// locked is the account, which no other transaction changes until this one ends.
func locked(ctx context.Context, tx heed.StaffTx, id heed.ID) (*heed.Staff, error) {
	if err := tx.LockStaff(ctx, id); err != nil {
		return nil, err
	}
	return tx.Staff(ctx, id)
}

func (s *Service) byName(ctx context.Context, name string) (staff *heed.Staff, err error) {
	err = s.store.View(ctx, func(tx heed.Tx) error {
		staff, err = tx.StaffByName(ctx, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking an account up: %w", err)
	}
	return staff, nil
}

// openSession stores a new session and its leaf. way is how its holder proved who they are.
func (s *Service) openSession(ctx context.Context, tx heed.Tx, staff heed.ID, browser, way string) (secret string, err error) {
	return s.openSessionProved(ctx, tx, staff, browser, way, s.now())
}

// openSessionProved is openSession for who proved themselves at another time; zero: it isn't known when.
func (s *Service) openSessionProved(ctx context.Context, tx heed.Tx, staff heed.ID, browser, way string, proved time.Time) (secret string, err error) {
	now := s.now()
	secret, hash := newSecret()
	err = tx.AddCredential(ctx, &heed.Credential{
		Hash: hash, Kind: heed.Session, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(s.idle),
		Browser: bindingOf(browser), ProvedAt: proved, Way: way,
	})
	if err != nil {
		return "", fmt.Errorf("storing a session: %w", err)
	}
	return secret, leaf(ctx, tx, now, staff, "staff.signed-in", facts{"staff": staff, "way": way})
}

// Session is the staff member whose browser holds the secret; asking counts as activity.
//
// It returns heed.ErrNotFound where there is no such session any more: ended, idle for too long, too old, of a disabled
// account, or of another browser.
func (s *Service) Session(ctx context.Context, secret, browser string) (*heed.Staff, error) {
	staff, c, err := s.session(ctx, secret, browser)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if now.Sub(c.SeenAt) < touchEvery {
		return staff, nil
	}
	expires := now.Add(s.idle)
	if end := c.CreatedAt.Add(s.longest); expires.After(end) {
		expires = end
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error { return tx.TouchCredential(ctx, c.Hash, now, expires) })
	if err != nil {
		return nil, fmt.Errorf("keeping a session alive: %w", err)
	}
	return staff, nil
}

// Watch is Session without counting as activity: for a connection that stays open by itself.
func (s *Service) Watch(ctx context.Context, secret, browser string) (*heed.Staff, error) {
	staff, _, err := s.session(ctx, secret, browser)
	return staff, err
}

// session is a live session of that browser, with its account.
func (s *Service) session(ctx context.Context, secret, browser string) (*heed.Staff, *heed.Credential, error) {
	staff, c, err := s.lookUp(ctx, secret, heed.Session)
	if err == nil && !bound(c, browser) {
		err = fmt.Errorf("a session in another browser: %w", heed.ErrNotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	return staff, c, nil
}

// lookUp finds a live credential of the kind and its enabled account.
func (s *Service) lookUp(ctx context.Context, secret string, kind heed.CredentialKind) (staff *heed.Staff, c *heed.Credential, err error) {
	hash := hashSecret(secret)
	err = s.store.View(ctx, func(tx heed.Tx) error {
		if c, err = tx.Credential(ctx, hash); err != nil {
			return err
		}
		if c.Kind != kind || !s.alive(c) {
			return heed.ErrNotFound
		}
		staff, err = tx.Staff(ctx, c.Staff)
		if err == nil && staff.Disabled {
			return heed.ErrNotFound
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("looking up a %s: %w", kind, err)
	}
	return staff, c, nil
}

// SessionEnd is when the session ends unless its holder does something. heed.ErrNotFound as Session.
func (s *Service) SessionEnd(ctx context.Context, secret, browser string) (time.Time, error) {
	_, c, err := s.session(ctx, secret, browser)
	if err != nil {
		return time.Time{}, err
	}
	end := c.CreatedAt.Add(s.longest)
	if c.ExpiresAt.Before(end) {
		end = c.ExpiresAt
	}
	return end, nil
}

func (s *Service) alive(c *heed.Credential) bool {
	now := s.now()
	if c.Kind == heed.Session && !now.Before(c.CreatedAt.Add(s.longest)) {
		return false
	}
	return c.ExpiresAt.IsZero() || now.Before(c.ExpiresAt)
}

// SignOut ends the session. Ending one that is over already is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		hash := hashSecret(secret)
		c, err := tx.Credential(ctx, hash)
		if err != nil {
			return err
		}
		if c.Kind != heed.Session {
			return heed.ErrNotFound
		}
		// Who signs out anywhere takes no calls: their phone would ring beside nobody.
		if err := errors.Join(tx.DeleteCredential(ctx, hash), tx.EndDuty(ctx, c.Staff)); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), c.Staff, "staff.signed-out", facts{"staff": c.Staff})
	})
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("signing out: %w", err)
	}
	return nil
}

// SignOutEverywhere ends every session and every token of the actor: it is what one does who fears that somebody else has
// one of them.
func (s *Service) SignOutEverywhere(ctx context.Context, actor *heed.Staff) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		if err := endAll(ctx, tx, actor.ID, heed.Session, heed.HalfWay, heed.Token); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), actor.ID, "staff.signed-out", facts{"staff": actor.ID, "everywhere": true})
	})
	if err != nil {
		return fmt.Errorf("signing out everywhere: %w", err)
	}
	return nil
}

// endAll ends every credential of the kinds that the account has, and with its sessions its Duty.
func endAll(ctx context.Context, tx heed.Tx, staff heed.ID, kinds ...heed.CredentialKind) error {
	if slices.Contains(kinds, heed.Session) {
		if err := tx.EndDuty(ctx, staff); err != nil {
			return err
		}
	}
	for _, kind := range kinds {
		if err := tx.DeleteCredentials(ctx, staff, kind); err != nil {
			return fmt.Errorf("ending each %s: %w", kind, err)
		}
	}
	return nil
}

func idOf(s *heed.Staff) heed.ID {
	if s == nil {
		return ""
	}
	return s.ID
}
