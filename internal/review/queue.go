package review

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// Queue lists reports by urgency, then deadline. Nothing of their content is in the list.
func (s *Service) Queue(ctx context.Context, actor *heed.Staff, q heed.ReportQuery) ([]*heed.Report, error) {
	if err := s.cfg.Allow(actor, auth.QueueRead, auth.Resource{}); err != nil {
		return nil, err
	}
	q.Tokens, q.OrTokens = nil, nil // words are searched with a stated purpose only
	var list []*heed.Report
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if list, err = tx.Reports(ctx, scope(actor, q)); err != nil {
			return err
		}
		return s.cut(ctx, tx, actor, list...)
	})
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return list, nil
}

// Row is one report as it stands in the queue, for a page that renews a single row. Nothing of its content is opened.
//
// It returns heed.ErrNotFound and heed.ErrForbidden.
func (s *Service) Row(ctx context.Context, actor *heed.Staff, id heed.ID) (r *heed.Report, err error) {
	if err := s.cfg.Allow(actor, auth.QueueRead, auth.Resource{}); err != nil {
		return nil, err
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		if r, err = tx.Report(ctx, id); err != nil {
			return err
		}
		if err := s.knows(actor, r); err != nil {
			return err
		}
		return s.cut(ctx, tx, actor, r)
	})
	if err != nil {
		return nil, fmt.Errorf("find a report in the queue: %w", err)
	}
	return r, nil
}

// Lists are the desk's lists that are counted, in their order on the page.
var Lists = [...]heed.List{heed.ListReview, heed.ListCopies, heed.ListWaiting, heed.ListApproval, heed.ListAside, heed.ListRefusal, heed.ListReferred}

// MaxCount is where counting stops: the desk shows "more than 999".
const MaxCount = 1000

// Counts counts each of Lists, up to MaxCount.
func (s *Service) Counts(ctx context.Context, actor *heed.Staff) (map[heed.List]int, error) {
	if err := s.cfg.Allow(actor, auth.StatisticsRead, auth.Resource{}); err != nil {
		return nil, err
	}
	counts := make(map[heed.List]int, len(Lists))
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		for _, l := range Lists {
			n, err := tx.CountReports(ctx, scope(actor, heed.ReportQuery{List: l}), MaxCount)
			if err != nil {
				return err
			}
			counts[l] = n
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count reports: %w", err)
	}
	return counts, nil
}

// LaterApprovals lists the Referrals of imminent danger that have left and still wait for their second person, most
// pressing first.
func (s *Service) LaterApprovals(ctx context.Context, actor *heed.Staff) ([]*heed.Disposition, error) {
	if err := s.cfg.Allow(actor, auth.QueueRead, auth.Resource{}); err != nil {
		return nil, err
	}
	var due []*heed.Disposition
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		due, err = s.approvalsKnown(ctx, tx, actor)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list approvals due: %w", err)
	}
	return due, nil
}

// laterApprovals is how many LaterApprovals lists at most.
const laterApprovals = 200

// approvalsKnown are the first of those whose report the actor is to know of, however many of others stand before them.
func (s *Service) approvalsKnown(ctx context.Context, tx heed.Tx, actor *heed.Staff) ([]*heed.Disposition, error) {
	until := s.cfg.Now().Add(s.cfg.Profile.Deadlines.Approval)
	for most := laterApprovals; ; most *= 4 {
		all, err := tx.ApprovalsDue(ctx, until, most)
		if err != nil {
			return nil, err
		}
		var due []*heed.Disposition
		for _, d := range all {
			err := s.knowsOf(ctx, tx, actor, d.Report)
			if err == nil {
				due = append(due, d)
			} else if !errors.Is(err, heed.ErrNotFound) {
				return nil, err
			}
		}
		if len(all) < most || len(due) >= laterApprovals {
			return due[:min(len(due), laterApprovals)], nil
		}
	}
}

// maxWords bounds one search.
const maxWords = 30

// searchDetails is in the leaf of a search: neither the words nor the purpose, only that there was one and what came.
type searchDetails struct {
	Words int `json:"words"`
	Found int `json:"found"`
}

// Search finds open reports that hold all of the words, but those for who somebody is, by which nothing is found. It needs
// a stated purpose, which is kept sealed beside the search's leaf; the words are kept nowhere.
//
// It returns *heed.Problem where purpose or words are missing, or the words only tell who somebody is.
func (s *Service) Search(ctx context.Context, actor *heed.Staff, words, purpose string, q heed.ReportQuery) ([]*heed.Report, error) {
	if err := s.cfg.Allow(actor, auth.ReportSearch, auth.Resource{}); err != nil {
		return nil, err
	}
	if err := CheckReason("purpose", purpose); err != nil {
		return nil, err
	}
	if len(words) > 4*maxReason {
		return nil, problem("q", "words-too-many")
	}
	found, others, traits := s.cfg.Screener.Query(words, s.cfg.Now().In(s.cfg.Profile.Zone()))
	switch {
	case traits && len(found) == 0:
		return nil, problem("q", "words-trait")
	case strings.TrimSpace(words) == "" || len(found) == 0:
		return nil, problem("q", "words-missing")
	case len(found) > maxWords:
		return nil, problem("q", "words-too-many")
	}
	q.Tokens, q.OrTokens = nil, nil
	for _, w := range found {
		q.Tokens = append(q.Tokens, s.cfg.Matching.Token(w))
	}
	for _, w := range others {
		q.OrTokens = append(q.OrTokens, s.cfg.Matching.Token(w))
	}
	var list []*heed.Report
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if list, err = tx.Reports(ctx, scope(actor, q)); err != nil {
			return err
		}
		return s.cut(ctx, tx, actor, list...)
	})
	if err != nil {
		return nil, fmt.Errorf("search reports: %w", err)
	}
	if err := s.searched(ctx, actor, purpose, searchDetails{Words: len(found), Found: len(list)}, s.cfg.Now()); err != nil {
		return nil, fmt.Errorf("note a search: %w", err)
	}
	return list, nil
}

// searched writes a search's leaf before anybody sees what was found. The purpose belongs to no one report, so it is
// sealed to the content key itself.
func (s *Service) searched(ctx context.Context, actor *heed.Staff, purpose string, details searchDetails, now time.Time) error {
	note, err := s.cfg.Content.Public().Wrap(seal.Binding{Line: s.cfg.Line, Field: "search-purpose", Version: 1}, []byte(purpose))
	if err != nil {
		return fmt.Errorf("seal a purpose: %w", err)
	}
	l, err := audit.Leaf(audit.ReportSearched, actor.ID, "", now, details)
	if err != nil {
		return err
	}
	audit.Bind(l, purpose, note)
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.AddLeaf(ctx, l) })
}
