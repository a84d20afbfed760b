package learning

import (
	"context"
	"errors"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// An admin who makes a lead is not both people of a model's adoption, or of the way back from it.
func TestAnAdminAndALeadOfTheirMakingDecideAboutNoModel(t *testing.T) {
	l := newLine(t)
	oneHand := func(what string, err error) {
		t.Helper()
		var problem *heed.Problem
		if !errors.As(err, &problem) || problem.Code != "one-hand" || problem.Args["First"] != "ada" || problem.Args["Admin"] != "ada" {
			t.Errorf("%s: %v", what, err)
		}
	}
	first := l.adopt("line-1")
	l.update(func(ctx context.Context, tx heed.Tx) error {
		for _, who := range []*heed.Staff{l.lea, l.lou, l.admin} {
			who.EnrolledAt = l.now
			if err := tx.UpdateStaff(ctx, who); err != nil {
				return err
			}
		}
		return tx.AddCredential(ctx, &heed.Credential{
			Hash: make([]byte, 32), Kind: heed.Newcomer, Staff: l.lou.ID, CreatedAt: l.now, SeenAt: l.now, ExpiresAt: l.now.Add(auth.NewFor), By: l.admin.ID,
		})
	})
	m := l.offer("line-2")
	l.must(l.Propose(t.Context(), l.admin, m.ID))
	oneHand("approving", l.Approve(t.Context(), l.lou, m.ID))
	oneHand("declining", l.Decline(t.Context(), l.lou, m.ID))
	l.wantState(m.ID, heed.ModelProposed)
	l.must(l.Decline(t.Context(), l.lea, m.ID))

	_, err := l.RollBack(t.Context(), l.admin, "")
	l.must(err)
	_, err = l.RollBack(t.Context(), l.lou, "")
	oneHand("going back", err)
	l.wantState(first.ID, heed.ModelAdopted)
	_, err = l.RollBack(t.Context(), l.lea, "")
	l.must(err)
	l.wantState(first.ID, heed.ModelEnded)
}
