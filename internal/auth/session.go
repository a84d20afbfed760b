package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heed-line/heed"
)

// Throttled is the error of a sign-in that must wait. It wraps heed.ErrBusy.
type Throttled struct{ Wait time.Duration }

func (e *Throttled) Error() string { return "signing in must wait " + e.Wait.String() }

func (e *Throttled) Unwrap() error { return heed.ErrBusy }

// Authenticate opens a session for the name and passphrase.
//
// browser is the mark that KnownBrowser gave this browser at an earlier sign-in, or "". It proves nothing; it only gives
// the browser a waiting time of its own.
//
// It returns heed.ErrForbidden where the two don't belong together (whether the name is unknown, disabled or not enrolled
// can't be told, nor timed), *Throttled where there were too many tries, and heed.ErrBusy where the machine has no room.
func (s *Service) Authenticate(ctx context.Context, name, passphrase, browser string) (secret string, staff *heed.Staff, err error) {
	name = cleanName(name)
	tries, ask := strangers(name), s.throttle.draw
	familiar := s.knows(browser, name)
	if familiar {
		tries, ask = known(browser), s.throttle.try
	}
	if wait := ask(tries, s.now()); wait > 0 {
		return "", nil, &Throttled{wait}
	}
	secret, staff, err = s.signIn(ctx, name, passphrase)
	switch {
	case err == nil && familiar:
		s.throttle.succeeded(tries)
	case !errors.Is(err, heed.ErrForbidden): // no wrong guess: right, or never tried
		s.throttle.forgive(tries)
	}
	return secret, staff, err
}

// signIn checks the passphrase and opens the session. A name that no account can have costs as much as one that none has.
func (s *Service) signIn(ctx context.Context, name, passphrase string) (secret string, staff *heed.Staff, err error) {
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
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if staff, err = unchanged(ctx, tx, staff.ID, encoded); err != nil {
			return err
		}
		secret, err = s.openSession(ctx, tx, staff.ID)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("opening a session: %w", err)
	}
	return secret, staff, nil
}

// unchanged is the account as it stands now. Checking a passphrase takes a while, in which an admin may have disabled the
// account, or its owner chosen another passphrase: then it returns heed.ErrForbidden.
func unchanged(ctx context.Context, tx heed.StaffTx, id heed.ID, passphrase string) (*heed.Staff, error) {
	account, err := tx.Staff(ctx, id)
	if err != nil {
		return nil, err
	}
	if account.Disabled || account.Passphrase != passphrase {
		return nil, heed.ErrForbidden
	}
	return account, nil
}

// KnownBrowser is a new mark for a browser that has signed in as name. It is worthless but for its own waiting time.
func (s *Service) KnownBrowser(name string) string {
	var b [16]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	mark := base64.RawURLEncoding.EncodeToString(b[:])
	return mark + "." + s.markOf(mark, cleanName(name))
}

// knows reports whether the mark is one that a browser got by signing in as name.
func (s *Service) knows(mark, name string) bool {
	own, proof, _ := strings.Cut(mark, ".")
	return hmac.Equal([]byte(proof), []byte(s.markOf(own, name)))
}

func (s *Service) markOf(mark, name string) string {
	m := hmac.New(sha256.New, s.browsers[:])
	m.Write([]byte("heed/desk/browser/1\x00" + mark + "\x00" + name)) // a mark that was given holds no NUL
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
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

// openSession stores a new session and its leaf.
func (s *Service) openSession(ctx context.Context, tx heed.Tx, staff heed.ID) (secret string, err error) {
	now := s.now()
	secret, hash := newSecret()
	err = tx.AddCredential(ctx, &heed.Credential{
		Hash: hash, Kind: heed.Session, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(IdleLife),
	})
	if err != nil {
		return "", fmt.Errorf("storing a session: %w", err)
	}
	return secret, leaf(ctx, tx, now, staff, "staff.signed-in", facts{"staff": staff})
}

// Session is the staff member whose browser holds the secret; asking counts as activity.
//
// It returns heed.ErrNotFound where there is no such session any more: ended, idle for IdleLife, older than SessionLife,
// or of a disabled account.
func (s *Service) Session(ctx context.Context, secret string) (*heed.Staff, error) {
	staff, c, err := s.lookUp(ctx, secret, heed.Session)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if now.Sub(c.SeenAt) < touchEvery {
		return staff, nil
	}
	expires := now.Add(IdleLife)
	if end := c.CreatedAt.Add(SessionLife); expires.After(end) {
		expires = end
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error { return tx.TouchCredential(ctx, c.Hash, now, expires) })
	if err != nil {
		return nil, fmt.Errorf("keeping a session alive: %w", err)
	}
	return staff, nil
}

// Watch is Session without counting as activity: for a connection that stays open by itself.
func (s *Service) Watch(ctx context.Context, secret string) (*heed.Staff, error) {
	staff, _, err := s.lookUp(ctx, secret, heed.Session)
	return staff, err
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

func (s *Service) alive(c *heed.Credential) bool {
	now := s.now()
	if c.Kind == heed.Session && !now.Before(c.CreatedAt.Add(SessionLife)) {
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
		if err := tx.DeleteCredential(ctx, hash); err != nil {
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
		if err := endAll(ctx, tx, actor.ID, heed.Session, heed.Token); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), actor.ID, "staff.signed-out", facts{"staff": actor.ID, "everywhere": true})
	})
	if err != nil {
		return fmt.Errorf("signing out everywhere: %w", err)
	}
	return nil
}

// endAll ends every credential of the kinds that the account has.
func endAll(ctx context.Context, tx heed.StaffTx, staff heed.ID, kinds ...heed.CredentialKind) error {
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
