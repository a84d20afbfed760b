package evaluate

import (
	"math"
	"testing"
)

// The scores are those of scikit-learn 1.2.1: TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True) beside
// TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True), LogisticRegression(C, solver="liblinear", tol=1e-10).
func TestTheFloorScoresAsAPlainLibraryDoes(t *testing.T) {
	messages := []Message{
		{Text: "RT @news: 12 people dead after the flood in Alberta http://t.co/a1", Yes: true},
		{Text: "praying for Alberta!! so sad"},
		{Text: "The flood has closed 2 roads in Alberta: police", Yes: true},
		{Text: "I love this song so so much"},
		{Text: "police say 12 people are missing after the flood", Yes: true},
		{Text: "so sad for the people, praying"},
		{Text: "love love love this!!"},
		{Text: "praying for the police, so sad!! a b"}, // not learned from
	}
	learnt := []int{0, 1, 2, 3, 4, 5, 6}
	of, all := libraryFloor(messages).vectors(learnt)
	for c, want := range map[float64][]float64{
		1: {0.9359, -1.0125, 0.8734, -1.2182, 0.9405, -0.9365, -1.0409},
		4: {1.8527, -1.9226, 1.7574, -2.2318, 1.8562, -1.7948, -1.9144, -1.3744},
	} {
		weights := regress(of, all, learnt, func(i int) bool { return messages[i].Yes }, c)
		for i, w := range want {
			if got := of[i].score(weights); math.Abs(got-w) > 0.02 {
				t.Errorf("strength %g: %q scores %.4f, want %.4f", c, messages[i].Text, got, w)
			}
		}
	}
}
