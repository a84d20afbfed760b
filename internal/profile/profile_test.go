package profile

import (
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestTheEmbeddedProfileLoads(t *testing.T) {
	p, err := Parse("default.yaml", defaultYAML)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(p.Categories); got != 16 {
		t.Errorf("%d categories, want 16", got)
	}
	if p.Deadlines.Preliminary != 3*time.Hour || p.Limits.FileBytes != 2<<30 {
		t.Errorf("deadlines %v, limits %v", p.Deadlines, p.Limits)
	}
	department, err := p.Route(Facts{Category: "hazard", Urgency: heed.High})
	if err != nil || department != "fire-safety" {
		t.Errorf("routed to %q, %v", department, err)
	}
}
