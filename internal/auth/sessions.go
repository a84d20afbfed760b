package auth

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// Open is a session or a token as its owner sees it. Nothing is known of the browser or the program.
type Open struct {
	Handle                    string // names it to End
	Kind                      heed.CredentialKind
	Way                       string
	CreatedAt, SeenAt, EndsAt time.Time // EndsAt is zero for a token from before tokens ended
	Current                   bool
}

const handleSize = 16 // bytes of the hash

// Opened lists the actor's live sessions and tokens, the newest first. secret is the session that asks, or "".
func (s *Service) Opened(ctx context.Context, actor *heed.Staff, secret string) (open []Open, err error) {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return nil, err
	}
	return s.opened(ctx, actor.ID, secret)
}

func (s *Service) opened(ctx context.Context, staff heed.ID, secret string) (open []Open, err error) {
	err = s.store.View(ctx, func(tx heed.Tx) error {
		open = nil
		for _, kind := range []heed.CredentialKind{heed.Session, heed.Token} {
			all, err := tx.Credentials(ctx, staff, kind)
			if err != nil {
				return err
			}
			for i := len(all) - 1; i >= 0; i-- {
				if c := all[i]; s.alive(c) {
					open = append(open, Open{
						Handle: hex.EncodeToString(c.Hash[:handleSize]), Kind: kind, Way: c.Way, CreatedAt: c.CreatedAt, SeenAt: c.SeenAt,
						EndsAt: c.ExpiresAt, Current: bytes.Equal(c.Hash, hashSecret(secret)),
					})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing sessions and tokens: %w", err)
	}
	return open, nil
}

// End ends one session or token of the actor, by its handle. heed.ErrNotFound: there is none, or no longer.
func (s *Service) End(ctx context.Context, actor *heed.Staff, handle string) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	return s.end(ctx, actor.ID, actor.ID, handle)
}

func (s *Service) end(ctx context.Context, by, staff heed.ID, handle string) error {
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		for kind, act := range map[heed.CredentialKind]string{heed.Session: "staff.session-ended", heed.Token: "token.deleted"} {
			all, err := tx.Credentials(ctx, staff, kind)
			if err != nil {
				return err
			}
			for _, c := range all {
				if hex.EncodeToString(c.Hash[:handleSize]) != handle {
					continue
				}
				if err := tx.DeleteCredential(ctx, c.Hash); err != nil {
					return err
				}
				if kind == heed.Session {
					if err := tx.EndDuty(ctx, staff); err != nil {
						return err
					}
				}
				return leaf(ctx, tx, s.now(), by, act, facts{"staff": staff, "one": true})
			}
		}
		return heed.ErrNotFound
	})
	if err != nil {
		return fmt.Errorf("ending a session or token: %w", err)
	}
	return nil
}
