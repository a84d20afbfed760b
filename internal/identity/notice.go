package identity

import (
	"context"
	"fmt"

	heed "github.com/heed-line/heed"
)

// notice is an announcement of what was done to the circle of Custodians.
type notice struct {
	code      string
	about, by heed.ID // by is "" for the operator on the machine itself
	roles     []heed.Role
}

// tell announces it to whose account it is about and to everybody with one of the roles, but who did it.
func (s *Service) tell(ctx context.Context, tx heed.Tx, c *circle, n notice) error {
	now := s.now()
	for _, a := range c.all {
		if a.Disabled || a.ID == n.by || a.ID != n.about && !a.Has(n.roles...) {
			continue
		}
		err := tx.Announce(ctx, &heed.Announcement{ID: heed.NewID(now), Staff: a.ID, At: now, Code: n.code, About: n.about, By: n.by})
		if err != nil {
			return fmt.Errorf("announcing %s: %w", n.code, err)
		}
	}
	return nil
}
