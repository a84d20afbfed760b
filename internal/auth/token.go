package auth

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// CreateToken makes a bearer token of the staff API that acts as the staff member for so long (0: TokenLife; at most
// maxTokenLife), and the leaf of it. The token is shown once; the store keeps its hash. It ends sooner with the account, a
// change of its roles, a new passphrase, SignOutEverywhere, DeleteTokens or End.
//
// by is who asks: the staff member themselves, or nil for the operator on the machine itself.
//
// It returns heed.ErrForbidden for anybody else, *heed.Problem for a life that is no life, and heed.ErrNotFound where nobody
// has that id.
func (s *Service) CreateToken(ctx context.Context, by *heed.Staff, staff heed.ID, life time.Duration) (string, error) {
	if by != nil {
		if err := Allow(by, TokenCreate, Resource{Staff: staff}); err != nil {
			return "", err
		}
	}
	life = cmp.Or(life, TokenLife)
	if life < 0 || life > maxTokenLife {
		return "", &heed.Problem{Field: "expires", Code: "token-life"}
	}
	secret, hash := newSecret()
	now := s.now()
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, staff)
		if err != nil {
			return err
		}
		if account.Disabled {
			return heed.ErrNotFound
		}
		c := &heed.Credential{Hash: hash, Kind: heed.Token, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(life), By: idOf(by)}
		if err := tx.AddCredential(ctx, c); err != nil {
			return err
		}
		if err := s.tellOwner(ctx, tx, "token", staff, idOf(by)); err != nil {
			return err
		}
		return leaf(ctx, tx, now, idOf(by), "token.created", facts{"staff": staff, "until": c.ExpiresAt.UTC().Format(time.RFC3339)})
	})
	if err != nil {
		return "", fmt.Errorf("creating a token: %w", err)
	}
	return secret, nil
}

// maxTokenLife is the longest that a token may live.
const maxTokenLife = 366 * 24 * time.Hour

// OpenedByOperator lists the live sessions and tokens of an account, for the operator on the machine itself.
func (s *Service) OpenedByOperator(ctx context.Context, staff *heed.Staff) ([]Open, error) {
	return s.opened(ctx, staff.ID, "")
}

// EndByOperator is End by the operator on the machine itself.
func (s *Service) EndByOperator(ctx context.Context, staff *heed.Staff, handle string) error {
	return s.end(ctx, "", staff.ID, handle)
}

// Token is the staff member as whom the bearer token acts, or heed.ErrNotFound.
func (s *Service) Token(ctx context.Context, token string) (*heed.Staff, error) {
	staff, _, err := s.lookUp(ctx, token, heed.Token)
	return staff, err
}

// DeleteTokens ends every token of the actor.
func (s *Service) DeleteTokens(ctx context.Context, actor *heed.Staff) error {
	if err := Allow(actor, TokenCreate, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.DeleteCredentials(ctx, actor.ID, heed.Token); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), actor.ID, "token.deleted", facts{"staff": actor.ID})
	})
	if err != nil {
		return fmt.Errorf("deleting tokens: %w", err)
	}
	return nil
}
