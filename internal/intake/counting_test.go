package intake_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
)

// slowSizes is a store of blobs that doesn't say how large they are until it is told to.
type slowSizes struct {
	blob.Store
	asked, goOn chan struct{}
}

func (s slowSizes) Size(ctx context.Context, key string) (int64, error) {
	s.asked <- struct{}{}
	<-s.goOn
	return s.Store.Size(ctx, key)
}

// patientSizes is a store of blobs that notes whether who asks how large they are waits for ever.
type patientSizes struct {
	blob.Store
	deadlines chan bool
}

func (s patientSizes) Size(ctx context.Context, key string) (int64, error) {
	_, ends := ctx.Deadline()
	s.deadlines <- ends
	return s.Store.Size(ctx, key)
}

func TestACountOfWhatIsStagedEnds(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	if _, err := intake.New(l.config).Stage(t.Context(), "before.txt", strings.NewReader("gas")); err != nil {
		t.Fatal(err)
	}
	asked := patientSizes{l.config.Blobs, make(chan bool, 10)}
	l.config.Blobs = asked
	if _, err := intake.New(l.config).Stage(t.Context(), "one.txt", strings.NewReader("gas")); err != nil {
		t.Fatal(err)
	}
	if !<-asked.deadlines {
		t.Error("a bucket that never answers is asked for ever")
	}
}

func TestAFileDoesNotWaitForTheFirstCountOfAllThatAreStaged(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	if _, err := intake.New(l.config).Stage(t.Context(), "before.txt", strings.NewReader("gas")); err != nil {
		t.Fatal(err)
	}
	slow := slowSizes{l.config.Blobs, make(chan struct{}, 10), make(chan struct{})}
	l.config.Blobs = slow
	in := intake.New(l.config) // as after a start
	var both sync.WaitGroup
	for _, name := range []string{"one.txt", "two.txt"} {
		both.Go(func() {
			if _, err := in.Stage(t.Context(), name, strings.NewReader("gas")); err != nil {
				t.Errorf("while it counts: %v", err)
			}
		})
	}
	both.Wait()
	close(slow.goOn)
	if n := len(slow.asked); n < 1 || n > 3 { // both may be noted by the time it lists them
		t.Errorf("it asked for %d sizes", n)
	}
}
