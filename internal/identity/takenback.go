package identity

import (
	"context"
	"errors"
	"fmt"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// takenBackDetails are in the leaf of an Identity that is taken back once more, in a restored store.
type takenBackDetails struct {
	Identities int  `json:"identities"`
	Restored   bool `json:"restored"`
}

// TakeBackKnown takes back, in a store that was restored from a backup, the Identity of a report of which it is known that its
// reporter did so after the backup. No backup holds the Identity; but the report said that there was one, which would speak for
// it. It is false where there was nothing to take back.
func (s *Service) TakeBackKnown(ctx context.Context, report heed.ID) (bool, error) {
	took := false
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		took = false
		r, err := tx.Report(ctx, report)
		if errors.Is(err, heed.ErrNotFound) || err == nil && !r.Named {
			return nil // it came after the backup, or was taken back before
		}
		if err != nil {
			return err
		}
		n, err := tx.DeleteReportIdentities(ctx, report, heed.DisclosureTakenBack)
		if err != nil {
			return err
		}
		took, r.Named = true, false
		l, err := audit.Leaf(audit.IdentityTakenBack, "", report, s.now(), takenBackDetails{n, true})
		if err != nil {
			return err
		}
		return errors.Join(tx.UpdateReport(ctx, r), tx.AddLeaf(ctx, l))
	})
	if err != nil {
		return false, fmt.Errorf("take an identity back once more: %w", err)
	}
	return took, nil
}
