package rows

import (
	"context"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func duty(d lite.Duty) *heed.Duty {
	return &heed.Duty{Staff: heed.ID(d.Staff), Languages: between(d.Languages), Since: moment(d.Since), Until: moment(d.Until), Off: d.Off}
}

// within is how languages stand in one column, so that one is found by the commas around it.
func within(languages []string) string {
	if len(languages) == 0 {
		return ""
	}
	return "," + strings.Join(languages, ",") + ","
}

// between undoes within.
func between(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(strings.Trim(column, ","), ",")
}

// PutDuty implements heed.DutyTx.
func (t *Tx) PutDuty(ctx context.Context, d *heed.Duty) error {
	err := t.engine.PutDuty(ctx, lite.PutDutyParams{
		Staff: string(d.Staff), Languages: within(d.Languages), Since: millis(d.Since), Until: millis(d.Until), Off: d.Off,
	})
	return failed(err, "put a duty")
}

// Duty implements heed.DutyTx.
func (t *Tx) Duty(ctx context.Context, staff heed.ID) (*heed.Duty, error) {
	d, err := t.engine.GetDuty(ctx, string(staff))
	return one(d, err, duty, "find a duty")
}

// Duties implements heed.DutyTx.
func (t *Tx) Duties(ctx context.Context) ([]*heed.Duty, error) {
	ds, err := t.engine.Duties(ctx)
	return each(ds, err, duty, "list duties")
}

// EndDuty implements heed.DutyTx.
func (t *Tx) EndDuty(ctx context.Context, staff heed.ID) error {
	return failed(t.engine.EndDuty(ctx, string(staff)), "end a duty")
}

// CountOnDuty implements heed.DutyTx.
func (t *Tx) CountOnDuty(ctx context.Context, language string, now time.Time) (int, error) {
	n, err := t.engine.CountOnDuty(ctx, lite.CountOnDutyParams{Language: language, Now: millis(now)})
	return int(n), failed(err, "count who is on duty")
}

// EndDutyFor implements heed.DutyTx.
func (t *Tx) EndDutyFor(ctx context.Context, staff heed.ID, why string) error {
	n, err := t.engine.EndDutyFor(ctx, lite.EndDutyForParams{Staff: string(staff), Off: why})
	return touched(n, err, heed.ErrNotFound, "end a duty for a telephone's sake")
}

// DeleteDuties implements heed.DutyTx.
func (t *Tx) DeleteDuties(ctx context.Context, before time.Time) error {
	return failed(t.engine.DeleteDuties(ctx, millis(before)), "delete duties that are over")
}
