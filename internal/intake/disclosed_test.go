package intake_test

import (
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

func TestDisclosuresAreToldInTheOrderInWhichTheyCame(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }
	told := intake.DisclosedOf([]*heed.Disclosure{
		{State: heed.DisclosureReleased, File: "f", SeenAt: at(11)}, // it waits
		{State: heed.DisclosureSeen, ExportedAt: at(9), ExportedAgain: []time.Time{at(12)}, SeenAt: at(14)},
		{State: heed.DisclosureExported, ExportedAt: at(10), ExportedAgain: []time.Time{at(13)}},
	})
	var hours []int
	for _, d := range told {
		hours = append(hours, d.At.Hour())
	}
	if !slices.Equal(hours, []int{9, 10, 11, 12, 13, 14}) || !told[2].Waits {
		t.Errorf("told by their hours: %v", hours)
	}
}
