package auth

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// Whoever gives out links could use two of them, and be both of two people. So for a while an account counts as the hand of the one
// that gave it its link, and two of one hand are no two people where somebody else could be the second (docs/adr/0017).

// NewFor is for how long: those who are told of each new account have this time to ask whose it is.
const NewFor = 7 * 24 * time.Hour

// AsSecond asks whether actor, whom Allow lets be the second person after on.By, is another person than that one. could is who besides
// the policies' yes could be second; nil: everybody. Where nobody else could, it lets actor, writes a leaf that says in whose hand
// both are, and tells admins and overseers, but for decisions about reports, which are many.
//
// *heed.Problem: both are in one hand, and somebody else could be second.
func AsSecond(ctx context.Context, tx heed.Tx, actor *heed.Staff, action Action, on Resource, could func(*heed.Staff) bool, now time.Time) error {
	mine, err := hands(ctx, tx, actor.ID, now)
	if err != nil {
		return err
	}
	theirs, err := hands(ctx, tx, on.By, now)
	if err != nil {
		return err
	}
	hand := shared(mine, theirs)
	if hand == "" {
		return nil
	}
	all, err := tx.AllStaff(ctx)
	if err != nil {
		return err
	}
	names := map[heed.ID]string{}
	for _, a := range all {
		names[a.ID] = a.Name
		if on.OneHand || a.EnrolledAt.IsZero() || Allow(a, action, on) != nil || could != nil && !could(a) {
			continue
		}
		others, err := hands(ctx, tx, a.ID, now)
		if err != nil {
			return err
		}
		on.OneHand = shared(others, theirs) == ""
	}
	if Allow(actor, action, on) != nil {
		return &heed.Problem{Code: "one-hand", Args: map[string]any{"First": names[on.By], "Admin": names[hand]}}
	}
	return oneHand(ctx, tx, actor.ID, hand, action, on, now)
}

// OneHand reports whether two accounts are one, or in one hand for now.
func OneHand(ctx context.Context, tx heed.StaffTx, one, other heed.ID, now time.Time) (bool, error) {
	if one == other {
		return true, nil
	}
	all, err := hands(ctx, tx, one, now)
	if err != nil {
		return false, err
	}
	others, err := hands(ctx, tx, other, now)
	return err == nil && shared(all, others) != "", err
}

// ActOneHand is written beside an act that took two people, both of whom one admin let in lately. Its actor is the second.
const ActOneHand = "staff.one-hand"

func oneHand(ctx context.Context, tx heed.Tx, second, hand heed.ID, action Action, on Resource, now time.Time) error {
	if action != ReportApprove && action != ReportDecline {
		if err := tellOthers(ctx, tx, "one-hand", second, on.By, now); err != nil {
			return err
		}
	}
	return leafOn(ctx, tx, now, second, on.Report, ActOneHand, facts{"action": action, "first": on.By, "hand": hand})
}

// hands are the account itself, who gave it its link lately, who gave that one theirs, and so on.
func hands(ctx context.Context, tx heed.StaffTx, staff heed.ID, now time.Time) (all []heed.ID, err error) {
	for staff != "" && !slices.Contains(all, staff) { // two who reset each other
		all = append(all, staff)
		if staff, err = newcomerOf(ctx, tx, staff, now); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// shared is the first of one's hands that is another's too; "" where none is.
func shared(mine, theirs []heed.ID) heed.ID {
	if i := slices.IndexFunc(mine, func(id heed.ID) bool { return slices.Contains(theirs, id) }); i >= 0 {
		return mine[i]
	}
	return ""
}

// newcomerOf is who gave the account its link lately; "" where nobody did, or the operator.
func newcomerOf(ctx context.Context, tx heed.StaffTx, staff heed.ID, now time.Time) (heed.ID, error) {
	marks, err := tx.Credentials(ctx, staff, heed.Newcomer)
	if err != nil {
		return "", fmt.Errorf("finding who let an account in: %w", err)
	}
	for _, m := range marks {
		if now.Before(m.ExpiresAt) {
			return m.By, nil
		}
	}
	return "", nil
}

// arrive marks an account whose person just used a link that by gave, in place of an earlier mark. The operator ("") has the line's
// keys, and leaves none.
func arrive(ctx context.Context, tx heed.StaffTx, staff, by heed.ID, now time.Time) error {
	if err := tx.DeleteCredentials(ctx, staff, heed.Newcomer); err != nil || by == "" {
		return err
	}
	mark := make([]byte, 32)
	rand.Read(mark) // never fails: it ends the program instead
	return tx.AddCredential(ctx, &heed.Credential{
		Hash: mark, Kind: heed.Newcomer, Staff: staff, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(NewFor), By: by,
	})
}

// Newcomers says of each account that counts as another's hand whose.
//
// It returns heed.ErrForbidden to who may not see accounts.
func (s *Service) Newcomers(ctx context.Context, actor *heed.Staff) (map[heed.ID]heed.ID, error) {
	all, err := s.All(ctx, actor)
	if err != nil {
		return nil, err
	}
	by := map[heed.ID]heed.ID{}
	err = s.store.View(ctx, func(tx heed.Tx) error {
		clear(by)
		for _, a := range all {
			hand, err := newcomerOf(ctx, tx, a.ID, s.now())
			if err != nil {
				return err
			}
			if hand != "" {
				by[a.ID] = hand
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing who let accounts in lately: %w", err)
	}
	return by, nil
}
