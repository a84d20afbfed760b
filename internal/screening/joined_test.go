package screening

import "testing"

// Beyond even odds the one question decides by itself; up to there the joint answer must not fall while it rises, whatever the others say.
func TestTheMoreOneQuestionSpeaksOfDangerTheMoreAllDoTogether(t *testing.T) {
	m := Shipped()
	answer := func(immediate, high, normal, relevant float64) float64 {
		sum := 0.0
		terms := Joins{immediate, high, normal, relevant}.Terms()
		for i, name := range JoinNames() {
			w, ok := m.Thresholds[name]
			if !ok {
				t.Fatalf("the model has no weight of %q", name)
			}
			sum += w * terms[i]
		}
		return sum
	}
	others := []float64{-9, -4, 0, 4, 9}
	for _, high := range others {
		for _, normal := range others {
			for _, relevant := range others {
				last := answer(-9, high, normal, relevant)
				for immediate := -8.5; immediate <= 0; immediate += 0.5 {
					now := answer(immediate, high, normal, relevant)
					if now < last {
						t.Errorf("from %g up it falls, where the others say %g, %g, %g", immediate-0.5, high, normal, relevant)
					}
					last = now
				}
			}
		}
	}
}

func TestEachTermOfTheJointAnswerHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{AsksJoined: true} // the threshold's
	for _, name := range JoinNames() {
		if seen[name] {
			t.Errorf("another is called %q too", name)
		}
		seen[name] = true
	}
}
