package calltaker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

// Slip is what the form carries, sealed, so that one that is sent twice is one report with one Receipt.
type Slip struct {
	Draft   heed.ID      `json:"draft"`
	Staff   heed.ID      `json:"staff"`
	Call    heed.ID      `json:"call,omitempty"`
	Receipt seal.Receipt `json:"receipt"`
}

// NewSlip draws the Receipt that the report will have.
func (d *Draft) NewSlip() Slip {
	return Slip{Draft: d.ID, Staff: d.Staff, Call: d.Call, Receipt: seal.NewReceipt()}
}

// HandedIn is what became of a report that was handed in.
type HandedIn struct {
	intake.Acceptance
	// Read: the machine reads the Receipt to the caller.
	Read bool
}

// Check says what can't be taken of what was typed: heed.Problems, or nil.
func (s *Service) Check(sub intake.Submission) error { return s.cfg.Intake.Check(sub) }

// HandIn makes a report of what was typed. What sub says of channel, author, id, Receipt and urgency is set here. The Receipt of a call's
// report is sealed to that call, for the machine to read to the caller; where the caller is gone it is nobody's.
//
// seen is when the draft that the actor saw was saved: one that holds something else by now isn't ended unseen.
//
// It returns heed.Problems where something typed can't be taken, the draft was saved since (draft-changed), another report was made of it
// (draft-gone) or a colleague has the call; heed.ErrForbidden, and heed.ErrBusy.
func (s *Service) HandIn(ctx context.Context, actor *heed.Staff, slip Slip, sub intake.Submission, urgent bool, seen time.Time) (*HandedIn, error) {
	if err := s.may(actor, auth.DraftWrite); err != nil {
		return nil, err
	}
	if slip.Staff != actor.ID {
		return nil, fmt.Errorf("handing in somebody else's draft: %w", heed.ErrForbidden)
	}
	sub.Channel, sub.By, sub.ID, sub.Receipt = heed.ChannelStaff, actor.ID, slip.Draft, slip.Receipt
	if urgent {
		sub.Urgency = heed.Immediate
	}
	sealed, err := s.sealReceipt(ctx, slip)
	if err != nil {
		return nil, err
	}
	typed := Typed{Text: sub.Content.Text, Occurred: sub.Content.Occurred, Place: sub.Content.Place, Language: sub.Language, Urgent: urgent}
	sub.Also = func(ctx context.Context, tx heed.Tx) error { return s.conclude(ctx, tx, slip, sealed, typed, seen) }
	accepted, err := s.cfg.Intake.Submit(ctx, sub)
	if errors.Is(err, heed.ErrConflict) { // with another form's Receipt
		return nil, problem("", "draft-gone")
	}
	if err != nil {
		return nil, fmt.Errorf("handing a report in: %w", err)
	}
	out := &HandedIn{Acceptance: *accepted}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		call, err := callOf(ctx, tx, slip.Call)
		out.Read = call != nil && call.Taker == actor.ID && call.State == heed.CallReading
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking whether a Receipt is read: %w", err)
	}
	return out, nil
}

// sealReceipt seals the Receipt to the process that has the call, nil where the call is over or there is none.
func (s *Service) sealReceipt(ctx context.Context, slip Slip) (sealed []byte, err error) {
	var call *heed.QueuedCall
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		call, err = callOf(ctx, tx, slip.Call)
		return err
	})
	if err != nil || call == nil {
		return nil, err
	}
	key, err := seal.ParsePublicKey(call.Key)
	if err != nil {
		return nil, fmt.Errorf("a call's key: %w", err)
	}
	return seal.SealCallReceipt(key, s.cfg.Line, call.ID, slip.Receipt)
}

// conclude is what happens in the transaction that stores the report: the draft goes, and the caller hears the Receipt, where there
// still is one to hear it.
func (s *Service) conclude(ctx context.Context, tx heed.Tx, slip Slip, sealed []byte, typed Typed, seen time.Time) error {
	d, err := tx.Draft(ctx, slip.Draft)
	switch {
	case errors.Is(err, heed.ErrNotFound): // dropped in another window, or past its life: who hands in means it
	case err != nil:
		return err
	case d.Staff != slip.Staff:
		return problem("", "call-with-colleague")
	default:
		if err := s.endDraft(ctx, tx, d, typed, seen); err != nil {
			return err
		}
	}
	call, err := callOf(ctx, tx, slip.Call)
	if err != nil || call == nil || sealed == nil {
		return err
	}
	if call.Taker != "" && call.Taker != slip.Staff {
		return problem("", "call-with-colleague")
	}
	err = tx.FinishQueuedCall(ctx, call.ID, slip.Staff, sealed)
	switch {
	case errors.Is(err, heed.ErrConflict) && call.State != heed.CallReading:
		return problem("", "call-not-connected") // the caller is there, and would go without a Receipt
	case errors.Is(err, heed.ErrConflict), errors.Is(err, heed.ErrNotFound):
		return nil // the Receipt is nobody's
	}
	return errors.Join(err, s.changed(ctx, tx))
}

// endDraft deletes a draft of which a report was made. A *heed.Problem: it holds something that who hands in hasn't seen.
func (s *Service) endDraft(ctx context.Context, tx heed.Tx, d *heed.Draft, typed Typed, seen time.Time) error {
	_, err := s.stands(d, typed, seen)
	if err == nil {
		err = tx.DeleteDraft(ctx, d.ID, d.SavedAt)
	}
	if errors.Is(err, heed.ErrConflict) {
		return problem("", "draft-changed")
	}
	return errors.Join(err, heed.WantScrub(ctx, tx, s.cfg.Now()))
}
