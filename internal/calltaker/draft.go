package calltaker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// maxDrafts is how many drafts one person may have open at once.
const maxDrafts = 20

// Typed is what was typed in so far, good or not. Who the reporter is stands in no draft.
type Typed struct {
	Text     string `json:"text,omitempty"`
	Occurred string `json:"occurred,omitempty"`
	Place    string `json:"place,omitempty"`
	Language string `json:"language,omitempty"` // of the report: BCP 47
	Urgent   bool   `json:"urgent,omitempty"`
}

// Draft is a report that is being typed in.
type Draft struct {
	heed.Draft
	Typed
	// Talk is the call that it is typed in for, as it stands; nil where there is none, or the caller is gone.
	Talk *heed.QueuedCall
}

// Begin begins a report without a call, with what was typed already. It returns a *heed.Problem where the actor has too many that aren't
// handed in.
func (s *Service) Begin(ctx context.Context, actor *heed.Staff, typed Typed) (heed.ID, error) {
	if err := s.may(actor, auth.DraftWrite); err != nil {
		return "", err
	}
	d, err := s.newDraft(actor, "", s.clean(typed))
	if err != nil {
		return "", err
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		have, err := tx.Drafts(ctx, actor.ID)
		if err != nil {
			return err
		}
		if len(have) >= maxDrafts {
			return problem("", "drafts-full")
		}
		return tx.AddDraft(ctx, d)
	})
	if err != nil {
		return "", fmt.Errorf("beginning a report: %w", err)
	}
	return d.ID, nil
}

// newDraft is a draft of the actor's, not yet stored.
func (s *Service) newDraft(actor *heed.Staff, call heed.ID, typed Typed) (*heed.Draft, error) {
	now := s.cfg.Now()
	d := &heed.Draft{ID: heed.NewID(now), Staff: actor.ID, Call: call, Since: now, SavedAt: now}
	return d, s.seal(d, typed)
}

func (s *Service) seal(d *heed.Draft, typed Typed) error {
	state, err := json.Marshal(typed)
	if err != nil {
		return fmt.Errorf("encoding a draft: %w", err)
	}
	defer clear(state)
	d.Sealed, err = seal.SealStaffDraft(s.cfg.Content.Public(), s.cfg.Line, d.Staff, d.Call, d.ID, state)
	return err
}

func (s *Service) open(d *heed.Draft) (typed Typed, err error) {
	state, err := seal.OpenStaffDraft(s.cfg.Content, s.cfg.Line, d.Staff, d.Call, d.ID, d.Sealed)
	if err != nil {
		return Typed{}, fmt.Errorf("opening a draft: %w", err)
	}
	defer clear(state)
	if err := json.Unmarshal(state, &typed); err != nil {
		return Typed{}, fmt.Errorf("reading a draft: %w", heed.ErrSealed) // json's own words would quote it
	}
	return typed, nil
}

// Drafts lists what the actor hasn't handed in, newest first.
func (s *Service) Drafts(ctx context.Context, actor *heed.Staff) (drafts []*Draft, err error) {
	if err := s.may(actor, auth.DraftWrite); err != nil {
		return nil, err
	}
	var stored []*heed.Draft
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		stored, err = tx.Drafts(ctx, actor.ID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing drafts: %w", err)
	}
	for _, d := range stored {
		typed, err := s.open(d)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, &Draft{Draft: *d, Typed: typed})
	}
	return drafts, nil
}

// Open opens a draft of the actor's. One of a call that came to them from somebody else becomes theirs.
//
// It returns heed.ErrNotFound where there is none, handed in and dropped ones included.
func (s *Service) Open(ctx context.Context, actor *heed.Staff, id heed.ID) (*Draft, error) {
	if err := s.may(actor, auth.DraftWrite); err != nil {
		return nil, err
	}
	d, err := s.openOnce(ctx, actor, id)
	if errors.Is(err, heed.ErrConflict) { // who had the call before typed on while it was handed over: their window can't any more
		d, err = s.openOnce(ctx, actor, id)
	}
	if err != nil {
		return nil, fmt.Errorf("opening a draft: %w", err)
	}
	return d, nil
}

func (s *Service) openOnce(ctx context.Context, actor *heed.Staff, id heed.ID) (*Draft, error) {
	out := &Draft{}
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		d, err := s.alive(ctx, tx, id)
		if err != nil {
			return err
		}
		out.Draft = *d
		out.Talk, err = callOf(ctx, tx, d.Call)
		return err
	})
	if err == nil {
		out.Typed, err = s.open(&out.Draft)
	}
	if err != nil {
		return nil, err
	}
	if from := out.Staff; from != actor.ID {
		if out.Talk == nil || out.Talk.Taker != actor.ID {
			return nil, fmt.Errorf("somebody else's: %w", heed.ErrNotFound)
		}
		out.Staff = actor.ID
		if err := s.write(ctx, &out.Draft, out.Typed, from); err != nil {
			return nil, err
		}
	}
	if out.Language == "" && out.Talk != nil {
		out.Language = out.Talk.Language
	}
	return out, nil
}

// alive is a draft whose life isn't over, whether it was forgotten yet or not.
func (s *Service) alive(ctx context.Context, tx heed.DraftTx, id heed.ID) (*heed.Draft, error) {
	d, err := tx.Draft(ctx, id)
	if err == nil && s.cfg.Now().Sub(d.Since) >= heed.DraftLife {
		return nil, heed.ErrNotFound
	}
	return d, err
}

// callOf is a call as it stands; nil where there is none, or it is over.
func callOf(ctx context.Context, tx heed.QueueTx, id heed.ID) (*heed.QueuedCall, error) {
	if id == "" {
		return nil, nil
	}
	call, err := tx.QueuedCall(ctx, id)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, nil
	}
	return call, err
}

// Save seals what was typed so far in place of what was saved at seen, and says when that was: what tells one save from another.
//
// heed.ErrNotFound: the draft isn't the actor's any more, or is gone. heed.ErrConflict: something else was saved since, and stands.
func (s *Service) Save(ctx context.Context, actor *heed.Staff, id heed.ID, typed Typed, seen time.Time) (time.Time, error) {
	d, err := s.own(ctx, actor, id)
	if err != nil {
		return time.Time{}, err
	}
	switch stands, err := s.stands(d, typed, seen); {
	case err != nil:
		return time.Time{}, fmt.Errorf("saving a draft: %w", err)
	case stands:
		return d.SavedAt, nil
	}
	if err := s.write(ctx, d, typed, actor.ID); err != nil {
		return time.Time{}, err
	}
	return d.SavedAt, nil
}

// stands says whether d holds the very words already that somebody types who saw it as it was at seen: their save arrived, and the answer
// got lost. heed.ErrConflict: it holds others, which they haven't seen.
func (s *Service) stands(d *heed.Draft, typed Typed, seen time.Time) (bool, error) {
	if d.SavedAt.Equal(seen) {
		return false, nil
	}
	held, err := s.open(d)
	if err != nil {
		return false, err
	}
	if held != s.clean(typed) {
		return false, heed.ErrConflict
	}
	return true, nil
}

// own is a draft of the actor's.
func (s *Service) own(ctx context.Context, actor *heed.Staff, id heed.ID) (d *heed.Draft, err error) {
	if err := s.may(actor, auth.DraftWrite); err != nil {
		return nil, err
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		d, err = s.alive(ctx, tx, id)
		if err == nil && d.Staff != actor.ID {
			err = heed.ErrNotFound
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finding a draft: %w", err)
	}
	return d, nil
}

// write seals what was typed into d, in place of what was read with d.
func (s *Service) write(ctx context.Context, d *heed.Draft, typed Typed, from heed.ID) error {
	seen := d.SavedAt
	// Each save is later than the one before, though a clock stands still or was set back: by its time they are told apart.
	if d.SavedAt = s.cfg.Now().Truncate(time.Millisecond); !d.SavedAt.After(seen) {
		d.SavedAt = seen.Add(time.Millisecond)
	}
	if err := s.seal(d, s.clean(typed)); err != nil {
		return err
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.ChangeDraft(ctx, d, from, seen) })
	if err != nil {
		return fmt.Errorf("saving a draft: %w", err)
	}
	return nil
}

// clean is what was typed without a language that isn't the line's.
func (s *Service) clean(typed Typed) Typed {
	if !slices.Contains(s.cfg.Languages, typed.Language) {
		typed.Language = ""
	}
	return typed
}

// Drop deletes a draft that was last saved at seen. It returns a *heed.Problem while the actor speaks with its caller, heed.ErrConflict
// where it was saved since, and heed.ErrNotFound.
func (s *Service) Drop(ctx context.Context, actor *heed.Staff, id heed.ID, seen time.Time) error {
	d, err := s.own(ctx, actor, id)
	if err != nil {
		return err
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		call, err := callOf(ctx, tx, d.Call)
		if err != nil {
			return err
		}
		if call != nil && call.Taker == actor.ID && call.State != heed.CallReading {
			return problem("", "call-goes-on")
		}
		if err := tx.DeleteDraft(ctx, id, seen); err != nil {
			return err
		}
		return heed.WantScrub(ctx, tx, s.cfg.Now())
	})
	if err != nil {
		return fmt.Errorf("dropping a draft: %w", err)
	}
	return nil
}

// Forget deletes drafts past their life, and has the store's journal emptied of them.
func Forget(ctx context.Context, store heed.Store, now func() time.Time) error {
	err := store.Update(ctx, func(tx heed.Tx) error {
		n, err := tx.DeleteDrafts(ctx, now().Add(-heed.DraftLife))
		if err != nil || n == 0 {
			return err
		}
		return heed.WantScrub(ctx, tx, now())
	})
	if err != nil {
		return fmt.Errorf("forgetting drafts: %w", err)
	}
	return nil
}
