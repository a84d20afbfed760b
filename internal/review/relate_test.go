package review_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// edits are copies of blocked as people make them.
func edits(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("Passed on by neighbour %d: ", i)+blocked)
	}
	return out
}

func TestACopyOfACopyPointsAtTheOriginalOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		first := l.submit(blocked)[0]
		l.must(l.Screen(l.Context(), first))
		for _, text := range edits(3) {
			l.now = l.now.Add(time.Hour)
			id := l.submit(text)[0]
			l.must(l.Screen(l.Context(), id))
			if sc := l.screening(id); sc.DuplicateOf == nil || *sc.DuplicateOf != first {
				l.Errorf("%q is a copy of %v, not of %s", text, sc.DuplicateOf, first)
			}
		}
	})
}

func campaign(sc *heed.Screening) float64 {
	for _, r := range sc.Reasons {
		if r.Rule == "campaign" {
			return r.Weight
		}
	}
	return 0
}

func TestManyCopiesWithinAWeekAreShownAsACampaignAndFewAreNot(t *testing.T) {
	l := newLine(t)
	var last heed.ID
	for i, text := range edits(8) {
		last = l.submit(text)[0]
		l.must(l.Screen(t.Context(), last))
		if n := campaign(l.screening(last)); i < 4 && n != 0 {
			t.Errorf("after %d it is called a campaign of %v", i+1, n)
		}
	}
	if n := campaign(l.screening(last)); n != 8 {
		t.Errorf("eight of one text are a campaign of %v", n)
	}
	l.now = l.now.Add(30 * 24 * time.Hour)
	late := l.submit(blocked)[0]
	l.must(l.Screen(t.Context(), late))
	if sc := l.screening(late); sc.DuplicateOf == nil || campaign(sc) != 0 {
		t.Errorf("a month later: a copy of %v, a campaign of %v", sc.DuplicateOf, campaign(sc))
	}
}

func TestOneHappeningInTwoLanguagesIsSimilarWithReasonsThatPointIntoTheText(t *testing.T) {
	l := newLine(t)
	texts := []string{
		"Strong smell of gas in front of the Nordaquille warehouse on the quay, the door is locked and workers sleep inside.",
		"The teacher at the music school takes money for better marks.",
		"رائحة غاز أمام مستودع نورداكي على الرصيف والباب مقفل والعمال نائمون في الداخل",
	}
	ids := l.submit(texts...)
	for _, id := range ids {
		l.must(l.Screen(t.Context(), id))
	}
	sc := l.screening(ids[2])
	if len(sc.Similar) != 1 || sc.Similar[0].ID != ids[0] || sc.Similar[0].Kind != heed.MatchSameEvent || sc.DuplicateOf != nil {
		t.Fatalf("similar %+v, a copy of %v", sc.Similar, sc.DuplicateOf)
	}
	sounds := slices.IndexFunc(sc.Reasons, func(r heed.Reason) bool { return r.Rule == "same-event.sounds" })
	if sounds < 0 || sc.Reasons[sounds].Phrase != "نورداكي" {
		t.Errorf("reasons %+v", sc.Reasons)
	}
	for _, r := range sc.Reasons {
		if texts[2][r.Start:r.End] != r.Phrase {
			t.Errorf("%+v doesn't stand there", r)
		}
	}
}

func TestFilesAreLookedForAnewWithTheWholeLineAlone(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	id := l.submit(blocked)[0]
	l.must(l.Screen(ctx, id))
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		return tx.PutLook(ctx, &heed.Look{File: "one", Report: id, Sealed: []byte("sealed")})
	}))
	l.must(l.HandleRebuild(ctx, fmt.Appendf(nil, `{"reports":[%q]}`, id))) // something was read in one of its files
	if n := len(l.jobs(review.JobSeen)); n != 0 {
		t.Errorf("%d jobs for one report", n)
	}
	l.must(l.Rebuild(ctx))
	l.must(l.HandleRebuild(ctx, l.jobs(review.JobRebuild)[0]))
	if n := len(l.jobs(review.JobSeen)); n != 1 {
		t.Errorf("%d jobs for the whole line", n)
	}
}

func TestALineFromBeforeIsFoundAgainOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ctx := l.Context()
		first := l.submit(blocked)[0]
		l.must(l.Screen(ctx, first))
		l.must(l.store.Update(ctx, func(tx heed.Tx) error {
			if err := tx.PutSetting(ctx, review.SettingTraces, []byte(`{"form":2}`)); err != nil {
				return err
			}
			return tx.PutTraces(ctx, []*heed.Trace{{Report: first}})
		}))
		l.must(l.Renew(ctx))
		l.wantTraces(review.Traces{Form: 6, Total: 1})
		l.must(l.HandleRebuild(ctx, fmt.Appendf(nil, `{"reports":[%q]}`, first))) // something was read in one of its files
		l.wantTraces(review.Traces{Form: 6, Total: 1})
		l.must(l.HandleRebuild(ctx, fmt.Appendf(nil, `{"reports":[%q],"files":true}`, first)))
		l.wantTraces(review.Traces{Form: 6, Total: 1, Done: 1})
		second := l.submit(edits(1)...)[0]
		l.must(l.Screen(ctx, second))
		if sc := l.screening(second); sc.DuplicateOf == nil || *sc.DuplicateOf != first {
			l.Errorf("a copy of %v", sc.DuplicateOf)
		}
		l.must(l.Renew(ctx))
		l.wantTraces(review.Traces{Form: 6, Total: 1, Done: 1})
	})
}

func (l *line) wantTraces(want review.Traces) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
		got, err := review.TracesOf(l.Context(), tx)
		if got != want {
			l.Errorf("traces %+v, not %+v", got, want)
		}
		return err
	}))
}
