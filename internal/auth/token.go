package auth

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
)

// CreateToken makes a bearer token of the staff API that acts as the staff member, and the leaf of it. The token is shown
// once; the store keeps its hash. It has no end but that of the account, a new passphrase, SignOutEverywhere or DeleteTokens.
//
// by is who asks: the staff member themselves, or nil for the operator on the machine itself.
//
// It returns heed.ErrForbidden for anybody else, and heed.ErrNotFound where nobody has that id.
func (s *Service) CreateToken(ctx context.Context, by *heed.Staff, staff heed.ID) (string, error) {
	if by != nil {
		if err := Allow(by, TokenCreate, Resource{Staff: staff}); err != nil {
			return "", err
		}
	}
	secret, hash := newSecret()
	now := s.now()
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := tx.Staff(ctx, staff)
		if err != nil {
			return err
		}
		if account.Disabled {
			return heed.ErrNotFound
		}
		err = tx.AddCredential(ctx, &heed.Credential{Hash: hash, Kind: heed.Token, Staff: staff, CreatedAt: now, SeenAt: now})
		if err != nil {
			return err
		}
		return leaf(ctx, tx, now, idOf(by), "token.created", facts{"staff": staff})
	})
	if err != nil {
		return "", fmt.Errorf("creating a token: %w", err)
	}
	return secret, nil
}

// CreateTokenNamed is CreateToken by the operator, for the account of that name.
func (s *Service) CreateTokenNamed(ctx context.Context, name string) (string, error) {
	staff, err := s.byName(ctx, cleanName(name))
	if err != nil {
		return "", err
	}
	return s.CreateToken(ctx, nil, staff.ID)
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
