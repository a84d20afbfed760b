package review_test

import (
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestACampaignIsThoseThatCameWithinAWeekAndThatItsReaderIsToKnowOfOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		var ids []heed.ID
		for _, text := range edits(7) {
			ids = append(ids, l.submit(text)[0])
			l.must(l.Screen(l.Context(), ids[len(ids)-1]))
			l.now = l.now.Add(time.Hour)
		}
		l.submit("The teacher at the music school takes money for better marks.")
		l.now = l.now.Add(30 * 24 * time.Hour)
		late := l.submit(blocked)[0]
		l.must(l.Screen(l.Context(), late))
		counted := func(by *heed.Staff, id heed.ID) (reports int, said float64) {
			v, err := l.Read(l.Context(), by, id, "queue")
			l.must(err)
			return len(v.Campaign), campaign(v.Screening)
		}
		for _, id := range ids {
			if n, said := counted(l.ann, id); n != 6 || said != 7 {
				l.Errorf("%d others, %v in all", n, said)
			}
		}
		if n, said := counted(l.ann, late); n != 0 || said != 0 {
			l.Errorf("a month later: %d others, %v in all", n, said)
		}
		limited := l.limited()
		for i, id := range ids {
			l.recast(id, "hazard")
			if i == 6 {
				l.recast(id, "fraud-scam")
			}
		}
		if n, said := counted(limited, ids[5]); n != 5 || said != 6 {
			l.Errorf("of those that the reader is to know of: %d others, %v in all", n, said)
		}
		l.recast(ids[0], "fraud-scam")
		l.recast(ids[1], "fraud-scam")
		if n, said := counted(limited, ids[5]); n != 0 || said != 0 {
			l.Errorf("of too few: %d others, %v in all", n, said)
		}
	})
}

func (l *line) recast(id heed.ID, category string) {
	l.Helper()
	if l.get(id).Category != category {
		l.must(l.SetCategory(l.Context(), l.lead, id, category))
	}
}

func TestACampaignThatComesAllAtOnceIsShownInTheRowsOfThoseThatTheNextOneResembles(t *testing.T) {
	onBothStores(t, func(l *line) {
		texts := edits(9)
		ids := l.submit(texts[:8]...)
		l.must(l.Screen(l.Context(), ids...))
		next := l.submit(texts[8])[0]
		l.must(l.Screen(l.Context(), next))
		counts, err := l.Campaigns(l.Context(), l.ann, append(ids, next)...)
		l.must(err)
		if counts[next] != 9 || len(counts) < 6 {
			l.Errorf("%v", counts)
		}
		for _, m := range l.screening(next).Similar {
			if counts[m.ID] != 9 {
				l.Errorf("one that it resembles: %d", counts[m.ID])
			}
		}
	})
}

func TestWhatAPersonProposesForRefusalIsShownInNoCampaign(t *testing.T) {
	l := newLine(t)
	ids := l.submit(edits(7)...)
	for _, id := range ids {
		l.must(l.Screen(t.Context(), id))
	}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), ids[3])
		if err == nil {
			r.State = heed.RefusalProposed
			err = tx.UpdateReport(t.Context(), r)
		}
		return err
	}))
	v, err := l.Read(t.Context(), l.ann, ids[5], "queue")
	l.must(err)
	for _, other := range v.Campaign {
		if other.ID == ids[3] {
			t.Errorf("%d others, and it is one of them", len(v.Campaign))
		}
	}
	if len(v.Campaign) != 5 {
		t.Errorf("%d others", len(v.Campaign))
	}
}
