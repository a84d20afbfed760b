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

// UndoLife is how long a decision can be undone, and how long a Referral waits before it is prepared.
const UndoLife = 10 * time.Second

// JobPrepare prepares a Referral's package. Its args are ReferralArgs.
const JobPrepare = "prepare-referral"

// ReferralArgs are the args of the jobs about one Referral.
type ReferralArgs struct {
	Referral heed.ID `json:"referral"`
}

// Decision is what somebody decides about a report.
type Decision struct {
	Kind       heed.DispositionKind
	Department string   // refer
	Lead       heed.ID  // duplicate
	Reason     string   // always
	Grading    *Grading // optional; a graded anonymous report can be referred by one person
	waits      bool     // duplicate: refused unless the lead still stands in the queue
}

// dispositionDetails is in the leaf of a decision.
type dispositionDetails struct {
	Disposition heed.ID               `json:"disposition"`
	Kind        heed.DispositionKind  `json:"kind"`
	State       heed.DispositionState `json:"state"`
	Department  string                `json:"department,omitempty"`
	Lead        heed.ID               `json:"lead,omitempty"`
	Referral    heed.ID               `json:"referral,omitempty"`
	Rules       []string              `json:"rules,omitempty"` // why the machine had proposed a refusal
}

// Dispose decides about the report, which the actor holds or now takes. Where a second person is needed it waits for
// Approve (State Pending); a Referral of imminent danger leaves at once and is approved afterwards (Pending, ApproveBy set).
//
// It returns the Disposition; *heed.Problem for a faulty Decision, *ClaimedError, heed.ErrConflict, heed.ErrForbidden.
func (s *Service) Dispose(ctx context.Context, actor *heed.Staff, id heed.ID, d Decision) (*heed.Disposition, error) {
	if err := s.cfg.Allow(actor, auth.ReportDispose, auth.Resource{}); err != nil {
		return nil, err
	}
	if err := s.checkDecision(id, d); err != nil {
		return nil, err
	}
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return nil, fmt.Errorf("decide about a report: %w", err)
	}
	made := &heed.Disposition{ID: heed.NewID(s.cfg.Now()), Report: id, Kind: d.Kind, By: actor.ID, Department: d.Department, Lead: d.Lead}
	if made.SealedReason, err = (Reason{Text: d.Reason, Grading: d.Grading}).Seal(keys.Data, s.cfg.Line, id, made.ID); err != nil {
		return nil, err
	}
	err = s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		made.At, made.State, made.ApproveBy = now, heed.Final, time.Time{}
		if err := s.hold(r, actor, now); err != nil {
			return act{}, err
		}
		if err := s.knowsLead(ctx, tx, actor, r, d); err != nil {
			return act{}, err
		}
		need, err := s.eyesFor(ctx, tx, r, d, actor.ID, &keys)
		if err != nil {
			return act{}, err
		}
		details, err := s.decide(ctx, tx, r, made, need, &keys, now)
		if err != nil {
			return act{}, err
		}
		return act{name: audit.ReportDisposed, actor: actor.ID, details: details, reason: d.Reason, keys: &keys, erased: r.State == heed.Erased}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("decide about a report: %w", err)
	}
	return made, nil
}

// decide puts a new Disposition into effect or before the second person.
func (s *Service) decide(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, need eyes, keys *seal.ReportKeys, now time.Time) (*dispositionDetails, error) {
	details := &dispositionDetails{Disposition: d.ID, Kind: d.Kind, Department: d.Department, Lead: d.Lead}
	unclaim(r)
	if need != one {
		d.State = heed.Pending
	}
	if need == first {
		if err := move(r, heed.EventRequest, now); err != nil {
			return nil, err
		}
		decided(r)
	} else {
		if need == afterwards {
			d.ApproveBy = now.Add(s.cfg.Profile.Deadlines.Approval)
		}
		if err := s.apply(ctx, tx, r, d, keys, details, now.Add(UndoLife), now); err != nil {
			return nil, err
		}
	}
	details.State, details.Lead = d.State, d.Lead
	if err := tx.AddDisposition(ctx, d); err != nil {
		return nil, err
	}
	if need == afterwards {
		return details, enqueueLate(ctx, tx, d)
	}
	return details, nil
}

// apply lets a Disposition take effect; what can't be taken back (a Referral's package, duplicates that conclude with
// their lead) follows at settleAt.
func (s *Service) apply(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, keys *seal.ReportKeys, details *dispositionDetails, settleAt, now time.Time) error {
	decided(r)
	switch d.Kind {
	case heed.Refer:
		return s.refer(ctx, tx, r, d, details, settleAt, now)
	case heed.Close:
		concluded(r)
		r.ClosedAt = now
		if err := move(r, heed.EventClose, now); err != nil || r.Copies == 0 {
			return err
		}
		return concludeCopies(ctx, tx, r.ID, settleAt)
	case heed.Hold:
		return move(r, heed.EventHold, now)
	case heed.LinkDuplicate:
		return s.link(ctx, tx, r, d, settleAt, now)
	case heed.Refuse:
		rules, err := s.refusalRules(ctx, tx, r.ID, keys)
		if err != nil {
			return err
		}
		details.Rules = rules
		if err := move(r, heed.EventRefuse, now); err != nil {
			return err
		}
		return s.erase(ctx, tx, r, d.ID, now)
	}
	return problem("kind", "kind-unknown")
}

func (s *Service) refer(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, details *dispositionDetails, prepareAt, now time.Time) error {
	if err := move(r, heed.EventRefer, now); err != nil {
		return err
	}
	concluded(r)
	r.Handed = true
	f := &heed.Referral{
		ID: heed.NewID(now), Report: r.ID, Disposition: d.ID, Department: d.Department,
		State: heed.ReferralPreparing, CreatedAt: now, StateSince: now,
	}
	details.Referral = f.ID
	if err := tx.AddReferral(ctx, f); err != nil {
		return err
	}
	args, err := json.Marshal(ReferralArgs{f.ID})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobPrepare, Args: args, At: prepareAt})
}

// refusalRules are the codes of the rules by which the machine had proposed the refusal: all that stays of the reasons.
func (s *Service) refusalRules(ctx context.Context, tx heed.Tx, id heed.ID, keys *seal.ReportKeys) ([]string, error) {
	screening, _, err := s.screening(ctx, tx, id, keys)
	if err != nil || screening == nil {
		return nil, err
	}
	var rules []string
	for _, reason := range screening.Reasons {
		if reason.For == "refuse" {
			rules = append(rules, reason.Rule)
		}
	}
	return rules, nil
}

// screening opens the report's Screening: nil where there is none or it failed.
func (s *Service) screening(ctx context.Context, tx heed.ScreeningTx, id heed.ID, keys *seal.ReportKeys) (sc *heed.Screening, failed bool, err error) {
	rec, err := tx.Screening(ctx, id)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if rec.Failed {
		return nil, true, nil
	}
	sc, err = s.openScreening(rec, keys)
	return sc, false, err
}

func (s *Service) openScreening(rec *heed.ScreeningRecord, keys *seal.ReportKeys) (*heed.Screening, error) {
	b, err := keys.Data.Open(seal.ScreeningPlace(s.cfg.Line, rec.Report), rec.Sealed)
	if err != nil {
		return nil, fmt.Errorf("open a screening: %w", err)
	}
	sc := &heed.Screening{}
	if err := json.Unmarshal(b, sc); err != nil {
		return nil, fmt.Errorf("decode a screening: %w", err)
	}
	return sc, nil
}

func (s *Service) checkDecision(id heed.ID, d Decision) error {
	if err := CheckReason("reason", d.Reason); err != nil {
		return err
	}
	if d.Grading != nil && !d.Grading.Valid() {
		return problem("grading", "grading-unknown")
	}
	switch d.Kind {
	case heed.Refer:
		return s.receives(&heed.Disposition{Kind: d.Kind, Department: d.Department})
	case heed.LinkDuplicate:
		if d.Lead == "" {
			return problem("lead", "lead-missing")
		}
		if d.Lead == id {
			return problem("lead", "lead-self")
		}
	case heed.Close, heed.Hold, heed.Refuse:
	default:
		return problem("kind", "kind-unknown")
	}
	return nil
}

// receives makes sure that what is referred can be sealed to somebody.
func (s *Service) receives(d *heed.Disposition) error {
	if d.Kind != heed.Refer {
		return nil
	}
	department, ok := s.cfg.Profile.Department(d.Department)
	if !ok {
		return problem("department", "department-unknown")
	}
	if len(department.Recipients) == 0 {
		return problem("department", "department-without-recipient")
	}
	return nil
}
