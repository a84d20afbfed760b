package review_test

import (
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestAnOldReportThatWasJustImportedIsNotOverdueForScreening(t *testing.T) {
	l := newLine(t)
	id := l.put(blocked, func(r *heed.Report) {
		r.Channel, r.State, r.ReceivedAt = heed.ChannelImport, heed.Received, l.now.Add(-1000*time.Hour)
	}).ID
	l.must(l.Tick(t.Context()))
	l.wantState(id, heed.Received)
	l.now = l.now.Add(6 * time.Minute)
	l.must(l.Tick(t.Context()))
	l.wantState(id, heed.Queued)
}
