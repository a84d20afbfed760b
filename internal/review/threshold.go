package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/calibrate"
)

// SettingThreshold holds under which relevance the line sets aside: JSON of Threshold. Every process reads it there.
const SettingThreshold = "review.threshold"

// JobCalibrate fits the threshold: daily, and when the model changed. It has no args.
const JobCalibrate = "calibrate"

const (
	// thresholdWindow is how far back decisions count: reports change, and so do people.
	thresholdWindow = 365 * 24 * time.Hour
	// thresholdMost is how many of the last decisions are read at most.
	thresholdMost = 20_000
	// thresholdLasts is for how long a threshold is trusted that was not fitted again.
	thresholdLasts = 30 * 24 * time.Hour
)

// Threshold is what the line sets aside by, and what that rests on.
type Threshold struct {
	calibrate.Fit
	Missed     float64   `json:"missed"`     // the profile's bound, 0..1
	Confidence float64   `json:"confidence"` // with this confidence, 0..1
	Model      string    `json:"model"`      // whose scores they are
	At         time.Time `json:"at"`         // when it was fitted last
	// Since is when the line began to set aside by its own decisions alone. What was screened before counts as if less had been shown
	// to people.
	Since time.Time `json:"since"`
}

// ThresholdOf reads SettingThreshold; a line that has none gets the zero Threshold, which sets nothing aside.
func ThresholdOf(ctx context.Context, tx heed.SettingTx) (t Threshold, err error) {
	t, _, err = threshold(ctx, tx)
	return t, err
}

func threshold(ctx context.Context, tx heed.SettingTx) (t Threshold, stored []byte, err error) {
	stored, err = tx.Setting(ctx, SettingThreshold)
	if errors.Is(err, heed.ErrNotFound) {
		return t, nil, nil
	}
	if err == nil {
		err = json.Unmarshal(stored, &t)
	}
	if err != nil {
		return t, nil, fmt.Errorf("read what is set aside: %w", err)
	}
	return t, stored, nil
}

// Aside is what is set aside by at that time with this model and this profile. A threshold that was fitted to another model's scores,
// for another bound or too long ago sets nothing aside.
func (t Threshold) Aside(model string, p *profile.Profile, now time.Time) screening.Aside {
	asked := p.Screening.SetAside
	if t.Below <= 0 || t.Model != model || t.Missed != asked.Missed || t.Confidence != asked.Confidence || now.Sub(t.At) > thresholdLasts {
		return screening.Aside{}
	}
	return screening.Aside{Below: min(t.Below, screening.Even), Calibrated: true}
}

// SetsAside is the stored threshold, and what is set aside by it now.
func (s *Service) SetsAside(ctx context.Context, tx heed.SettingTx) (Threshold, screening.Aside, error) {
	t, err := ThresholdOf(ctx, tx)
	return t, t.Aside(s.cfg.Screener.Version(), s.cfg.Profile, s.cfg.Now()), err
}

// thresholdDetails is in the leaf of a threshold that changed.
type thresholdDetails struct {
	From float64 `json:"from"` // 0: nothing was set aside
	Threshold
}

// Calibrate fits the threshold anew to what people decided, with the scores of the model in use, and stores it. Where it changed, that is
// a leaf. Two at once do no harm.
//
// It returns heed.ErrConflict where another process stored one meanwhile; then that one counts.
func (s *Service) Calibrate(ctx context.Context) (Threshold, error) {
	now := s.cfg.Now()
	before, stored, err := s.storedThreshold(ctx)
	if err != nil {
		return before, err
	}
	t, err := s.fit(ctx, s.cfg.Screener, before, now)
	if err != nil {
		return before, err
	}
	value, err := json.Marshal(t)
	if err != nil {
		return before, fmt.Errorf("encode what is set aside: %w", err)
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.SwapSetting(ctx, SettingThreshold, stored, value); err != nil {
			return err
		}
		if was := before.Below; t.Below != was || t.Below > 0 && t.Model != before.Model {
			return s.leaf(ctx, tx, "", act{name: audit.ThresholdSet, details: thresholdDetails{was, t}}, now)
		}
		return nil
	})
	if err != nil {
		return before, fmt.Errorf("store what is set aside: %w", err)
	}
	return t, nil
}

// fit is the threshold that people's decisions allow with the scores of the screener, after the one before.
func (s *Service) fit(ctx context.Context, by *screening.Screener, before Threshold, now time.Time) (Threshold, error) {
	t := Threshold{
		Missed: s.cfg.Profile.Screening.SetAside.Missed, Confidence: s.cfg.Profile.Screening.SetAside.Confidence,
		Model: by.Version(), At: now, Since: before.Since,
	}
	if t.Since.IsZero() {
		t.Since = now
	}
	relevant, err := s.relevant(ctx, by, t, now)
	if err != nil {
		return t, fmt.Errorf("read what people found relevant: %w", err)
	}
	t.Fit = calibrate.Threshold(relevant, calibrate.Bound{Share: t.Missed, Confidence: t.Confidence})
	return t, nil
}

// inForce are the two screeners as the line would set aside by them: the current one by the threshold in force, the other by the one that
// would be fitted to its scores once it is adopted.
func (s *Service) inForce(ctx context.Context, current, other *screening.Screener, now time.Time) (*screening.Screener, *screening.Screener, error) {
	stored, _, err := s.storedThreshold(ctx)
	if err != nil {
		return nil, nil, err
	}
	then, err := s.fit(ctx, other, stored, now)
	if err != nil {
		return nil, nil, err
	}
	return current.Under(stored.Aside(current.Version(), s.cfg.Profile, now)), other.Under(then.Aside(other.Version(), s.cfg.Profile, now)), nil
}

func (s *Service) storedThreshold(ctx context.Context) (t Threshold, stored []byte, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		t, stored, err = threshold(ctx, tx)
		return err
	})
	return t, stored, err
}

// relevant are the reports that people found relevant, with the scores of the screener. A model that learned from the line's own
// decisions is measured on those alone that it never saw.
func (s *Service) relevant(ctx context.Context, by *screening.Screener, t Threshold, now time.Time) (all []calibrate.Relevant, err error) {
	learned := t.Model != screening.ShippedVersion()
	want := Wanted{Since: now.Add(-thresholdWindow), Most: thresholdMost, Purpose: "threshold"}
	err = s.Labels(ctx, want, func(l Label) error {
		if !l.Relevant || learned && !l.Held {
			return nil
		}
		all = append(all, calibrate.Relevant{Score: score(l, by), Account: l.RelevantBy, Campaign: l.Campaign, Sampled: l.sampled(t.Since)})
		return ctx.Err()
	})
	return all, err
}

// score is the report's by the screener, made anew where another model's is kept.
func score(l Label, by *screening.Screener) float64 {
	if l.Screening != nil && l.Screening.Model == by.Version() {
		return screening.AsideScore(*l.Screening)
	}
	return screening.AsideScore(by.Screen(screening.Input{ID: l.Report, Text: l.Text, Channel: l.Channel, Lang: l.Language, ReceivedAt: l.ReceivedAt}))
}

// sampled says that, had the machine taken the report for irrelevant, people might not have been shown it: it was screened while the
// line set aside, or before there were thresholds of its own.
func (l Label) sampled(since time.Time) bool {
	return l.Screening != nil && (l.Screening.Calibrated || l.ScreenedAt.Before(since))
}
