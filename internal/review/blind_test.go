package review_test

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

const advert = "BEST PRICES!!! Buy followers now, cheap loans, click http://win.example/prize and claim your free prize today!!!"

func TestABlindReaderIsNotToldWhatTheMachineThinksOfRelevance(t *testing.T) {
	l := newLine(t)
	l.setsAside(0.2)
	l.blind = true
	id := l.submit(advert)[0]
	l.must(l.Screen(t.Context(), id))
	l.wantState(id, heed.Queued)
	if got := l.lastDetails(id, "report.screened"); !strings.Contains(got, `"set_aside":true,"blind":true`) {
		t.Errorf("the leaf holds %s", got)
	}
	read := func() *review.View {
		v, err := l.Read(t.Context(), l.ann, id, "queue")
		l.must(err)
		return v
	}
	v := read()
	if sc := v.Screening; !v.Withheld || sc.SetAside || sc.Relevance != 0.5 {
		t.Errorf("before a decision: withheld %v, %+v", v.Withheld, sc)
	}
	for _, r := range v.Screening.Reasons {
		if r.For == "relevance" || r.For == "set_aside" || r.For == "category" {
			t.Errorf("a reason for %s is shown", r.For)
		}
	}
	for _, e := range v.History {
		if strings.Contains(string(e.Details), "set_aside") || strings.Contains(string(e.Details), "blind") {
			t.Errorf("the history says %s", e.Details)
		}
	}
	l.must(l.Claim(t.Context(), l.ann, id))
	if v := read(); !v.Withheld {
		t.Error("claiming shows it")
	}
	_, err := l.Dispose(t.Context(), l.ann, id, review.Decision{Kind: heed.Close, Reason: why})
	l.must(err)
	if v := read(); v.Withheld || !v.Screening.SetAside {
		t.Errorf("after the decision: withheld %v, set aside %v", v.Withheld, v.Screening.SetAside)
	}
}

func TestWhatIsOnlyDoubtedLooksAsTheBlindSampleDoes(t *testing.T) {
	l := newLine(t)
	l.setsAside(0.2)
	doubted := "Hello, I have a question, please."
	id := l.submit(doubted)[0]
	l.must(l.Screen(t.Context(), id))
	sc := l.screening(id)
	if sc.Category != "none" || sc.SetAside {
		t.Fatalf("the machine doesn't only doubt it: %+v", sc)
	}
	v, err := l.Read(t.Context(), l.ann, id, "queue")
	l.must(err)
	if !v.Withheld || v.Screening.Relevance != 0.5 {
		t.Errorf("withheld %v, relevance %v", v.Withheld, v.Screening.Relevance)
	}
	sure := l.submit(blocked)[0]
	l.must(l.Screen(t.Context(), sure))
	if v, err = l.Read(t.Context(), l.ann, sure, "queue"); err != nil || v.Withheld {
		t.Errorf("of a report that somebody can act on: withheld %v, %v", v.Withheld, err)
	}
	l.blind = false
	aside := l.submit(advert)[0]
	l.must(l.Screen(t.Context(), aside))
	l.wantState(aside, heed.SetAside)
	if v, err = l.Read(t.Context(), l.ann, aside, "queue"); err != nil || v.Withheld || !v.Screening.SetAside {
		t.Errorf("in the list of what is set aside: withheld %v, %v", v.Withheld, err)
	}
}

func TestNeitherAHoldNorAQuestionTellsABlindReaderWhatTheMachineThinks(t *testing.T) {
	for name, act := range map[string]func(l *line, id heed.ID){
		"a hold":     func(l *line, id heed.ID) { l.dispose(l.ann, id, review.Decision{Kind: heed.Hold}) },
		"a question": func(l *line, id heed.ID) { l.must(l.Ask(l.Context(), l.ann, id, "Where is it?")) },
		"a hold that was taken up": func(l *line, id heed.ID) {
			l.dispose(l.ann, id, review.Decision{Kind: heed.Hold})
			l.must(l.Claim(l.Context(), l.ann, id))
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			l.setsAside(0.2)
			l.blind = true
			id := l.submit(advert)[0]
			l.must(l.Screen(t.Context(), id))
			act(l, id)
			v, err := l.Read(t.Context(), l.ben, id, "queue")
			l.must(err)
			if !v.Withheld || v.Screening.SetAside {
				t.Errorf("withheld %v, set aside %v", v.Withheld, v.Screening.SetAside)
			}
		})
	}
}

// Whoever opened a copy that was set aside would read there what the machine thinks of this one; whoever hung this one on it would leave the
// answer to somebody who was told.
func TestABlindReaderIsShownNoCopyThatWasSetAside(t *testing.T) {
	l := newLine(t)
	l.setsAside(0.2)
	l.blind = false
	copied := l.submit(advert)[0]
	l.must(l.Screen(t.Context(), copied))
	l.wantState(copied, heed.SetAside)
	l.blind = true
	id := l.submit(advert)[0]
	l.must(l.Screen(t.Context(), id))
	l.wantState(id, heed.Queued)
	told := func() (like int, lead bool) {
		sc := l.screening(id)
		for _, r := range sc.Reasons {
			if r.For == "duplicate" {
				like++
			}
		}
		return like + len(sc.Similar), sc.DuplicateOf != nil
	}
	if like, lead := told(); like > 0 || lead {
		t.Errorf("before a decision %d signs of a copy, as a lead %v", like, lead)
	}
	l.must(l.Claim(t.Context(), l.ben, copied))
	if like, lead := told(); like > 0 || lead {
		t.Errorf("while somebody has the copy before them %d signs of it, as a lead %v", like, lead)
	}
	l.dispose(l.ann, id, review.Decision{Kind: heed.Close})
	if like, lead := told(); like < 2 || !lead {
		t.Errorf("after the decision %d signs of a copy, as a lead %v", like, lead)
	}
}
