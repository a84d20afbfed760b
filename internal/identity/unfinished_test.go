package identity

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
)

// unfinished is what the doctor is told.
func (l *line) unfinished() []Unfinished {
	l.t.Helper()
	all, err := l.Unfinished(l.t.Context())
	l.must(err)
	return all
}

// Of two who agree to a removal at once one is too late, and takes nothing with them of what the other has still to do.
func TestARemovalThatFailsLeavesAnotherOfTheSameToBeCompleted(t *testing.T) {
	for steps := 0; ; steps++ {
		l := newLine(t)
		dana, eve, bo := l.threeCustodians()
		late := &stopping{Keystore: l.keys, left: steps, then: func() {
			err := l.custody(l.store, &dyingAt{l.keys, 1}).RemoveByOperator(t.Context(), eve, bo.ID, passphrase)
			if !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
		}}
		refused := word{dana.ID, func(*circle) error { return heed.ErrForbidden }}
		if err := l.custody(l.store, late).remove(t.Context(), bo.ID, refused, operatorAgrees); err == nil {
			t.Fatal("a removal to which nobody agreed")
		}
		if late.then != nil { // there is no further step
			if steps < 1 {
				t.Errorf("only %d steps", steps)
			}
			return
		}
		l.must(l.EnsureDays(t.Context(), l.now))
		l.wantCounting("dana", "eve")
		if seeds := l.seedsOf(bo.ID); len(seeds) > 0 {
			t.Errorf("before step %d: the seeds stay: %v", steps, seeds)
		}
	}
}

func TestTwoWhoCompleteARemovalAndAReplacementAtOnceBothEndWell(t *testing.T) {
	l := newLine(t)
	_, eve, bo := l.threeCustodians()
	if err := l.custody(l.store, &dyingAt{l.keys, 1}).RemoveByOperator(t.Context(), eve, bo.ID, passphrase); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	l.must(l.keys.Put(t.Context(), noteReplaced, []byte("1")))
	var together sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		together.Go(func() { errs[i] = l.another(l.store, l.keys).EnsureDays(t.Context(), l.now) })
	}
	together.Wait()
	l.must(errors.Join(errs...))
	if left := l.unfinished(); len(left) > 0 || len(l.seedsOf(bo.ID)) > 0 {
		t.Errorf("left: %v, %v", left, l.seedsOf(bo.ID))
	}
}

// halfGone is a real keystore in which another process is in the midst of destroying one name.
type halfGone struct {
	keystore.Keystore
	name string
}

func (h *halfGone) Get(ctx context.Context, name string) ([]byte, error) {
	if name == h.name {
		return nil, heed.ErrSealed
	}
	return h.Keystore.Get(ctx, name)
}

func TestANoteThatIsHalfDestroyedKeepsNobodyFromCompletingIt(t *testing.T) {
	l := newLine(t)
	l.threeCustodians()
	l.must(l.keys.Put(t.Context(), noteReplaced, []byte("1")))
	l.must(l.another(l.store, &halfGone{l.keys, noteReplaced}).EnsureDays(t.Context(), l.now))
	if left := l.unfinished(); len(left) > 0 {
		t.Errorf("left to do: %v", left)
	}
}

func TestTheWorkerForgetsWhatNeverHappened(t *testing.T) {
	l := newLine(t)
	dana, _, _ := l.threeCustodians()
	seeds := l.seedsOf(dana.ID)
	l.must(errors.Join(l.keys.Put(t.Context(), noteReplaced, []byte("99")), l.keys.Put(t.Context(), prefixRemoved+string(dana.ID), []byte(dana.ID))))
	if left := l.unfinished(); !slices.Equal(left, []Unfinished{{"", false}, {"dana", false}}) {
		t.Errorf("left to do: %v", left)
	}
	l.must(l.EnsureDays(t.Context(), l.now))
	if left := l.unfinished(); len(left) > 0 {
		t.Errorf("left to do: %v", left)
	}
	l.wantCounting("bo", "dana", "eve")
	if now := l.seedsOf(dana.ID); !slices.Equal(now, seeds) {
		t.Errorf("her seeds were %v, are %v", seeds, now)
	}
}
