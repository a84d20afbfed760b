package review_test

import (
	"slices"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
)

func TestADetailIsFoundWhicheverWayItIsWrittenOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		l.config.Screener = screening.New(screening.Config{Regions: []string{"GB"}})
		l.Service = review.New(l.config)
		ids := l.submit(
			"A man sells stolen bicycles behind the station; buyers ring +44 20 7946 0148 and pay to GB82 WEST 1234 5698 7654 32.",
			"La nave del puerto guarda bidones que gotean, el vigilante contesta en el 020 7946 0148.",
			"Yesterday the dust from the mill covered the whole school yard and the children cough.",
			"The dust from the mill lies on all the cars again since 22 November 2026, nobody answers us there.",
		)
		l.must(l.Screen(l.Context(), ids...))
		for words, want := range map[string][]heed.ID{
			"020 7946 0148": {ids[0], ids[1]}, "+44 20 7946 0148": {ids[0], ids[1]}, "(020) 7946-0148 drums": nil, "+442079460148 station": {ids[0]},
			"GB82WEST12345698765432": {ids[0]}, "22.11.2026": {ids[2], ids[3]}, "2026-11-22 school": {ids[2]}, "yesterday": {ids[2]}, "020 7946 0149": nil,
		} {
			found, err := l.Search(l.Context(), l.ann, words, "to find what a caller told of", heed.ReportQuery{})
			l.must(err)
			var got []heed.ID
			for _, r := range found {
				got = append(got, r.ID)
			}
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				l.Errorf("%q finds %v, not %v", words, got, want)
			}
		}
	})
}
