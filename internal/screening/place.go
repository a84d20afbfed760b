package screening

import (
	"cmp"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// Found is an earlier report that shares marks with the one being screened.
type Found struct {
	ID       heed.ID
	Lead     heed.ID // what a copy of it hangs on: itself, or what it is a copy of
	Features Features
}

const (
	// CampaignLeast is how many copies within CampaignWindow are shown as a campaign.
	CampaignLeast  = 5
	CampaignWindow = 7 * 24 * time.Hour
)

// Campaign notes in a copy's Screening how many of the same text came within CampaignWindow, itself included, where they are many.
// It says nothing against any of them: many people may have seen one thing and passed on one text.
func Campaign(s *heed.Screening, copies int) {
	if s.DuplicateOf != nil && copies >= CampaignLeast {
		s.Reasons = append(s.Reasons, CampaignReason(copies))
	}
}

// CampaignReason says that a report is one of so many.
func CampaignReason(copies int) heed.Reason {
	return heed.Reason{For: "duplicate", Rule: CampaignRule, Weight: float64(copies)}
}

// Place writes into s what f copies or resembles among the found: at most five, copies first, then by score; and the
// reasons for the nearest.
func Place(s *heed.Screening, f Features, found []Found) {
	var c comparer
	c.place(s, &f, nil, found)
}

// place is Place. text is the report's, folded, where it is at hand.
func (c *comparer) place(s *heed.Screening, f *Features, text *fold.Text, found []Found) {
	type related struct {
		match heed.Match
		found int
	}
	all := make([]related, 0, len(found))
	c.take(f, text)
	for i := range found {
		if kind, score := c.relate(&found[i].Features); kind != "" {
			all = append(all, related{heed.Match{ID: found[i].ID, Score: score, Kind: kind}, i})
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortStableFunc(all, func(a, b related) int {
		if a.match.Kind != b.match.Kind {
			if a.match.Kind == heed.MatchCopy {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.match.Score, a.match.Score)
	})
	for _, r := range all[:min(len(all), similarMost)] {
		s.Similar = append(s.Similar, r.match)
	}
	nearest := all[0]
	s.Reasons = append(s.Reasons, c.reasons(&found[nearest.found].Features, nearest.match.Kind, nearest.match.Score)...)
	if nearest.match.Kind == heed.MatchCopy {
		lead := found[nearest.found].Lead
		s.DuplicateOf = &lead
	}
}
