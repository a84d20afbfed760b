package auth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// tellOwner announces to an account's owner what was done to it, whoever did it: who acts in their name may be another.
func (s *Service) tellOwner(ctx context.Context, tx heed.Tx, code string, about, by heed.ID) error {
	now := s.now()
	err := tx.Announce(ctx, &heed.Announcement{ID: heed.NewID(now), Staff: about, At: now, Code: code, About: about, By: by})
	if err != nil {
		return fmt.Errorf("announcing %s: %w", code, err)
	}
	return nil
}

// tellAll announces it to the owner and to every admin and overseer but the one who did it.
func (s *Service) tellAll(ctx context.Context, tx heed.Tx, code string, about, by heed.ID) error {
	if err := s.tellOwner(ctx, tx, code, about, by); err != nil {
		return err
	}
	return tellOthers(ctx, tx, code, about, by, s.now())
}

// tellOthers announces it to every admin and every overseer, who may give links too, but the owner and the one who did it.
func tellOthers(ctx context.Context, tx heed.Tx, code string, about, by heed.ID, now time.Time) error {
	all, err := tx.AllStaff(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !a.Has(heed.Admin) && !a.Has(heed.Overseer) || a.Disabled || a.ID == about || a.ID == by {
			continue
		}
		err := tx.Announce(ctx, &heed.Announcement{ID: heed.NewID(now), Staff: a.ID, At: now, Code: code, About: about, By: by})
		if err != nil {
			return fmt.Errorf("announcing %s: %w", code, err)
		}
	}
	return nil
}

// maxNotices is how many announcements a page shows.
const maxNotices = 100

// Notices are the announcements to the actor, newest first.
func (s *Service) Notices(ctx context.Context, actor *heed.Staff) (notices []*heed.Announcement, err error) {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx heed.Tx) error {
		notices, err = tx.Announcements(ctx, actor.ID, maxNotices)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing announcements: %w", err)
	}
	return notices, nil
}

// News reports whether the actor has announcements that they haven't seen. Tokens alone are no news: the settings list them.
func (s *Service) News(ctx context.Context, actor *heed.Staff) (bool, error) {
	notices, err := s.Notices(ctx, actor)
	return slices.ContainsFunc(notices, func(a *heed.Announcement) bool { return !a.Seen && a.Code != "token" }), err
}

// SeeNotices marks every announcement to the actor as seen.
func (s *Service) SeeNotices(ctx context.Context, actor *heed.Staff) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error { return tx.SeeAnnouncements(ctx, actor.ID) })
	if err != nil {
		return fmt.Errorf("marking announcements as seen: %w", err)
	}
	return nil
}
