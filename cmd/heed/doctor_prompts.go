package main

import (
	"log/slog"
	"path/filepath"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/profile"
)

// examinePrompts names the recordings that the operator dropped in for callers and that aren't used; a voice speaks their texts, so
// nothing of it is a fault.
func (d *doctor) examinePrompts(p *profile.Profile) {
	if p == nil {
		return
	}
	locales, err := (&place{profile: p}).locales()
	if err != nil {
		d.fault("prompts", "%v", err)
		return
	}
	speaker := prompt.New(prompt.Config{Locales: locales, Recorded: filepath.Join(d.flags.Data, promptsFolder), Now: d.s.Now, Zone: p.Zone(), Log: slog.New(slog.DiscardHandler)})
	used, faults, err := speaker.Faults()
	if err != nil {
		d.note("prompts", "%v", err)
		return
	}
	for _, f := range faults {
		d.note("prompts", "%s isn't used, its text is spoken instead: %v", f.File, f.Err)
	}
	if used > 0 {
		d.ok("prompts", "%d recorded", used)
	}
}

const (
	// promptsFolder is where the operator's recordings of prompts lie, in the data folder.
	promptsFolder = "prompts"
	// spokenFolder is where spoken prompts are kept there.
	spokenFolder = "prompts-spoken"
)
