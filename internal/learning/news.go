package learning

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/screening"
)

// News is something about the line's models that somebody is to be told wherever they are at the desk.
type News struct {
	Kind NewsKind
	At   time.Time // since when it is so
}

// NewsKind is what happened.
type NewsKind string

// What is told, and to whom.
const (
	NewsOffered  NewsKind = "offered"  // a model waits for who proposes it: to who may
	NewsProposed NewsKind = "proposed" // one waits for the second person: to who may be that
	NewsAsked    NewsKind = "asked"    // a return to the model of before does: likewise
	NewsChanged  NewsKind = "changed"  // the line screens by another model: to all who see what it says, or may see the models
)

// newsLasts is for how long what waits for nobody in particular is told.
const newsLasts = 7 * 24 * time.Hour

// News is what the actor is to be told, what waits for them first. What waits for a second person is told until that person's word or
// its end, the rest for newsLasts.
func (s *Service) News(ctx context.Context, actor *heed.Staff) (news []News, err error) {
	may := func(a auth.Action, on auth.Resource) bool { return s.cfg.Allow(actor, a, on) == nil }
	sees := may(auth.ModelSee, auth.Resource{})
	if !sees && !may(auth.QueueRead, auth.Resource{Staff: actor.ID, Department: actor.Department}) {
		return nil, nil
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		news = nil
		all, err := tx.Models(ctx, 0)
		if err != nil {
			return err
		}
		now := s.cfg.Now()
		lately := func(t time.Time) bool { return !t.IsZero() && now.Sub(t) < newsLasts }
		for _, m := range all {
			switch {
			case m.State == heed.ModelAdopted:
				r, err := s.asked(ctx, tx, m)
				if err != nil {
					return err
				}
				if r != nil && may(auth.ModelDecide, auth.Resource{By: r.By}) {
					news = append(news, News{NewsAsked, r.At})
				}
			case m.State == heed.ModelProposed && may(auth.ModelDecide, auth.Resource{By: m.ProposedBy}):
				news = append(news, News{NewsProposed, m.ProposedAt})
			case m.State == heed.ModelOffered && lately(m.MadeAt) && s.upToDate(m) && may(auth.ModelPropose, auth.Resource{}):
				news = append(news, News{NewsOffered, m.MadeAt})
			}
		}
		if _, fault := s.Status(); fault != "" {
			return nil // which is told in its place
		}
		if at := lastChange(all); lately(at) {
			news = append(news, News{NewsChanged, at})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find what is new of the line's models: %w", err)
	}
	return news, nil
}

// upToDate says that m was trained beside this program's rules, and compared with the model in use: otherwise nobody can propose it.
func (s *Service) upToDate(m *heed.LineModel) bool {
	return m.Base == screening.ShippedVersion() && m.Against == s.Model().Version
}

// lastChange is when the line began to screen by another model; zero: it never did.
func lastChange(all []*heed.LineModel) (at time.Time) {
	for _, m := range all {
		began := m.SecondAt
		switch {
		case !onceAdopted(m):
			continue
		case m.State == heed.ModelEnded && endedInUse(all, m):
			began = m.EndedAt
		}
		if began.After(at) {
			at = began
		}
	}
	return at
}

// onceAdopted says that the line screened by m at some time.
func onceAdopted(m *heed.LineModel) bool {
	return m.SecondBy != "" && m.End != heed.EndDeclined
}

// endedInUse says that the line screened by m until it ended: it had left all that were adopted after m, by then.
func endedInUse(all []*heed.LineModel, m *heed.LineModel) bool {
	for _, later := range all {
		left := later.End == heed.EndRolledBack && !later.EndedAt.After(m.EndedAt)
		if onceAdopted(later) && later.SecondAt.After(m.SecondAt) && !left {
			return false
		}
	}
	return true
}
