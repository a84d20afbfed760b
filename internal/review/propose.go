package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// screenDetails is in the leaf of a screening: what was proposed, never why in words.
type screenDetails struct {
	Failed     bool         `json:"failed,omitempty"`
	Spoken     bool         `json:"spoken,omitempty"` // a recording: there are no words to screen, but those that a machine heard (model isn't "" then)
	Model      string       `json:"model,omitempty"`
	Category   string       `json:"category,omitempty"`
	Urgency    heed.Urgency `json:"urgency,omitempty"`
	SetAside   bool         `json:"set_aside,omitempty"`
	Blind      bool         `json:"blind,omitempty"` // and was queued all the same, to be read blind
	Late       bool         `json:"late,omitempty"`  // people had it before, unscreened
	Refuse     bool         `json:"refuse,omitempty"`
	Quarantine bool         `json:"quarantine,omitempty"` // no copy can be made of one of its files
	Similar    int          `json:"similar,omitempty"`
	SHA256     string       `json:"sha256,omitempty"`         // of the sealed Screening
	Masked     int          `json:"masked,omitempty"`         // places where the reporter's own contacts were
	Content    string       `json:"content_sha256,omitempty"` // of the sealed content from here on, where it was masked
}

// store writes one chunk's screenings, traces, states, leaves and events in one transaction.
func (s *Service) store(ctx context.Context, chunk []*item) error {
	again := false
	return s.retry(func() error {
		err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.storeIn(ctx, tx, chunk, again) })
		again = true
		return err
	})
}

func (s *Service) retry(fn func() error) (err error) {
	for range attempts {
		if err = fn(); !raced(err) {
			return err
		}
	}
	return err
}

// storeIn is store in its transaction. again: somebody changed one of the reports since it was taken, so they are read again.
func (s *Service) storeIn(ctx context.Context, tx heed.Tx, chunk []*item, again bool) error {
	now := map[heed.ID]*heed.Report{}
	for _, it := range chunk {
		taken := *it.report
		now[it.report.ID] = &taken
	}
	if again {
		var err error
		if now, err = tx.ReportsOf(ctx, slices.Collect(maps.Keys(now))); err != nil {
			return err
		}
	}
	var traces []*heed.Trace
	var to together
	for _, it := range chunk {
		r := now[it.report.ID]
		if r == nil {
			return fmt.Errorf("a report that was taken: %w", heed.ErrNotFound)
		}
		stored, err := s.storeOne(ctx, tx, it, r, &to)
		if err != nil {
			return err
		}
		if stored && it.result.Refuse {
			if err := tx.DeleteLooks(ctx, r.ID); err != nil {
				return err
			}
		}
		if stored && !it.result.Refuse {
			traces = append(traces, &heed.Trace{
				Report: r.ID, At: r.ReceivedAt, Marks: it.kept(),
				Sketch: it.marks.Sketch(it.read), Tokens: it.tokens,
			})
			to.screened = append(to.screened, it)
		}
	}
	if err := to.put(ctx, tx); err != nil {
		return err
	}
	return tx.PutTraces(ctx, traces)
}

// together is what is written of many reports by one statement each: nothing looks for it while they are stored.
type together struct {
	screened   []*item // whose text others may be nearly the same as
	screenings []*heed.ScreeningRecord
	leaves     []*heed.AuditLeaf
	events     []*heed.DeskEvent
}

func (t *together) put(ctx context.Context, tx heed.Tx) error {
	if err := tx.PutScreenings(ctx, t.screenings); err != nil {
		return err
	}
	if err := noteCampaigns(ctx, tx, t.screened); err != nil {
		return err
	}
	if err := tx.AddLeaves(ctx, t.leaves); err != nil {
		return err
	}
	return tx.PublishAll(ctx, t.events)
}

// storeOne writes all of one report but its traces and what is written together. stored is false where they aren't to be.
func (s *Service) storeOne(ctx context.Context, tx heed.Tx, it *item, r *heed.Report, to *together) (stored bool, err error) {
	waiting := unscreened(r)
	if !r.State.Open() || !waiting && !it.late {
		return false, nil // withdrawn or screened meanwhile
	}
	now := s.cfg.Now()
	if it.failed {
		if !waiting {
			return false, nil
		}
		return false, s.fail(ctx, tx, r, screenDetails{Failed: !it.spoken, Spoken: it.spoken}, now)
	}
	if !waiting {
		done, err := screened(ctx, tx, r.ID)
		if err != nil || done {
			return false, err // another job was faster
		}
	}
	if err := s.storeMasked(ctx, tx, r, it.masked); err != nil {
		return false, err
	}
	propose(r, &it.result, waiting)
	r.ScreenBy = time.Time{}
	if waiting {
		if err := s.list(ctx, tx, r, it, now); err != nil {
			return false, err
		}
	}
	details := screenDetails{
		Model: it.result.Model, Category: it.result.Category, Urgency: it.result.Urgency, SetAside: it.result.SetAside, Blind: it.blind && waiting, Late: !waiting,
		Spoken: it.spoken, Refuse: it.result.Refuse, Quarantine: r.State == heed.Quarantine, Similar: len(it.result.Similar), SHA256: seal.Digest(it.sealed),
	}
	if it.masked != nil {
		details.Masked, details.Content = it.masked.places, seal.Digest(it.masked.sealed)
	}
	RunClocks(r, now)
	if err := tx.UpdateReport(ctx, r); err != nil {
		return false, err
	}
	leaf, err := leafOf(r.ID, act{name: audit.ReportScreened, details: details}, now)
	to.screenings = append(to.screenings, &heed.ScreeningRecord{Report: r.ID, At: now, Model: it.result.Model, Sealed: it.sealed})
	to.leaves, to.events = append(to.leaves, leaf), append(to.events, changed(r, now))
	return true, err
}

// list moves a report that nobody sees yet into the list that the machine proposes.
func (s *Service) list(ctx context.Context, tx heed.Tx, r *heed.Report, it *item, now time.Time) (err error) {
	if r.State == heed.Received {
		if err := move(r, heed.EventScreen, now); err != nil {
			return err
		}
	}
	switch {
	case it.result.Refuse:
		err = move(r, heed.EventPropose, now)
	case it.result.SetAside && !it.blind:
		err = move(r, heed.EventSetAside, now)
	default:
		err = toQueue(ctx, tx, r, now)
	}
	if err != nil {
		return err
	}
	r.CopyOf, err = s.foldUnder(ctx, tx, r, it)
	return err
}

// propose takes over what the machine proposes: never less urgency than a person set, than people already saw, or than
// the reporter's later words gave it.
func propose(r *heed.Report, sc *heed.Screening, waiting bool) {
	if sc.Language != "" && sc.Language != "und" {
		r.Language = sc.Language
	}
	if r.Category == "" {
		r.Category = sc.Category
	}
	if waiting && r.UrgencyBy == "" && r.Urgency.Rank() >= heed.Normal.Rank() || sc.Urgency.Rank() < r.Urgency.Rank() {
		r.Urgency = sc.Urgency
	}
}
