package rows

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// Setting implements heed.SettingTx.
func (t *Tx) Setting(ctx context.Context, name string) ([]byte, error) {
	value, err := t.engine.GetSetting(ctx, name)
	return value, failed(err, "setting %s", name)
}

// PutSetting implements heed.SettingTx.
func (t *Tx) PutSetting(ctx context.Context, name string, value []byte) error {
	return failed(t.engine.PutSetting(ctx, lite.PutSettingParams{Name: name, Value: present(value)}), "put setting %s", name)
}

// SwapSetting implements heed.SettingTx. Either statement waits for another transaction's on the same setting, and then
// sees what that one left.
func (t *Tx) SwapSetting(ctx context.Context, name string, old, value []byte) error {
	var n int64
	var err error
	if old == nil {
		n, err = t.engine.InsertSetting(ctx, lite.InsertSettingParams{Name: name, Value: present(value)})
	} else {
		n, err = t.engine.SwapSetting(ctx, lite.SwapSettingParams{Name: name, Old: old, Value: present(value)})
	}
	return touched(n, err, heed.ErrConflict, "swap setting %s", name)
}

// Enqueue implements heed.JobTx.
func (t *Tx) Enqueue(ctx context.Context, jobs ...heed.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	return failed(t.engine.Enqueue(ctx, jobs), "enqueue")
}
