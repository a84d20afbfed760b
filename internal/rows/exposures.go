package rows

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func exposure(e lite.Exposure) *heed.Exposure {
	return &heed.Exposure{Staff: heed.ID(e.Staff), Day: e.Day, Pictures: e.Pictures, Films: e.Films, Seconds: e.Seconds}
}

// AddExposure implements heed.ExposureTx.
func (t *Tx) AddExposure(ctx context.Context, e *heed.Exposure) error {
	err := t.engine.AddExposure(ctx, lite.AddExposureParams{Staff: string(e.Staff), Day: e.Day, Pictures: e.Pictures, Films: e.Films, Seconds: e.Seconds})
	return failed(err, "count what was uncovered")
}

// Exposures implements heed.ExposureTx.
func (t *Tx) Exposures(ctx context.Context, staff heed.ID, since int64) ([]*heed.Exposure, error) {
	if staff == "" {
		es, err := t.engine.ExposuresSince(ctx, since)
		return each(es, err, exposure, "what was uncovered")
	}
	es, err := t.engine.ExposuresOf(ctx, lite.ExposuresOfParams{Staff: string(staff), Since: since})
	return each(es, err, exposure, "what was uncovered")
}

// DeleteExposures implements heed.ExposureTx.
func (t *Tx) DeleteExposures(ctx context.Context, before int64) (int, error) {
	n, err := t.engine.DeleteExposures(ctx, before)
	return int(n), failed(err, "delete what was uncovered")
}
