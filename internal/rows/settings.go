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

// Enqueue implements heed.JobTx.
func (t *Tx) Enqueue(ctx context.Context, jobs ...heed.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	return failed(t.engine.Enqueue(ctx, jobs), "enqueue")
}
