package learning

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/seal"
)

// used is by what this process screens.
type used struct {
	record *heed.LineModel // the adopted one; nil: none is
	model  *learn.Model    // nil: the shipped one
	fault  Fault
}

// Fault says why an adopted model isn't used; "" where it is.
type Fault string

// The faults.
const (
	FaultGone     Fault = "gone"     // what it held isn't there, as after a restore without its key
	FaultDamaged  Fault = "damaged"  // it doesn't open, isn't what was adopted, or isn't a model
	FaultUnsigned Fault = "unsigned" // the audit key never signed that two people adopted it
	FaultOutdated Fault = "outdated" // it was trained beside other rules or another shipped model than this program's
)

// Model is by what the line screens: the shipped model where the line has none of its own that can be used.
func (s *Service) Model() *learn.Model {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.now.model == nil {
		return screening.Shipped()
	}
	return s.now.model
}

// Status is the adopted model, nil where none is, and why it isn't used, as of the last Refresh.
func (s *Service) Status() (*heed.LineModel, Fault) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now.record, s.now.fault
}

// Refresh finds which model is adopted and loads it where it is another than before. One that can't be used is said once in the log;
// the shipped one takes its place, and nothing stops.
func (s *Service) Refresh(ctx context.Context) error {
	was, _ := s.Status()
	var is used
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		is = used{}
		if is.record, err = adopted(ctx, tx); err != nil || is.record == nil || same(was, is.record) {
			return err
		}
		f, err := tx.ModelFile(ctx, is.record.ID)
		if errors.Is(err, heed.ErrGone) {
			is.fault = FaultGone
			return nil
		}
		if err == nil {
			is.model, is.fault = s.open(is.record, f)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find by which model the line screens: %w", err)
	}
	if is.record == nil && was == nil {
		return nil
	}
	if same(was, is.record) {
		s.note(is.record)
		return nil
	}
	s.mu.Lock()
	s.now = is
	s.mu.Unlock()
	if is.fault != "" {
		s.cfg.Log.Error("the line's own model can't be used; the shipped one is", "model", is.record.Version, "why", string(is.fault))
	}
	s.cfg.Log.Info("screening goes by another model", "model", s.Model().Version)
	return nil
}

// note takes what has become known of the adoption in use, such as by when it must be gone.
func (s *Service) note(m *heed.LineModel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if same(s.now.record, m) { // another Refresh may have taken up another one meanwhile
		s.now.record = m
	}
}

// same says that a is the adoption that b is.
func same(a, b *heed.LineModel) bool {
	return a != nil && b != nil && a.ID == b.ID && a.Base == b.Base && bytes.Equal(a.Signature, b.Signature) && bytes.Equal(a.SHA256, b.SHA256)
}

// open checks all that must be true of an adopted model, and opens it.
func (s *Service) open(m *heed.LineModel, f *heed.ModelFile) (*learn.Model, Fault) {
	if m.Base != screening.ShippedVersion() {
		return nil, FaultOutdated
	}
	if seal.VerifyModel(s.cfg.Audit.Verifier(), s.cfg.Line, m) != nil {
		return nil, FaultUnsigned
	}
	file, _, err := seal.OpenModel(s.cfg.Content, s.cfg.Line, m.ID, f)
	if err != nil {
		return nil, FaultDamaged
	}
	model, err := opened(m, file)
	if errors.Is(err, learn.ErrOtherFeatures) {
		return nil, FaultOutdated
	}
	if err != nil {
		return nil, FaultDamaged
	}
	if model.Base != "" && model.Base != screening.Shipped().Version {
		return nil, FaultOutdated
	}
	return model, ""
}

// opened reads a model's file. heed.ErrInvalid: it isn't the one that the record names.
func opened(m *heed.LineModel, file []byte) (*learn.Model, error) {
	if sum := sha256.Sum256(file); !bytes.Equal(sum[:], m.SHA256) {
		return nil, fmt.Errorf("another file than model %s: %w", m.Version, heed.ErrInvalid)
	}
	model, err := learn.Open(string(file))
	if err == nil && model.Version != m.Version {
		err = fmt.Errorf("model %s in place of %s: %w", model.Version, m.Version, heed.ErrInvalid)
	}
	return model, err
}

// adopted is the line's adopted model; nil where there is none.
func adopted(ctx context.Context, tx heed.ModelTx) (*heed.LineModel, error) {
	return find(ctx, tx, heed.ModelAdopted)
}

// find is the newest model in the state; nil where there is none.
func find(ctx context.Context, tx heed.ModelTx, state heed.LineModelState) (*heed.LineModel, error) {
	all, err := tx.Models(ctx, 0)
	for _, m := range all {
		if m.State == state {
			return m, err
		}
	}
	return nil, err
}

// Follow keeps this process at the adopted model until ctx ends.
func (s *Service) Follow(ctx context.Context) {
	for ticker := time.NewTicker(followEvery); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("finding by which model the line screens", "error", err)
		}
	}
}

// followEvery is how long a process may go on by the model of before.
const followEvery = 5 * time.Second
