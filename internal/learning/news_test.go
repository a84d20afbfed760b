package learning

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// wantNews says to whom what is told.
func (l *line) wantNews(when string, want map[*heed.Staff]string) {
	l.Helper()
	for _, who := range []*heed.Staff{l.lea, l.lou, l.admin, l.olu, l.ann} {
		all, err := l.News(l.Context(), who)
		l.must(err)
		var kinds []string
		for _, n := range all {
			kinds = append(kinds, fmt.Sprintf("%s %s", n.Kind, n.At.Format("2")))
		}
		if got := strings.Join(kinds, ", "); got != want[who] {
			l.Errorf("%s: %s is told %q, want %q", when, who.Name, got, want[who])
		}
	}
}

func (l *line) everybody(said string) map[*heed.Staff]string {
	return map[*heed.Staff]string{l.lea: said, l.lou: said, l.admin: said, l.olu: said, l.ann: said}
}

func TestWhoMayDecideIsToldOfAModelAndAllOfWhatChanged(t *testing.T) {
	l := newLine(t)
	next := func() { l.now = l.now.Add(24 * time.Hour) } // it begins on the 23rd
	l.wantNews("before any", nil)
	first := l.offer("line-1")
	l.wantNews("offered", map[*heed.Staff]string{l.lea: "offered 23", l.lou: "offered 23", l.admin: "offered 23"})
	next()
	l.must(l.Propose(t.Context(), l.lea, first.ID))
	l.wantNews("proposed", map[*heed.Staff]string{l.lou: "proposed 24"})
	next()
	l.must(l.Approve(t.Context(), l.lou, first.ID))
	l.wantNews("adopted", l.everybody("changed 25"))
	next()
	second := l.adopt("line-2")
	l.wantNews("another adopted", l.everybody("changed 26"))
	next()
	_, err := l.RollBack(t.Context(), l.admin, second.ID)
	l.must(err)
	told := l.everybody("changed 26")
	told[l.lea], told[l.lou] = "asked 27, changed 26", "asked 27, changed 26"
	l.wantNews("asked back", told)
	next()
	l.wantNews("a day later", l.everybody("changed 26"))
	l.back(l.Service)
	l.wantNews("taken back", l.everybody("changed 28"))
	l.wantState(first.ID, heed.ModelAdopted)
	declined := l.offer("line-3")
	l.must(l.Propose(t.Context(), l.lea, declined.ID))
	next()
	l.must(l.Decline(t.Context(), l.lou, declined.ID))
	l.wantNews("another declined", l.everybody("changed 28"))
	l.now = l.now.Add(newsLasts)
	l.wantNews("a week later", nil)
}

func TestAModelThatNobodyCanProposeOrThatWaitsLongIsNotTold(t *testing.T) {
	l := newLine(t)
	m := l.offer("line-1")
	l.now = l.now.Add(newsLasts)
	l.wantNews("a week later", nil)
	l.now = m.MadeAt
	l.adopt("line-2") // and the first ends with it
	other := l.made("line-3")
	other.Figures.Against = "line-1"
	_, err := l.Offer(t.Context(), other)
	l.must(err)
	l.wantNews("compared with another", l.everybody("changed 23"))
}

func TestAFormerModelsEndChangesNothing(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC) }
	model := func(since int, state heed.LineModelState, end heed.ModelEnd, ended int) *heed.LineModel {
		m := &heed.LineModel{State: state, SecondBy: "lou", SecondAt: at(since), End: end}
		if ended > 0 {
			m.EndedAt = at(ended)
		}
		return m
	}
	for name, c := range map[string]struct {
		all  []*heed.LineModel
		want int
	}{
		"its reports' time is over": {[]*heed.LineModel{model(5, heed.ModelAdopted, "", 0), model(2, heed.ModelEnded, heed.EndRetention, 9)}, 5},
		"that of the one in use":    {[]*heed.LineModel{model(5, heed.ModelEnded, heed.EndRetention, 9), model(2, heed.ModelFormer, "", 0)}, 9},
		"and then of the former":    {[]*heed.LineModel{model(5, heed.ModelEnded, heed.EndRetention, 9), model(2, heed.ModelEnded, heed.EndRetention, 12)}, 9},
		"after a return to it":      {[]*heed.LineModel{model(5, heed.ModelEnded, heed.EndRolledBack, 9), model(2, heed.ModelEnded, heed.EndRetention, 12)}, 12},
		"before a return past it":   {[]*heed.LineModel{model(5, heed.ModelEnded, heed.EndRolledBack, 9), model(2, heed.ModelEnded, heed.EndRetention, 7)}, 9},
		"another one declined":      {[]*heed.LineModel{model(8, heed.ModelEnded, heed.EndDeclined, 8), model(2, heed.ModelAdopted, "", 0)}, 2},
	} {
		if got := lastChange(c.all); !got.Equal(at(c.want)) {
			t.Errorf("%s: changed on %v, want the %d", name, got, c.want)
		}
	}
}

func TestWhoSeesNeitherQueueNorModelsIsToldNothing(t *testing.T) {
	l := newLine(t)
	l.adopt("line-1")
	outside := l.staff("lia", heed.Liaison)
	if news, err := l.News(t.Context(), outside); err != nil || len(news) > 0 {
		t.Errorf("%v %v", news, err)
	}
}
