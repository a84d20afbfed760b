package review_test

import (
	"testing"

	"github.com/heed-line/heed"
)

func TestWhatAnotherProcessErasesIsForgottenAtTheNextTick(t *testing.T) {
	l := newLine(t)
	ids := l.submit(blocked, "Somebody sells stolen bicycles behind the swimming pool every Friday evening.")
	l.must(l.Screen(t.Context(), ids...))
	l.must(l.Tick(t.Context()))
	for _, id := range ids {
		if !l.Remembers(id) {
			t.Fatal("it isn't remembered, so that there is nothing to forget")
		}
	}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.DestroyKey(t.Context(), ids[0]) }))
	l.must(l.Tick(t.Context()))
	if l.Remembers(ids[0]) {
		t.Error("its text is in memory still")
	}
	if !l.Remembers(ids[1]) {
		t.Error("the other one is forgotten")
	}
}
