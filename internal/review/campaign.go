package review

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

// openCampaign finds, for a report whose words may be looked at, which others with nearly the same text came within
// screening.CampaignWindow of it: from screening.CampaignLeast on, itself included, they are its Campaign, in place of what its Screening found
// when it came. So the first of them, and one that is read a day later, are shown as what they are.
func (s *Service) openCampaign(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	r := v.Report
	if v.Gone || v.Screening == nil || v.Screening.Refuse || r.State == heed.RefusalProposed {
		return nil
	}
	read, err := s.recalled(ctx, tx, v, keys)
	if err != nil {
		return err
	}
	marks := screening.MarksOf(s.cfg.Matching, read)
	ask := heed.Ask{
		Marks: marks.Asked(), Since: r.ReceivedAt.Add(-screening.CampaignWindow), Close: screening.CopyShares, Lately: r.ReceivedAt.Add(-screening.CampaignWindow),
	}
	first, err := tx.Candidates(ctx, []heed.Ask{ask}, 1)
	if err != nil {
		return fmt.Errorf("count reports with nearly the same text: %w", err)
	}
	if first[0].Close < screening.CampaignLeast-1 { // the report itself may be among them, or have too few marks
		return nil
	}
	prospect := screening.NewProspect(s.cfg.Matching, read, marks)
	ask.Promises = func(_ map[int64]int, sketch []byte, day time.Time) bool {
		return day.Sub(r.ReceivedAt) < screening.CampaignWindow && prospect.MayCopy(sketch)
	}
	near, err := tx.Candidates(ctx, []heed.Ask{ask}, maxCampaign)
	if err != nil {
		return fmt.Errorf("find reports with nearly the same text: %w", err)
	}
	var ids []heed.ID
	for _, c := range near[0].Found {
		if c.Report != r.ID && c.Shared >= screening.CopyShares {
			ids = append(ids, c.Report)
		}
	}
	others, err := tx.ReportsOf(ctx, ids)
	if err != nil {
		return fmt.Errorf("get reports with nearly the same text: %w", err)
	}
	for _, other := range others {
		apart, kept := other.ReceivedAt.Sub(r.ReceivedAt).Abs(), other.State == heed.RefusalProposed || other.State == heed.Withdrawn || other.State == heed.Erased
		if apart < screening.CampaignWindow && !kept {
			v.Campaign = append(v.Campaign, other)
		}
	}
	slices.SortFunc(v.Campaign, func(a, b *heed.Report) int {
		return cmp.Or(b.ReceivedAt.Compare(a.ReceivedAt), cmp.Compare(a.ID, b.ID))
	})
	return nil
}

// recalled is what the report was compared by when it was screened.
func (s *Service) recalled(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) (f screening.Features, err error) {
	if known, ok := s.memory.recall(v.Report.ID); ok {
		return known.Features, nil
	}
	text, sc := v.Content.Text, *v.Screening
	if v.Content.Spoken() {
		copies, err := copiesIfSpoken(ctx, tx, v.Report)
		if err != nil {
			return f, err
		}
		if text, err = s.heard(keys, copies); err != nil {
			return f, err
		}
		text, sc = ofHeard(text, v.Report.Language, sc)
	}
	return s.cfg.Screener.Recall(told(v.Report, text), sc), nil
}

// tellCampaign leaves of a report's campaign what its reader is to know of, and says so in its Screening: as many reports as that, in place of as
// many as had come when it came. That number is told where the others are gone from the index, to who is to know of all reports.
func (s *Service) tellCampaign(v *View, reader *heed.Staff) {
	v.Campaign = s.known(reader, v.Campaign)
	n := 1 + len(v.Campaign)
	if n < screening.CampaignLeast {
		v.Campaign = nil
	}
	if v.Screening == nil || v.Campaign == nil && len(reader.Categories) == 0 {
		return
	}
	sc := *v.Screening
	sc.Reasons = slices.DeleteFunc(slices.Clone(sc.Reasons), func(r heed.Reason) bool { return r.Rule == screening.CampaignRule })
	if v.Campaign != nil {
		sc.Reasons = append(sc.Reasons, screening.CampaignReason(n))
	}
	v.Screening = &sc
}

// noteCampaigns notes for the queue's rows of how many with nearly the same text the reports are one: for themselves, what they copy, and those that
// they resemble, which came before anybody knew, or with many others at once.
func noteCampaigns(ctx context.Context, tx heed.ScreeningTx, items []*item) error {
	counts := map[heed.ID]int{}
	for _, it := range items {
		at := slices.IndexFunc(it.result.Reasons, func(r heed.Reason) bool { return r.Rule == screening.CampaignRule })
		if at < 0 || it.result.DuplicateOf == nil {
			continue
		}
		of := []heed.ID{it.report.ID, *it.result.DuplicateOf}
		for _, m := range it.result.Similar {
			if m.Kind == heed.MatchCopy {
				of = append(of, m.ID)
			}
		}
		for _, id := range of {
			counts[id] = max(counts[id], int(it.result.Reasons[at].Weight))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) { // several batches take them in one order
		if err := tx.RaiseCampaign(ctx, []heed.ID{id}, counts[id]); err != nil {
			return err
		}
	}
	return nil
}

// Campaigns is of how many reports with nearly the same text within a week each of the reports is one, at least, where they are many. Who is to
// know of some reports alone isn't told: of how many others they aren't to know would show.
func (s *Service) Campaigns(ctx context.Context, actor *heed.Staff, of ...heed.ID) (counts map[heed.ID]int, err error) {
	if err := s.cfg.Allow(actor, auth.QueueRead, auth.Resource{}); err != nil || len(actor.Categories) > 0 {
		return nil, err
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		counts, err = tx.Campaigns(ctx, of)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read how many reports are alike: %w", err)
	}
	return counts, nil
}
