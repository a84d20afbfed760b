package desk

import (
	"log/slog"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestABurstOfEventsReachesThoseWhoListenAtOnce(t *testing.T) {
	const burst = 1800
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	h := newHub(store, slog.New(slog.DiscardHandler))
	defer h.stop()
	events, leave, err := h.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	err = store.Update(t.Context(), func(tx heed.Tx) error {
		for range burst {
			if err := tx.Publish(t.Context(), &heed.DeskEvent{At: time.Now(), Kind: "report.changed"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	late := time.After(pollEvery + 1200*time.Millisecond) // page after page at its own turn: 1.6 s and more
	for n := range burst {
		select {
		case _, open := <-events:
			if !open {
				t.Fatalf("let go after %d events", n)
			}
		case <-late:
			t.Fatalf("%d events of %d came in time", n, burst)
		}
	}
}
