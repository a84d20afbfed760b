package review_test

import (
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

func TestARecordingReachesPeopleUnscreenedAndIsNoFailureOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		id := l.put("", func(r *heed.Report) {
			r.State, r.Channel, r.Language, r.Category, r.Files = heed.Received, heed.ChannelPhone, "ar", "", 1
		}).ID
		l.must(l.Screen(l.Context(), id))
		if r := l.wantState(id, heed.Queued); r.Language != "ar" || r.Category != "" || r.Urgency != heed.Normal || !r.ScreenBy.IsZero() {
			t.Errorf("%+v", r)
		}
		v, err := l.Read(l.Context(), l.ann, id, "queue")
		l.must(err)
		if !v.Spoken() || v.Screening != nil || v.ForEngine() {
			t.Errorf("spoken %v, screened %v", v.Spoken(), v.Screening)
		}
		for _, e := range v.History {
			if e.Act == audit.ReportScreened && (strings.Contains(string(e.Details), "failed") || !strings.Contains(string(e.Details), `"spoken":true`)) {
				t.Errorf("its leaf says %s", e.Details)
			}
		}
		l.must(l.Tick(l.Context()))
		l.decide(l.ann, id, heed.Refer)
		if labels := l.labels(review.Wanted{Since: l.now.Add(-time.Hour)}); len(labels) != 0 {
			t.Errorf("a model would learn from silence: %v", labels)
		}
	})
}
