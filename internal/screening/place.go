package screening

import (
	"cmp"
	"slices"
	"time"

	"github.com/heed-line/heed"
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
		s.Reasons = append(s.Reasons, heed.Reason{For: "duplicate", Rule: "campaign", Weight: float64(copies)})
	}
}

// Place writes into s what f copies or resembles among the found: at most five, copies first, then by score; and the
// reasons for the nearest.
func Place(s *heed.Screening, f Features, found []Found) {
	type related struct {
		match   heed.Match
		lead    heed.ID
		reasons []heed.Reason
	}
	var all []related
	for _, c := range found {
		kind, score, reasons := Relate(c.Features, f)
		if kind != "" {
			all = append(all, related{heed.Match{ID: c.ID, Score: score, Kind: kind}, c.Lead, reasons})
		}
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
	for i, r := range all[:min(len(all), similarMost)] {
		s.Similar = append(s.Similar, r.match)
		if i == 0 {
			s.Reasons = append(s.Reasons, r.reasons...)
		}
	}
	if len(all) > 0 && all[0].match.Kind == heed.MatchCopy {
		lead := all[0].lead
		s.DuplicateOf = &lead
	}
}
