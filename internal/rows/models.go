package rows

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func lineModel(m lite.Model) *heed.LineModel {
	return &heed.LineModel{
		ID: heed.ID(m.ID), State: heed.LineModelState(m.State), Version: m.Version, Base: m.Base, Against: m.Against, SHA256: m.Sha256,
		MadeAt: moment(m.MadeAt), From: moment(m.FromAt), Until: moment(m.UntilAt), ProposedBy: heed.ID(m.ProposedBy), ProposedAt: moment(m.ProposedAt),
		SecondBy: heed.ID(m.SecondBy), SecondAt: moment(m.SecondAt), Signature: m.Signature, DropBy: moment(m.DropBy),
		EndedAt: moment(m.EndedAt), End: heed.ModelEnd(m.EndedWhy),
	}
}

// AddModel implements heed.ModelTx.
func (t *Tx) AddModel(ctx context.Context, m *heed.LineModel, f *heed.ModelFile) error {
	err := t.engine.InsertModel(ctx, lite.InsertModelParams{
		ID: string(m.ID), State: string(m.State), Version: m.Version, Base: m.Base, Against: m.Against, Sha256: m.SHA256,
		MadeAt: millis(m.MadeAt), FromAt: millis(m.From), UntilAt: millis(m.Until), ProposedBy: string(m.ProposedBy), ProposedAt: millis(m.ProposedAt),
		SecondBy: string(m.SecondBy), SecondAt: millis(m.SecondAt), Signature: m.Signature, DropBy: millis(m.DropBy),
		EndedAt: millis(m.EndedAt), EndedWhy: string(m.End),
	})
	if err == nil {
		err = t.engine.InsertModelFile(ctx, lite.InsertModelFileParams{Model: string(m.ID), Sealed: f.Sealed, Figures: f.Figures})
	}
	if err == nil {
		err = t.engine.InsertModelKey(ctx, lite.InsertModelKeyParams{Model: string(m.ID), Wrapped: f.WrappedKey})
	}
	return failed(err, "add model %s", m.ID)
}

// Model implements heed.ModelTx.
func (t *Tx) Model(ctx context.Context, id heed.ID) (*heed.LineModel, error) {
	m, err := t.engine.GetModel(ctx, string(id))
	return one(m, err, lineModel, "model %s", id)
}

// Models implements heed.ModelTx.
func (t *Tx) Models(ctx context.Context, limit int) ([]*heed.LineModel, error) {
	ms, err := t.engine.Models(ctx, capped(limit))
	return each(ms, err, lineModel, "models")
}

// ModelFile implements heed.ModelTx.
func (t *Tx) ModelFile(ctx context.Context, id heed.ID) (*heed.ModelFile, error) {
	f, err := t.engine.GetModelFile(ctx, string(id))
	file, err := one(f, err, func(f lite.GetModelFileRow) *heed.ModelFile {
		return &heed.ModelFile{WrappedKey: f.Wrapped, Sealed: f.Sealed, Figures: f.Figures}
	}, "what model %s holds", id)
	if errors.Is(err, heed.ErrNotFound) {
		if _, err := t.Model(ctx, id); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("what model %s held: %w", id, heed.ErrGone)
	}
	return file, err
}

// MoveModel implements heed.ModelTx.
func (t *Tx) MoveModel(ctx context.Context, m *heed.LineModel, from heed.LineModelState) error {
	n, err := t.engine.MoveModel(ctx, lite.MoveModelParams{
		ID: string(m.ID), State: string(m.State), ProposedBy: string(m.ProposedBy), ProposedAt: millis(m.ProposedAt), SecondBy: string(m.SecondBy),
		SecondAt: millis(m.SecondAt), Signature: m.Signature, DropBy: millis(m.DropBy), EndedAt: millis(m.EndedAt), EndedWhy: string(m.End),
		FromState: string(from), Adopts: m.State == heed.ModelAdopted,
	})
	if err == nil && n == 0 {
		if _, err = t.engine.GetModel(ctx, string(m.ID)); err == nil {
			err = heed.ErrConflict
		}
	}
	return failed(err, "move model %s", m.ID)
}

// DestroyModel implements heed.ModelTx. It is no error where it is destroyed already; where the key alone is gone, as after a restore
// without it, the rest goes too.
func (t *Tx) DestroyModel(ctx context.Context, id heed.ID) error {
	f, err := t.ModelFile(ctx, id)
	switch {
	case errors.Is(err, heed.ErrGone):
		err = nil
	case err != nil:
		return fmt.Errorf("destroy: %w", err)
	default:
		err = t.engine.OverwriteModelKey(ctx, lite.OverwriteModelKeyParams{Model: string(id), Zeros: make([]byte, len(f.WrappedKey))})
	}
	if err == nil {
		err = t.engine.DeleteModelKey(ctx, string(id))
	}
	if err == nil {
		err = t.engine.DeleteModelFile(ctx, string(id))
	}
	return failed(err, "destroy model %s", id)
}
