package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/screening"
)

// examineModels says by which model the line screens, which takes the store and the keystore together.
func (d *doctor) examineModels(ctx context.Context, ring *keystore.Ring) {
	store, line, err := openNamedStore(ctx, d.flags)
	if err != nil {
		d.fault("model", "%v", err)
		return
	}
	defer store.Close() // nothing was written to it
	models := learning.New(learning.Config{
		Store: store, Line: line, Content: ring.Content, Audit: ring.Audit, Now: d.s.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err := models.Refresh(ctx); err != nil {
		d.fault("model", "%v", err)
		return
	}
	d.sayModel(models.Status())
}

// modelFaults are the reasons for which a line's own model isn't used, in words for the terminal.
var modelFaults = map[learning.Fault]string{
	learning.FaultGone:     "what it held isn't there, as after a restore without its key",
	learning.FaultDamaged:  "it is damaged",
	learning.FaultUnsigned: "nobody signed that two people adopted it",
	learning.FaultOutdated: "it was trained beside other rules than this version's",
}

func (d *doctor) sayModel(m *heed.LineModel, fault learning.Fault) {
	switch {
	case m == nil:
		d.ok("model", "%s, which comes with the program", screening.Shipped().Version)
	case fault != "":
		d.fault("model", "the line's own, %s, can't be used: %s. The shipped one is; heed train --rollback, or --line for another", m.Version, modelFaults[fault])
	case !m.DropBy.IsZero():
		d.note("model", "%s, which ends on %s because reports that it learned from were erased: train another (heed train --line)", m.Version, m.DropBy.UTC().Format(time.DateOnly))
	default:
		d.ok("model", "%s, which the line learned", m.Version)
	}
}
