package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

const (
	// screenTimeout is how long one report's assessment may take before people get it as unscreened.
	screenTimeout = 20 * time.Second
	// screenChunk is how many reports are looked up and stored in one transaction: many, for they share pages of the index, and what comes
	// in has to wait for it.
	screenChunk = 100
	// similarWindow is how far back copies and other accounts are looked for.
	similarWindow = 90 * 24 * time.Hour
	// adult is the age band of a grown-up reporter (heed.Content.AgeBand).
	adult = "18-plus"
)

// item is one report on its way through the screening.
type item struct {
	report  *heed.Report
	keys    seal.ReportKeys
	wrapped []byte
	late    bool // it reached people unscreened before
	machine *screening.Screener
	read    screening.Features
	marks   screening.Marks
	counts  map[int64]int // how many reports have each of the marks
	close   int           // how many of the last days have enough of them to be copies
	tokens  [][]byte
	result  heed.Screening
	blind   bool      // it would be set aside, and is read blind instead
	adds    bool      // it says more than its text does: when, where, who its reporter is, or that it is a child
	twins   []heed.ID // earlier reports of the same words, in the order in which they were found
	failed  bool
	spoken  bool             // nothing was written: there is a recording, to which people listen
	copies  []*heed.SafeCopy // in which something may have been heard, of a report that people have before them
	sealed  []byte
	masked  *masked // nil where nothing is cut out
}

// Screen screens reports and puts each into the list that the machine proposes. A report whose assessment fails or takes
// too long goes to people as unscreened.
func (s *Service) Screen(ctx context.Context, ids ...heed.ID) error {
	return s.screen(ctx, runtime.GOMAXPROCS(0), ids)
}

// screen is Screen on so many processors. Reports are read at the same time as others are placed, and others stored, but placed one chunk
// after the other, so that none misses one before it, and what comes in waits for a chunk of an import and not for all of it.
func (s *Service) screen(ctx context.Context, processors int, ids []heed.ID) error {
	items, err := s.take(ctx, ids)
	if err != nil {
		return fmt.Errorf("take reports for screening: %w", err)
	}
	if len(items) == 0 {
		return nil
	}
	s.parallel(processors, items, func(it *item) error { return s.assess(ctx, it) })
	for chunk := range slices.Chunk(items, screenChunk) {
		if err := s.place(ctx, processors, chunk); err != nil {
			return err
		}
	}
	return nil
}

// take reads what is needed of the reports. They stay received until they are screened: whoever else has them too meets their versions.
func (s *Service) take(ctx context.Context, ids []heed.ID) (items []*item, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		items = nil
		t, err := ThresholdOf(ctx, tx)
		if err != nil {
			return err
		}
		machine := s.cfg.Screener.Still()
		machine = machine.Under(t.Aside(machine.Version(), s.cfg.Profile, s.cfg.Now()))
		reports, err := tx.ReportsOf(ctx, ids)
		if err != nil {
			return err
		}
		keys, err := tx.WrappedKeys(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			r := reports[id]
			if r == nil || keys[id] == nil {
				continue // it is gone
			}
			delete(reports, id) // named twice, it is screened once
			late := r.State.Open() && !unscreened(r)
			if !unscreened(r) && !late {
				continue // it is over
			}
			if late {
				if done, err := screened(ctx, tx, id); err != nil || done {
					if err != nil {
						return err
					}
					continue
				}
			}
			it := &item{report: r, wrapped: keys[id], late: late, machine: machine}
			if late {
				if it.copies, err = copiesIfSpoken(ctx, tx, r); err != nil {
					return err
				}
			}
			items = append(items, it)
		}
		return nil
	})
	return items, err
}

// unscreened reports whether nobody sees the report yet.
func unscreened(r *heed.Report) bool { return r.State == heed.Received || r.State == heed.InScreening }

// screened reports whether the report has a Screening that did not fail.
func screened(ctx context.Context, tx heed.ScreeningTx, id heed.ID) (bool, error) {
	rec, err := tx.Screening(ctx, id)
	if errors.Is(err, heed.ErrNotFound) {
		return false, nil
	}
	return err == nil && !rec.Failed, err
}

// assess opens one report and lets the machine read it. All is decided on the full text; what is kept of the words, and what the
// report is found by, is of the text without its reporter's contacts.
func (s *Service) assess(ctx context.Context, it *item) error {
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, it.report.ID, it.wrapped)
	if err != nil {
		return fmt.Errorf("open the report's keys: %w", err)
	}
	it.keys = keys
	c, err := s.content(it.report, &keys)
	if err != nil {
		return err
	}
	r := it.report
	if it.spoken = c.Spoken(); it.spoken {
		if c.Text, err = s.heard(&keys, it.copies); err != nil {
			return err
		}
		it.failed = c.Text == ""
	}
	if it.failed {
		return nil
	}
	it.result, it.read = it.machine.Assess(told(r, c.Text))
	if it.spoken {
		c.Text, it.result = ofHeard(c.Text, r.Language, it.result)
		it.read = s.cfg.Screener.Recall(told(r, c.Text), it.result)
	} else if it.masked, err = s.mask(ctx, r, &keys, c, &it.result); err != nil {
		return err
	}
	if it.masked != nil {
		c = it.masked.content
		said := told(r, c.Text)
		it.result = ofMasked(it.result, it.machine.Screen(said), said.Text)
		it.read = s.cfg.Screener.Recall(said, it.result)
	}
	it.result.Similar, it.result.DuplicateOf = []heed.Match{}, nil // found below, among the earlier reports
	if it.result.Details == nil {
		it.result.Details = []heed.Detail{} // lists in the answer are empty, never null
	}
	if it.result.Reasons == nil {
		it.result.Reasons = []heed.Reason{}
	}
	if it.result.Refuse {
		it.result.Details = []heed.Detail{} // nothing is extracted from what is proposed for refusal, whatever the machine says
		return nil
	}
	it.blind = it.result.SetAside && s.cfg.Blind()
	it.adds = c.Place != "" || c.Occurred != "" || c.AgeBand != "" && c.AgeBand != adult || it.masked != nil
	it.marks = screening.MarksOf(s.cfg.Matching, it.read)
	it.tokens = s.searchedBy(r, c, &it.result)
	return nil
}

// told is a report's text as it is screened.
func told(r *heed.Report, text string) screening.Input {
	return screening.Input{ID: r.ID, Text: text, Channel: r.Channel, Lang: r.Language, ReceivedAt: r.ReceivedAt}
}

// searchedBy are the keyed words of what may be searched of a report, and its details whichever way they are written.
func (s *Service) searchedBy(r *heed.Report, c heed.Content, sc *heed.Screening) (tokens [][]byte) {
	words := screening.SearchTokens(strings.Join([]string{c.Text, c.Place, c.Occurred}, "\n"))
	for _, w := range append(words, s.forms(sc.Details, sc.Language, r.ReceivedAt)...) {
		tokens = append(tokens, s.cfg.Matching.Token(w))
	}
	return tokens
}

// forms are the details of a text by their normal forms, as they are searched.
func (s *Service) forms(found []heed.Detail, language string, at time.Time) []string {
	return s.cfg.Screener.DetailTokens(found, language, at.In(s.cfg.Profile.Zone()))
}

// sealResult seals the Screening for its place.
func (s *Service) sealResult(it *item) error {
	b, err := json.Marshal(it.result)
	if err != nil {
		return fmt.Errorf("encode a screening: %w", err)
	}
	it.sealed = it.keys.Data.Seal(seal.ScreeningPlace(s.cfg.Line, it.report.ID), b)
	return nil
}

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
				Report: r.ID, At: r.ReceivedAt, Marks: it.marks.Kept(func(m int64) int { return it.counts[m] }),
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
