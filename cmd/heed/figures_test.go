package main

import (
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening/train"
)

func TestTheFiguresOfACandidateArePrintedWithTheirIntervals(t *testing.T) {
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	f := &learning.Figures{
		Version: "learned-b", Against: "learned-a", Reports: 60, From: day, Until: day.AddDate(0, 0, 20), Held: 12,
		Own:     []train.Row{{Question: "urgency", Language: "hi", Of: 10, Current: 7, Candidate: 9, Difference: 0.2, Low: -0.05, High: 0.45}},
		Written: []train.Row{{Question: "category", Category: "hazard", Of: 4, Current: 4, Candidate: 2, Difference: -0.5, Low: -0.9, High: 0}},
	}
	f.Replay.Since, f.Replay.Reports, f.Replay.Changed = day, 4200, 31
	f.Replay.Changes = []review.Change{{Report: "r1", Was: review.Proposal{Category: "other", Urgency: heed.Normal, SetAside: true}, Would: review.Proposal{Category: "hazard", Urgency: heed.High}}}
	var out strings.Builder
	if err := printFigures(&out, f, nil); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"learned-b, from 60 reports decided 2026-11-01 to 2026-11-21; in use: learned-a", "ON 12 REPORTS THAT NEITHER LEARNED FROM",
		"urgency hi 10 0.700 (0.397 to 0.892) 0.900 (0.596 to 0.982) +0.200 (-0.050 to +0.450)", "category hazard 4", "-0.500 (-0.900 to +0.000)",
		"SINCE 2026-11-01 IT WOULD HAVE CHANGED 31 OF 4200 REPORTS r1 other normal, set aside -> hazard high and 30 more",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q isn't printed:\n%s", want, got)
		}
	}
}
