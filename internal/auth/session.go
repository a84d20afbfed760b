package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
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
	bucket := "strange " + name
	if hmac.Equal([]byte(browser), []byte(s.KnownBrowser(name))) {
		bucket = "known " + name
	}
	now := s.now()
	if wait := s.throttle.wait(bucket, now); wait > 0 {
		return "", nil, &Throttled{wait}
	}
	s.throttle.start(bucket, now)
	if len(passphrase) > maxPassphrase {
		passphrase = ""
	}
	account, err := s.byName(ctx, name)
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return "", nil, err
	}
	encoded := ""
	if account != nil && !account.Disabled {
		encoded = account.Passphrase
	}
	right, err := s.verify(ctx, encoded, passphrase)
	if err != nil {
		return "", nil, err
	}
	if !right {
		return "", nil, fmt.Errorf("signing in: %w", heed.ErrForbidden)
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		secret, err = s.openSession(ctx, tx, account.ID)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("opening a session: %w", err)
	}
	s.throttle.succeeded(bucket)
	return secret, account, nil
}

// KnownBrowser is the mark for a browser that has signed in as name. It is worthless but for its own waiting time.
func (s *Service) KnownBrowser(name string) string {
	m := hmac.New(sha256.New, s.browsers[:])
	m.Write([]byte(cleanName(name)))
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

// SignOutEverywhere ends every session of the actor.
func (s *Service) SignOutEverywhere(ctx context.Context, actor *heed.Staff) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.DeleteCredentials(ctx, actor.ID, heed.Session); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), actor.ID, "staff.signed-out", facts{"staff": actor.ID, "everywhere": true})
	})
	if err != nil {
		return fmt.Errorf("signing out everywhere: %w", err)
	}
	return nil
}

func idOf(s *heed.Staff) heed.ID {
	if s == nil {
		return ""
	}
	return s.ID
}
