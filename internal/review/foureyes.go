package review

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// eyes says how many people a decision needs.
type eyes int

const (
	one eyes = iota
	// first waits for a second person before it takes effect.
	first
	// afterwards takes effect at once and must be approved within the profile's Deadlines.Approval.
	afterwards
)

// eyesFor is DESIGN.md §6 as code: two people to close an urgent report as irrelevant or to refuse it, and to refer a
// single ungraded anonymous one or one that the machine proposes for refusal; for a referral of imminent danger the
// second follows. The profile can ask for more, never for less.
func (s *Service) eyesFor(r *heed.Report, d Decision, urgent bool) eyes {
	four := s.cfg.Profile.FourEyes
	switch d.Kind {
	case heed.Close:
		if urgent || four.EveryClosing {
			return first
		}
	case heed.Refuse:
		if urgent || four.EveryRefusal {
			return first
		}
	case heed.Refer:
		if r.Urgency == heed.Immediate {
			return afterwards
		}
		single := r.Copies == 0 && !r.Named
		if single && !d.Grading.judged() || r.ClaimFrom == heed.RefusalProposed || four.EveryReferral {
			return first
		}
	}
	return one
}

// urgencyDetails is in the leaf of a changed urgency.
type urgencyDetails struct {
	From heed.Urgency `json:"from"`
	To   heed.Urgency `json:"to"`
}

// urgentTo reports whether the report counts as urgent for this person: it is, or they themselves lowered it. Otherwise
// whoever wants to close an urgent report alone would lower it first.
func urgentTo(ctx context.Context, tx heed.AuditTx, r *heed.Report, actor heed.ID) (bool, error) {
	if r.Urgency.Rank() <= heed.High.Rank() {
		return true, nil
	}
	lowered := false
	err := eachLeaf(ctx, tx, r.ID, func(l *heed.AuditLeaf) error {
		if l.Act != audit.ReportUrgency || l.Actor != actor {
			return nil
		}
		var details struct {
			Act urgencyDetails `json:"act"`
		}
		if err := json.Unmarshal(l.Details, &details); err != nil {
			return fmt.Errorf("read a leaf of %s: %w", l.Act, err)
		}
		lowered = lowered || details.Act.From.Rank() <= heed.High.Rank()
		return nil
	})
	return lowered, err
}

// eachLeaf calls fn for every leaf of the report, oldest first.
func eachLeaf(ctx context.Context, tx heed.AuditTx, report heed.ID, fn func(*heed.AuditLeaf) error) error {
	const page = 200
	for after := int64(0); ; {
		leaves, err := tx.Leaves(ctx, after, report, page)
		if err != nil {
			return err
		}
		for _, l := range leaves {
			if err := fn(l); err != nil {
				return err
			}
			after = l.Seq
		}
		if len(leaves) < page {
			return nil
		}
	}
}
