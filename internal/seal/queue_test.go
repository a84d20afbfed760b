package seal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

// waitingLine puts so many of each party into the queue's line, in this order, and notes in which they come in.
type waitingLine struct {
	t     *testing.T
	q     *queue
	group sync.WaitGroup
	mu    sync.Mutex
	came  []uint64
	fresh bool // whether they are newcomers'
}

func (l *waitingLine) put(party uint64, n int) {
	l.t.Helper()
	for range n {
		_, before := l.q.count()
		fresh := l.fresh
		l.group.Go(func() {
			if err := l.q.enter(context.Background(), Party{ID: party, New: fresh}); err != nil {
				l.t.Error(err)
				return
			}
			l.mu.Lock()
			l.came = append(l.came, party)
			l.mu.Unlock()
			l.q.leave()
		})
		for _, now := l.q.count(); now == before; _, now = l.q.count() {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

func TestPartiesTakeTurnsHoweverManyOneSends(t *testing.T) {
	q := newQueue(1, 100)
	if err := q.enter(context.Background(), Party{ID: 9}); err != nil {
		t.Fatal(err)
	}
	l := &waitingLine{t: t, q: q}
	l.put(1, 20)
	l.put(2, 2)
	l.put(3, 1)
	q.leave()
	l.group.Wait()
	if want := []uint64{1, 2, 3, 1, 2, 1, 1}; !slices.Equal(l.came[:7], want) {
		t.Errorf("came in as %v, want %v first", l.came, want)
	}
	if inside, waiting := q.count(); inside != 0 || waiting != 0 || len(q.parties) != 0 || q.others.Len() != 0 {
		t.Errorf("%d inside, %d waiting, %d lines, %d turns are left", inside, waiting, len(q.parties), q.others.Len())
	}
}

func TestOnePartyLeavesHalfOfTheWaitingLineToOthers(t *testing.T) {
	q := newQueue(1, 8)
	if err := q.enter(context.Background(), Party{ID: 1}); err != nil {
		t.Fatal(err)
	}
	l := &waitingLine{t: t, q: q}
	l.put(1, 4)
	if err := q.enter(context.Background(), Party{ID: 1}); !errors.Is(err, heed.ErrBusy) {
		t.Fatalf("one more of the same: %v", err)
	}
	l.put(2, 4)
	if err := q.enter(context.Background(), Party{ID: 3}); !errors.Is(err, heed.ErrBusy) {
		t.Fatalf("a full line: %v", err)
	}
	q.leave()
	l.group.Wait()
}

func TestAPartyThatIsNewNoMoreLeavesHalfOfTheWaitingLineToOthersAllTheSame(t *testing.T) {
	q := newQueue(1, 8)
	if err := q.enter(context.Background(), Party{ID: 9}); err != nil {
		t.Fatal(err)
	}
	l := &waitingLine{t: t, q: q, fresh: true}
	l.put(1, 3)
	l.fresh = false
	l.put(1, 1)
	for _, isNew := range []bool{false, true} {
		if err := q.enter(context.Background(), Party{ID: 1, New: isNew}); !errors.Is(err, heed.ErrBusy) {
			t.Errorf("one more of the same, new %v: %v", isNew, err)
		}
	}
	l.put(2, 4)
	q.leave()
	l.group.Wait()
}

func TestWhetherAPartyIsNewIsAskedWhenItBeginsToWait(t *testing.T) {
	isNew := true
	ctx := WithParty(context.Background(), func() Party { return Party{ID: 1, New: isNew} })
	isNew = false // the request lay, and much came of the same network meanwhile
	if p := PartyOf(ctx); p != (Party{ID: 1}) {
		t.Errorf("%+v", p)
	}
	if p := PartyOf(context.Background()); p != (Party{}) {
		t.Errorf("nobody in particular: %+v", p)
	}
}

func TestOneWhoGivesUpWaitingLeavesNoGap(t *testing.T) {
	q := newQueue(1, 8)
	if err := q.enter(context.Background(), Party{ID: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	left := make(chan error)
	go func() { left <- q.enter(ctx, Party{ID: 2}) }()
	for _, n := q.count(); n == 0; _, n = q.count() {
		time.Sleep(100 * time.Microsecond)
	}
	l := &waitingLine{t: t, q: q}
	l.put(2, 1)
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	q.leave()
	l.group.Wait()
	if inside, waiting := q.count(); inside != 0 || waiting != 0 || q.others.Len() != 0 {
		t.Errorf("%d inside, %d waiting", inside, waiting)
	}
}

func TestANewcomerGoesBeforeTheOthersAndNewcomersKeepNobodyOut(t *testing.T) {
	q := newQueue(1, 200)
	if err := q.enter(context.Background(), Party{ID: 9}); err != nil {
		t.Fatal(err)
	}
	l := &waitingLine{t: t, q: q}
	l.put(1, 2)
	l.put(2, 1)
	l.fresh = true
	l.put(1, 1)
	l.put(3, 2)
	if n := q.newcomers(); n != 2 {
		t.Errorf("%d newcomers", n)
	}
	for range newcomersInARow {
		l.put(4, 1)
	}
	q.leave()
	l.group.Wait()
	if want := []uint64{1, 3, 4, 3, 4}; !slices.Equal(l.came[:5], want) {
		t.Errorf("came in as %v, want %v first", l.came, want)
	}
	if want := []uint64{4, 1, 4, 4, 4, 2, 1}; !slices.Equal(l.came[newcomersInARow-1:], want) {
		t.Errorf("came in last as %v, want %v", l.came[newcomersInARow-1:], want)
	}
	if len(q.parties) != 0 || q.fresh.Len() != 0 || q.others.Len() != 0 {
		t.Errorf("%d lines are left", len(q.parties))
	}
}
