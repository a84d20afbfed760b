package review_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

// setsAside gives the line a threshold as if it had been fitted.
func (l *line) setsAside(below float64, changes ...func(*review.Threshold)) {
	l.Helper()
	asked := l.profile.Screening.SetAside
	t := review.Threshold{Missed: asked.Missed, Confidence: asked.Confidence, Model: l.config.Screener.Version(), At: l.now, Since: l.now}
	t.Below = below
	for _, change := range changes {
		change(&t)
	}
	b, err := json.Marshal(t)
	l.must(err)
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.PutSetting(l.Context(), review.SettingThreshold, b) }))
}

// lenient is a bound that needs 16 reports.
func lenient(p *profile.Profile) {
	p.Screening.SetAside = profile.SetAside{Missed: 0.1, Confidence: 0.8}
}

// relevant has so many different reports found relevant by each.
func (l *line) relevant(n int, by ...*heed.Staff) {
	l.Helper()
	for range n {
		for _, who := range by {
			l.decide(who, l.queued(heed.Normal), heed.Refer)
		}
	}
}

func (l *line) calibrate() review.Threshold {
	l.Helper()
	t, err := l.Calibrate(l.Context())
	l.must(err)
	return t
}

// advertised submits an advert, and says whether it is set aside, and by a threshold of the line's own.
func (l *line) advertised() (aside, calibrated bool) {
	l.Helper()
	id := l.submit(advert)[0]
	l.must(l.Screen(l.Context(), id))
	return l.get(id).State == heed.SetAside, l.screening(id).Calibrated
}

func (l *line) wantAside(want bool) {
	l.Helper()
	if aside, calibrated := l.advertised(); aside != want || calibrated != want {
		l.Errorf("set aside %v, calibrated %v, want both %v", aside, calibrated, want)
	}
}

func TestNothingIsSetAsideBeforePeopleDecidedEnough(t *testing.T) {
	l := newLine(t)
	l.wantAside(false)
	if got := l.calibrate(); got.Below != 0 || got.Needed != 299 || got.Evidence != 0 || got.Missed != 0.01 || got.Confidence != 0.95 {
		t.Errorf("at the start: %+v", got)
	}
}

func TestALineSetsAsideByWhatItsPeopleDecidedOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		lenient(l.profile)
		if got := l.calibrate(); got.Needed != 16 || got.Below != 0 {
			l.Fatalf("at the start: %+v", got)
		}
		l.relevant(7, l.ann, l.ben, l.lead) // without either's 14 are left
		if got := l.calibrate(); got.Evidence != 14 || got.Reports != 21 || got.Accounts != 3 || got.Below != 0 {
			l.Errorf("too few: %+v", got)
		}
		l.relevant(1, l.ann, l.ben, l.lead)
		got := l.calibrate()
		if got.Evidence != 16 || got.Below < 0.2 || got.Model != l.config.Screener.Version() {
			l.Fatalf("enough: %+v", got)
		}
		l.Service = review.New(l.config) // another process
		l.wantAside(true)

		l.now = l.now.Add(time.Hour)
		again := l.calibrate()
		if again.Below != got.Below || !again.At.Equal(l.now) || !again.Since.Equal(got.Since) {
			l.Errorf("fitted again: %+v, before %+v", again, got)
		}
		var leaves []string
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.FindLeaves(ctx, heed.AuditQuery{Acts: []string{"screening.threshold"}})
			for _, leaf := range all {
				leaves = append(leaves, string(leaf.Details))
			}
			return err
		})
		if len(leaves) != 1 || !strings.Contains(leaves[0], `"from":0,`) || !strings.Contains(leaves[0], `"evidence":16,"needed":16`) {
			l.Errorf("leaves of what is set aside: %v", leaves)
		}
	})
}

func TestAReplaySetsAsideByWhatIsInForceAndByWhatWouldBe(t *testing.T) {
	l := newLine(t)
	lenient(l.profile)
	id := l.submit(advert)[0]
	l.must(l.Screen(l.Context(), id))
	current, other := l.config.Screener, screening.New(screening.Config{}) // two of one model: nothing but the thresholds may differ
	replayed := func() int {
		_, changes, err := l.Replay(l.Context(), time.Time{}, current, other)
		l.must(err)
		return len(changes)
	}
	if n := replayed(); n != 0 {
		t.Errorf("%d changes where neither may set aside", n)
	}
	l.setsAside(0.5) // in force, and more than decisions would allow
	if n := replayed(); n != 1 {
		t.Errorf("%d changes where the other would set nothing aside, want that of the advert", n)
	}
	l.relevant(8, l.ann, l.ben, l.lead)
	if n := replayed(); n != 0 {
		t.Errorf("%d changes where people's decisions allow as much", n)
	}
}

func TestOnePersonAloneSetsNothingAside(t *testing.T) {
	l := newLine(t, lenient)
	l.calibrate()
	l.relevant(40, l.ann)
	l.relevant(15, l.ben)
	if got := l.calibrate(); got.Evidence != 15 || got.Below != 0 || got.Largest < 0.7 {
		t.Errorf("most by one: %+v", got)
	}
	l.wantAside(false)
}

func TestAThresholdOfAnotherModelAnotherBoundOrAnotherMonthSetsNothingAside(t *testing.T) {
	for name, change := range map[string]func(*review.Threshold){
		"model": func(t *review.Threshold) { t.Model = "rules-0" }, "bound": func(t *review.Threshold) { t.Missed = 0.05 },
		"confidence": func(t *review.Threshold) { t.Confidence = 0.9 }, "month": func(t *review.Threshold) { t.At = t.At.AddDate(0, 0, -31) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			l.setsAside(0.2, change)
			l.wantAside(false)
		})
	}
	l := newLine(t)
	l.setsAside(0.2)
	l.wantAside(true)
}

func TestReportsFromATimeOfSettingAsideCountATwentiethAndCopiesOnce(t *testing.T) {
	l := newLine(t, lenient)
	l.setsAside(0.0001)
	l.now = l.now.Add(time.Minute)
	texts := []string{blocked, "Somebody pours oil into the river behind the paint works at night.", "A man sells fake bus tickets at the north station every evening."}
	for range 30 {
		for i, id := range l.submit(texts...) {
			l.must(l.Screen(t.Context(), id))
			if !l.screening(id).Calibrated {
				t.Fatal("it was not screened under the line's own threshold")
			}
			if i == 0 {
				l.decide(l.ann, id, heed.Refer)
			} else {
				l.decide(l.ben, id, heed.Refer)
			}
		}
	}
	got := l.calibrate()
	if got.Reports != 3 || got.Evidence != 0 {
		t.Errorf("copies of three texts: %+v", got)
	}
}

func TestScoresAreThoseOfTheModelInUse(t *testing.T) {
	l := newLine(t, lenient)
	l.calibrate()
	l.relevant(8, l.ann, l.ben, l.lead)
	fair := l.calibrate().Below
	for id := range l.labels(review.Wanted{}) { // an older model thought little of all of them
		l.screenedAs(id, heed.Screening{Model: "rules-0", Relevance: 0.001})
	}
	if got := l.calibrate().Below; got != fair {
		t.Errorf("after another model's scores: %v, want %v", got, fair)
	}
	for id := range l.labels(review.Wanted{}) {
		l.screenedAs(id, heed.Screening{Model: l.config.Screener.Version(), Relevance: 0.001})
	}
	if got := l.calibrate().Below; got != 0.001 {
		t.Errorf("after its own scores: %v", got)
	}
	for id := range l.labels(review.Wanted{}) { // what is proposed for refusal is never set aside
		l.screenedAs(id, heed.Screening{Model: l.config.Screener.Version(), Relevance: 0.001, Refuse: true})
	}
	if got := l.calibrate().Below; got != 1 {
		t.Errorf("of proposed refusals: %v", got)
	}
}

// screenedAs puts another Screening in the place of the report's.
func (l *line) screenedAs(id heed.ID, sc heed.Screening) {
	l.Helper()
	b, err := json.Marshal(sc)
	l.must(err)
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error {
		wrapped, err := tx.WrappedKey(l.Context(), id)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(l.content, "test", id, wrapped)
		if err != nil {
			return err
		}
		sealed := keys.Data.Seal(seal.ScreeningPlace("test", id), b)
		return tx.PutScreening(l.Context(), &heed.ScreeningRecord{Report: id, At: l.now, Model: sc.Model, Sealed: sealed})
	}))
}

func TestTheShippedThresholdIsNoLinesOwn(t *testing.T) {
	sc := screening.New(screening.Config{}).Screen(screening.Input{Text: advert})
	if !sc.SetAside || sc.Calibrated {
		t.Errorf("heed screen sets it aside %v, calibrated %v", sc.SetAside, sc.Calibrated)
	}
}
