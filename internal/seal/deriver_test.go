package seal

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

const someReceipt Receipt = "01234567890123456789"

func derive(t testing.TB, d *Deriver, r Receipt) ReceiptKeys {
	t.Helper()
	k, err := d.Derive(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAReceiptGivesTheSameKeysOnItsLineAndOthersElsewhere(t *testing.T) {
	pepper, salt := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 16)
	want := derive(t, NewDeriver(pepper, salt, 1, 0), someReceipt)
	if again := derive(t, NewDeriver(pepper, salt, 4, 9), someReceipt); !bytes.Equal(want.Lookup, again.Lookup) || want.Key != again.Key {
		t.Fatal("another process derives other keys")
	}
	if len(want.Lookup) != 32 || bytes.Equal(want.Lookup, want.Key[:]) {
		t.Fatal("the lookup, which the store holds, must not be the key")
	}
	others := map[string]ReceiptKeys{
		"another receipt": derive(t, NewDeriver(pepper, salt, 1, 0), "01234567890123456788"),
		"another pepper":  derive(t, NewDeriver(bytes.Repeat([]byte{3}, 32), salt, 1, 0), someReceipt),
		"another salt":    derive(t, NewDeriver(pepper, bytes.Repeat([]byte{3}, 16), 1, 0), someReceipt),
		"swapped":         derive(t, NewDeriver(salt, pepper, 1, 0), someReceipt),
	}
	for what, k := range others {
		if bytes.Equal(k.Lookup, want.Lookup) || k.Key == want.Key {
			t.Errorf("%s gives the same keys", what)
		}
	}
}

func TestAFullWaitingLineAnswersBusyAtOnce(t *testing.T) {
	d := NewDeriver([]byte("pepper"), []byte("salt"), 1, 2)
	if err := d.queue.enter(context.Background(), Party{}); err != nil { // somebody derives
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() { _, errs[i] = d.Derive(ctx, someReceipt) })
	}
	for all, _ := d.Waiting(); all < 2; all, _ = d.Waiting() {
		time.Sleep(time.Millisecond)
	}
	if _, err := d.Derive(context.Background(), someReceipt); !errors.Is(err, heed.ErrBusy) {
		t.Fatalf("got %v", err)
	}
	cancel()
	wg.Wait()
	for _, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("one who waited: %v", err)
		}
	}
	d.queue.leave()
	if inside, waiting := d.queue.count(); inside+waiting != 0 {
		t.Fatal("a place in the line was not given back")
	}
	derive(t, d, someReceipt)
}

func TestACancelledCallerDerivesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 20 { // select chooses at random between a free place and an ended context
		if _, err := NewDeriver([]byte("p"), []byte("s"), 1, 0).Derive(ctx, someReceipt); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestNeverMoreDerivationsRunThanMay(t *testing.T) {
	d := NewDeriver([]byte("pepper"), []byte("salt"), 2, 100)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() { derive(t, d, someReceipt) })
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for {
		select {
		case <-done:
			return
		default:
			if n, _ := d.queue.count(); n > 2 {
				t.Errorf("%d at once", n)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

func BenchmarkReceiptDerive(b *testing.B) {
	d := NewDeriver(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 16), 1, 0)
	for b.Loop() {
		derive(b, d, someReceipt)
	}
}
