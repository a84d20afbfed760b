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

func TestWhatAFileSaysOfItsReporterOrAgainstBelieversIsNoDetail(t *testing.T) {
	l := newLine(t)
	const number, other = "020 7946 0123", "020 7946 0999"
	details := func(text string) (all string) {
		for _, d := range l.DetailsIn(&heed.Transcript{Text: text, Language: "en"}) {
			all += d.Type + " " + d.Text + "\n"
		}
		return all
	}
	said := "The emergency exit of the warehouse is blocked with crates and nobody can get out. The manager's phone is " + other + ". My number is " + number + "."
	if all := details(said); strings.Contains(all, number) || !strings.Contains(all, other) {
		t.Errorf("found are %q", all)
	}
	if keyed := l.Keyed(&heed.Transcript{Text: said, Language: "en"}); strings.Contains(keyed, number) || !strings.Contains(keyed, other) {
		t.Errorf("it is found by %q", keyed)
	}
	if keyed := l.Keyed(&heed.Transcript{Text: "My neighbours are Muslims and pray every evening. I think that should be forbidden.", Language: "en"}); keyed != "" {
		t.Errorf("what would be refused is found by %q", keyed)
	}
}
