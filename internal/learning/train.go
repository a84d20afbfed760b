package learning

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/seal"
)

// Figures are what is known of a candidate before anybody stands for it: numbers, codes and ids, never a word of a report.
type Figures struct {
	Version string `json:"version"`
	// Against is the version of the model in use, with which it is compared.
	Against string    `json:"against"`
	Base    string    `json:"base"` // of the rules and the shipped model
	MadeAt  time.Time `json:"made_at"`
	From    time.Time `json:"from"` // reports decided from then
	Until   time.Time `json:"until"`
	// Reports is of how many reports it learned, Held how many were held back from it and from every model before.
	Reports int `json:"reports"`
	Held    int `json:"held"`
	// Stood is of how many of the held reports the category is the machine's, which nobody changed: there the model that proposed it is right by
	// its own word.
	Stood    int             `json:"stood"`
	Accounts []train.Account `json:"accounts"`
	// Own compares on the held reports, one of each campaign; Written on the texts that were written to learn from, out of fold, and there
	// always with the shipped model.
	Own     []train.Row `json:"own"`
	Written []train.Row `json:"written"`
	// Spoilt are the questions in which it loses more than learning may cost. With any it can't be proposed.
	Spoilt []string `json:"spoilt"`
	Replay Replay   `json:"replay"`
	// Learned are the reports that it learned from: when they are erased, its days are counted.
	Learned []heed.ID `json:"learned,omitempty"`
}

// Replay says what the candidate would have changed.
type Replay struct {
	Since   time.Time       `json:"since"`
	Reports int             `json:"reports"`
	Changed int             `json:"changed"`
	Changes []review.Change `json:"changes"` // at most mostChanges
}

const (
	// mostLabels bounds how many decided reports are read, the last first.
	mostLabels = 20_000
	// mostChanges bounds how many changes are listed.
	mostChanges = 2_000
	// LeastReports is how many reports a model is trained on at the least.
	LeastReports = 50
)

// Trained is a candidate that isn't stored yet.
type Trained struct {
	Figures Figures
	file    []byte
}

// Train trains a candidate on what people decided in the last days, days of them, compares it with the model in use, and replays the same days. It takes
// minutes. step is told what comes next.
//
// heed.ErrInvalid: fewer than LeastReports reports were decided about.
func (s *Service) Train(ctx context.Context, from Reports, days int, step func(what string)) (*Trained, error) {
	now := s.cfg.Now()
	f := Figures{From: now.AddDate(0, 0, -days), Until: now, MadeAt: now, Base: screening.ShippedVersion(), Against: s.Model().Version}
	step("reading what was decided")
	words, held, err := read(ctx, from, &f)
	if err != nil {
		return nil, err
	}
	if f.Reports < LeastReports {
		return nil, fmt.Errorf("%d reports to learn from, of the %d that it takes: %w", f.Reports, LeastReports, heed.ErrInvalid)
	}
	texts, err := s.cfg.Written()
	if err != nil {
		return nil, err
	}
	step("training the candidate")
	own, err := train.Train(texts, words)
	if err != nil {
		return nil, err
	}
	model, err := learn.Open(string(own.File))
	if err != nil {
		return nil, fmt.Errorf("read the candidate back: %w", err)
	}
	f.Version, f.Accounts = own.Version, own.Accounts
	step("comparing")
	s.compare(&f, texts, held, own, model)
	step("replaying the last days")
	current, candidate := s.screener(s.Model()), s.screener(model)
	f.Replay.Since = f.From
	if f.Replay.Reports, f.Replay.Changes, err = from.Replay(ctx, f.From, current, candidate); err != nil {
		return nil, err
	}
	f.Replay.Changed = len(f.Replay.Changes)
	f.Replay.Changes = f.Replay.Changes[:min(f.Replay.Changed, mostChanges)]
	return &Trained{f, own.File}, nil
}

func (s *Service) screener(m *learn.Model) *screening.Screener {
	return screening.New(screening.Config{Categories: s.cfg.Categories, Model: func() *learn.Model { return m }})
}

// compare fills in how good the candidate is.
func (s *Service) compare(f *Figures, texts []training.Report, held []train.Case, own *train.Own, model *learn.Model) {
	f.Written = train.Compare(train.OutOfFold(texts, own.Shipped, own.Folds))
	current, candidate := s.screener(s.Model()), s.screener(model)
	for i := range held {
		in := screening.Input{Text: held[i].Truth.Text, Lang: held[i].Truth.Language}
		held[i].Current, held[i].Candidate = current.Decide(in), candidate.Decide(in)
	}
	f.Own = train.Compare(held)
	f.Spoilt = train.Spoilt(f.Written, f.Own)
}

// read takes what people decided as words to learn, and as cases to measure on where it is held back: one of each campaign, so that
// no text counts twice.
func read(ctx context.Context, from Reports, f *Figures) (words []train.Word, held []train.Case, err error) {
	measured := map[uint64]bool{}
	want := review.Wanted{Since: f.From, Most: mostLabels, Purpose: "train"}
	err = from.Labels(ctx, want, func(l review.Label) error {
		if l.Held {
			if !measured[l.Campaign] {
				measured[l.Campaign] = true
				held = append(held, caseOf(l))
				if l.CategoryStood() {
					f.Stood++
				}
			}
			return nil
		}
		f.Reports++
		f.Learned = append(f.Learned, l.Report)
		words = append(words, wordsOf(l)...)
		return nil
	})
	f.Held = len(held)
	return words, held, err
}

// wordsOf is what each account said about the report.
func wordsOf(l review.Label) []train.Word {
	word := func(about train.About, by heed.ID) train.Word {
		if by == "" {
			by = l.By
		}
		return train.Word{Text: l.Text, Language: l.Language, About: about, By: string(by), Campaign: strconv.FormatUint(l.Campaign, 36)}
	}
	relevance := word(train.Relevance, l.RelevantBy)
	relevance.Relevant = l.Relevant
	words := []train.Word{relevance}
	if l.Category != "" {
		w := word(train.Category, l.CategoryBy)
		w.Category = l.Category
		words = append(words, w)
	}
	if l.Urgency != "" {
		w := word(train.Urgency, l.UrgencyBy)
		w.Urgency = l.Urgency
		words = append(words, w)
	}
	return slices.DeleteFunc(words, func(w train.Word) bool { return w.By == "" }) // nobody's word bounds nobody
}

// caseOf is the report as something to measure on.
func caseOf(l review.Label) train.Case {
	c := train.Case{Knows: []train.About{train.Relevance}}
	c.Truth = training.Report{Language: l.Language, Text: l.Text, Category: l.Category, Urgency: l.Urgency}
	switch {
	case !l.Relevant:
		c.Truth.Category = "none"
	case l.Category == "":
		c.Truth.Category = "other" // whichever: somebody could act on it
	default:
		c.Knows = append(c.Knows, train.Category)
	}
	if l.Urgency != "" {
		c.Knows = append(c.Knows, train.Urgency)
	}
	return c
}

// offeredDetails is in the leaf of a model that was trained.
type offeredDetails struct {
	Model   heed.ID `json:"model"`
	Version string  `json:"version"`
	SHA256  string  `json:"sha256"`
	Base    string  `json:"base"`
	Against string  `json:"against"`
	From    string  `json:"from"`
	Until   string  `json:"until"`
	Reports int     `json:"reports"`
}

// Offer stores a candidate, sealed, so that somebody may propose it. One that was offered before and that nobody proposed goes.
//
// heed.ErrForbidden: it is spoilt.
func (s *Service) Offer(ctx context.Context, t *Trained) (*heed.LineModel, error) {
	if len(t.Figures.Spoilt) > 0 {
		return nil, fmt.Errorf("offer a model that loses too much in %v: %w", t.Figures.Spoilt, heed.ErrForbidden)
	}
	f, now := &t.Figures, s.cfg.Now()
	sum := sha256.Sum256(t.file)
	m := &heed.LineModel{
		ID: heed.NewID(now), State: heed.ModelOffered, Version: f.Version, Base: f.Base, Against: f.Against, SHA256: sum[:],
		MadeAt: f.MadeAt, From: f.From, Until: f.Until,
	}
	figures, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write a model's figures: %w", err)
	}
	held, err := seal.SealModel(s.cfg.Content.Public(), s.cfg.Line, m.ID, t.file, figures)
	if err != nil {
		return nil, err
	}
	details := offeredDetails{m.ID, m.Version, fmt.Sprintf("%x", sum), m.Base, m.Against, f.From.UTC().Format(time.RFC3339), f.Until.UTC().Format(time.RFC3339), f.Reports}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		all, err := tx.Models(ctx, 0)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.State == heed.ModelOffered {
				if err := s.replace(ctx, tx, other, now); err != nil {
					return err
				}
			}
		}
		if err := tx.AddModel(ctx, m, held); err != nil {
			return err
		}
		return leaf(ctx, tx, audit.ModelOffered, "", now, details)
	})
	if err != nil {
		return nil, fmt.Errorf("offer a model: %w", err)
	}
	return m, nil
}

func leaf(ctx context.Context, tx heed.AuditTx, act string, actor heed.ID, now time.Time, details any) error {
	l, err := audit.Leaf(act, actor, "", now, struct {
		Act any `json:"act,omitempty"`
	}{details})
	if err != nil {
		return err
	}
	return tx.AddLeaf(ctx, l)
}
