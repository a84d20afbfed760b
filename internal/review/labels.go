package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// Label is what people decided about one report, beside what the machine had said: what screening learns from. It is in memory
// only, and no longer than its reader needs it.
type Label struct {
	Report     heed.ID
	Text       string // without its reporter's own contacts, where they were masked
	Language   string // BCP 47
	Channel    heed.Channel
	ReceivedAt time.Time
	// Screening is the machine's as it was, ScreenedAt its date; nil where there is none that didn't fail.
	Screening  *heed.Screening
	ScreenedAt time.Time

	// Relevant says that somebody could act on it: it was referred, or closed after a person gave it a category that isn't "none".
	// RelevantBy is who said so: who decided, or who gave that category.
	Relevant   bool
	RelevantBy heed.ID
	// Category is the one that a person gave it, or under which it was referred as the machine had proposed; then CategoryBy is "". It
	// is "" where it was closed and no person gave one.
	Category   string
	CategoryBy heed.ID
	// Urgency is the one that a person set last, whatever the machine raised it to since; "" where none did.
	Urgency   heed.Urgency
	UrgencyBy heed.ID
	// Unrefused says that the machine proposed to refuse it and that people did otherwise.
	Unrefused bool

	By, SecondBy heed.ID // who decided, and who approved that; "" where one person was enough
	DecidedAt    time.Time

	// Campaign is the same, and Held too, for all copies of one text. It is keyed, so that who sends a text can't choose either.
	Campaign uint64
	// Held is one campaign of three: no model is trained on it, so that it can tell how good a model is.
	Held bool
}

// CategoryStood says that the category is what the machine had proposed, under which the report was referred and which nobody changed.
func (l *Label) CategoryStood() bool { return l.Category != "" && l.CategoryBy == "" }

// Wanted says which labels are read, and what for.
type Wanted struct {
	Since   time.Time // decided from then on
	Most    int       // at most so many, those decided last
	Purpose string    // a code that stands in the leaf: "threshold", "train", …
	Actor   heed.ID   // who has them read; "" is the machine
}

// heldShare is of how many campaigns one is held back from training.
const heldShare = 3

// labelPage is how many Dispositions are read in one go, with the texts of their reports.
const labelPage = 50

// labelsDetails is in the leaf of a reading of labels.
type labelsDetails struct {
	Purpose string `json:"purpose"`
	Since   string `json:"since"`
	Reports int    `json:"reports"` // Dispositions in question: no more reports than that are opened
}

// Labels gives the reports that people referred or closed, the last decided first, as long as their content is kept and their last
// decision is in effect; what was refused, erased, withdrawn, linked as a duplicate or taken up again tells nothing. A leaf that
// says how many are read at most is written before the first is opened. A report that can't be opened is logged and passed over.
//
// It returns what give returns, which ends it.
func (s *Service) Labels(ctx context.Context, want Wanted, give func(Label) error) error {
	left, err := s.noteLabels(ctx, want)
	if err != nil {
		return fmt.Errorf("note that decided reports are read: %w", err)
	}
	for before := heed.ID(""); left > 0; {
		var page []Label
		seen := 0
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			decisions, err := tx.Conclusions(ctx, want.Since, before, min(left, labelPage))
			if err != nil {
				return err
			}
			for _, d := range decisions {
				label, err := s.label(ctx, tx, d)
				if err != nil {
					return err
				}
				if label != nil {
					page = append(page, *label)
				}
				before = d.ID
			}
			seen = len(decisions)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read decided reports: %w", err)
		}
		for _, label := range page {
			if err := give(label); err != nil {
				return err
			}
		}
		if left -= seen; seen == 0 {
			return nil
		}
	}
	return nil
}

// noteLabels writes the leaf, and says how many Dispositions are to be looked at. They are counted outside of its transaction: to
// count hundreds of thousands takes longer than anybody should wait who wants to write.
func (s *Service) noteLabels(ctx context.Context, want Wanted) (n int, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		n, err = tx.CountConclusions(ctx, want.Since)
		return err
	})
	if err != nil {
		return 0, err
	}
	n = min(n, want.Most)
	details := labelsDetails{want.Purpose, want.Since.UTC().Format(time.RFC3339), n}
	return n, s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		return s.leaf(ctx, tx, "", act{name: audit.LabelsRead, actor: want.Actor, details: details}, s.cfg.Now())
	})
}

// concludedStates are those in which what was decided still counts. A package that came back asks for a new decision.
var concludedStates = [...]heed.State{heed.Referred, heed.Accepted, heed.OutcomeGiven, heed.Closed}

// label is nil where the Disposition tells nothing of its report.
func (s *Service) label(ctx context.Context, tx heed.Tx, d *heed.Disposition) (*Label, error) {
	r, err := tx.Report(ctx, d.Report)
	if errors.Is(err, heed.ErrNotFound) || err == nil && !slices.Contains(concludedStates[:], r.State) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	last, err := lastInEffect(ctx, tx, r.ID)
	if err != nil || last != d.ID {
		return nil, err
	}
	l := &Label{
		Report: r.ID, Language: r.Language, Channel: r.Channel, ReceivedAt: r.ReceivedAt,
		Relevant: d.Kind == heed.Refer, RelevantBy: d.By, By: d.By, SecondBy: d.SecondBy, DecidedAt: d.At,
	}
	err = s.openLabel(ctx, tx, r, l)
	if errors.Is(err, heed.ErrGone) || errors.Is(err, errSpoken) {
		return nil, nil // erased meanwhile, or without a word to learn from
	}
	if errors.Is(err, heed.ErrSealed) {
		s.cfg.Log.Warn("a decided report could not be opened", "report", string(r.ID))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := corrections(ctx, tx, l); err != nil {
		return nil, err
	}
	switch {
	case l.CategoryBy != "" && l.Category != "none" && !l.Relevant:
		l.Relevant, l.RelevantBy = true, l.CategoryBy
	case l.CategoryBy == "" && d.Kind == heed.Refer:
		l.Category = r.Category
	}
	if l.Relevant && l.Category == "none" { // who refers it says that it is something, and not what
		l.Category, l.CategoryBy = "", ""
	}
	return l, nil
}

// lastInEffect is the report's last Disposition that is in effect; "" where there is none.
func lastInEffect(ctx context.Context, tx heed.DispositionTx, report heed.ID) (last heed.ID, err error) {
	all, err := tx.Dispositions(ctx, report)
	for _, d := range all {
		if d.State == heed.Final || d.State == heed.Approved {
			last = d.ID
		}
	}
	return last, err
}

// errSpoken says that a report has no text.
var errSpoken = errors.New("a recording")

// openLabel opens the report's text and Screening, and finds of which campaign it is.
func (s *Service) openLabel(ctx context.Context, tx heed.Tx, r *heed.Report, l *Label) error {
	keys, err := s.keys(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	c, err := s.content(r, &keys)
	if err != nil {
		return err
	}
	if c.Spoken() {
		return errSpoken
	}
	l.Text = c.Text
	if l.Screening, _, err = s.screening(ctx, tx, r.ID, &keys); err != nil {
		return err
	}
	first := r.ID
	if l.Screening != nil {
		rec, err := tx.Screening(ctx, r.ID)
		if err != nil {
			return err
		}
		l.ScreenedAt, l.Unrefused = rec.At, l.Screening.Refuse
		if l.Screening.DuplicateOf != nil {
			first = *l.Screening.DuplicateOf
		}
	}
	l.Campaign = s.cfg.Matching.Hash64([]byte(campaignPrefix + first))
	l.Held = l.Campaign%heldShare == 0
	return nil
}

// campaignPrefix keeps the hashes of campaigns apart from all others under the matching key.
const campaignPrefix = "heed/labels/campaign/1\x00"

// corrections finds what people set of the category and the urgency, in the report's leaves.
func corrections(ctx context.Context, tx heed.AuditTx, l *Label) error {
	return eachLeaf(ctx, tx, l.Report, func(leaf *heed.AuditLeaf) error {
		if leaf.Actor == "" || leaf.Act != audit.ReportUrgency && leaf.Act != audit.ReportCategory {
			return nil
		}
		var details struct {
			Act struct {
				To string `json:"to"`
			} `json:"act"`
		}
		if err := json.Unmarshal(leaf.Details, &details); err != nil {
			return fmt.Errorf("read a leaf of %s: %w", leaf.Act, err)
		}
		if leaf.Act == audit.ReportCategory {
			l.Category, l.CategoryBy = details.Act.To, leaf.Actor
		} else {
			l.Urgency, l.UrgencyBy = heed.Urgency(details.Act.To), leaf.Actor
		}
		return nil
	})
}
