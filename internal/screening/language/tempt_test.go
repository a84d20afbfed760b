package language

import (
	"testing"

	"github.com/heed-line/heed/internal/screening/training"
)

// What is not tempted has no better path than the main lane: the search that it is spared would find none.
func TestNoPathSwitchesThatWasNotTemptedTo(t *testing.T) {
	reports, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	m, spared, switched := Default(), 0, 0
	for i := 0; i < len(reports); i += 23 {
		text := reports[i].Text
		if i%3 == 0 {
			text += " " + reports[(i*31+7)%len(reports)].Text
		}
		c := m.counters.Get().(*counter)
		g := groupOf([]rune(text)[len([]rune(text))/2])
		if g < 0 || groups[g].only != "" {
			continue
		}
		_, main := m.rank(c, text[:window(text, rankAtMost)], g)
		if main == ruled {
			continue
		}
		l := &c.lanes
		l.members = c.members[g]
		l.skim(c, text, g)
		l.readAll(c, text, g)
		tempted := l.tempted(c, g, main)
		l.weigh(c, g)
		switch mixed := l.choose(text); {
		case mixed && !tempted:
			t.Errorf("%q switches", text)
		case mixed:
			switched++
		case !tempted:
			spared++
		}
		m.counters.Put(c)
	}
	if spared < 300 || switched < 30 {
		t.Errorf("%d texts were spared the search, %d switch", spared, switched)
	}
}
