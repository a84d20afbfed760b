package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
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

// eyesFor is who decides by how many people (docs/architecture.md, "Who may do what") as code: two people to close an urgent report as irrelevant or many at once, to refuse it, or to
// hang it, or one of many, on a lead that nobody owes a decision any more; to refuse what the machine didn't propose for refusal, which erases it for
// good; and to refer a single ungraded anonymous one or one that the machine did. For a referral of imminent danger the
// second follows. The profile can ask for more, never for less.
//
// It returns *heed.Problem where the Decision's lead can be none.
func (s *Service) eyesFor(ctx context.Context, tx heed.Tx, r *heed.Report, d Decision, actor heed.ID, keys *seal.ReportKeys) (eyes, error) {
	urgent, err := urgentTo(ctx, tx, r, actor, s.cfg.Now())
	if err != nil {
		return first, err
	}
	proposed, err := s.refusalProposed(ctx, tx, r, keys)
	if err != nil {
		return first, err
	}
	four := s.cfg.Profile.FourEyes
	switch d.Kind {
	case heed.Close:
		many, err := closesMany(ctx, tx, r)
		if err != nil || urgent || many || four.EveryClosing {
			return first, err
		}
	case heed.Refuse:
		if urgent || !proposed || four.EveryRefusal {
			return first, nil
		}
	case heed.LinkDuplicate:
		lead, err := leadFor(ctx, tx, r, d.Lead)
		if err != nil {
			return first, err
		}
		if !lead.State.Open() && (urgent || lead.Copies+1 >= bulk) {
			return first, nil
		}
	case heed.Refer:
		if r.Urgency == heed.Immediate {
			return afterwards, nil
		}
		alone, err := s.alone(ctx, tx, r, actor)
		if err != nil {
			return first, err
		}
		if alone && !d.Grading.judged() || proposed || four.EveryReferral {
			return first, nil
		}
	}
	return one, nil
}

// bulk is from how many duplicates on closing a report closes many at once.
const bulk = 10

// closesMany reports whether closing the report closes many at once: those that hang on it, and the copies that wait under
// it, whose turn is said to be over with its own.
func closesMany(ctx context.Context, tx heed.ReportTx, r *heed.Report) (bool, error) {
	folded, err := tx.CountCopies(ctx, []heed.ID{r.ID}, nil, bulk)
	return r.Copies+folded[r.ID] >= bulk, err
}

// alone reports whether nothing but the report itself speaks for it: its reporter is anonymous, or took the Identity back,
// and no other report hangs on it but what this person linked, or another account of the same hand, and what has the very same words. Otherwise whoever
// wants to refer an anonymous report alone would first make a duplicate of another, or send the same again.
func (s *Service) alone(ctx context.Context, tx heed.Tx, r *heed.Report, actor heed.ID) (bool, error) {
	named, err := stillNamed(ctx, tx, r)
	if err != nil || named {
		return false, err
	}
	if r.Copies == 0 {
		return true, nil
	}
	by := map[heed.ID]heed.ID{} // who linked each that still hangs on it
	err = eachLeaf(ctx, tx, r.ID, func(l *heed.AuditLeaf) error {
		if l.Act != audit.ReportLinked && l.Act != audit.ReportUnlinked {
			return nil
		}
		var details struct {
			Act linkDetails `json:"act"`
		}
		if err := json.Unmarshal(l.Details, &details); err != nil {
			return fmt.Errorf("read a leaf of %s: %w", l.Act, err)
		}
		if l.Act == audit.ReportUnlinked || details.Act.Same {
			delete(by, details.Act.Member)
		} else {
			by[details.Act.Member] = l.Actor
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, linker := range by {
		if same, err := auth.OneHand(ctx, tx, linker, actor, s.cfg.Now()); !same {
			return false, err
		}
	}
	return true, nil
}

// stillNamed reports whether the reporter gave an Identity and didn't take it back. One whose day is over was there until
// then, as far as anybody can tell now.
func stillNamed(ctx context.Context, tx heed.Tx, r *heed.Report) (bool, error) {
	if !r.Named {
		return false, nil
	}
	held, err := tx.Identities(ctx, r.ID)
	if err != nil || len(held) > 0 {
		return len(held) > 0, err
	}
	day, err := tx.DayKey(ctx, r.DayKey)
	if errors.Is(err, heed.ErrNotFound) {
		return false, nil
	}
	return err == nil && !day.DestroyedAt.IsZero(), err
}

// refusalProposed reports whether the machine proposes to refuse the report, by what it said: where the report stands, or
// stood when it was claimed, changes with every hold and every question.
func (s *Service) refusalProposed(ctx context.Context, tx heed.ScreeningTx, r *heed.Report, keys *seal.ReportKeys) (bool, error) {
	if r.ClaimFrom == heed.RefusalProposed { // the machine alone puts a report there
		return true, nil
	}
	screening, _, err := s.screening(ctx, tx, r.ID, keys)
	return screening != nil && screening.Refuse, err
}

// urgencyDetails is in the leaf of a changed urgency.
type urgencyDetails struct {
	From heed.Urgency `json:"from"`
	To   heed.Urgency `json:"to"`
}

// urgentTo reports whether the report counts as urgent for this person: it is, or they themselves lowered it, or another account
// of the same hand. Otherwise whoever wants to close an urgent report alone would lower it first.
func urgentTo(ctx context.Context, tx heed.Tx, r *heed.Report, actor heed.ID, now time.Time) (bool, error) {
	if r.Urgency.Rank() <= heed.High.Rank() {
		return true, nil
	}
	lowered := false
	err := eachLeaf(ctx, tx, r.ID, func(l *heed.AuditLeaf) error {
		if l.Act != audit.ReportUrgency || l.Actor == "" {
			return nil
		}
		var details struct {
			Act urgencyDetails `json:"act"`
		}
		if err := json.Unmarshal(l.Details, &details); err != nil {
			return fmt.Errorf("read a leaf of %s: %w", l.Act, err)
		}
		if lowered || details.Act.From.Rank() > heed.High.Rank() {
			return nil
		}
		var err error
		lowered, err = auth.OneHand(ctx, tx, l.Actor, actor, now)
		return err
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
