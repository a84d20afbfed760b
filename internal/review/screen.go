package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
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
	heads   bool      // it waits by itself, though some of those were found: it is what the next ones wait under
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
