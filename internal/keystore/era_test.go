package keystore

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	heed "github.com/heed-line/heed"
)

func wantEra(t *testing.T, ks Keystore, want uint64) {
	t.Helper()
	if era, err := Era(context.Background(), ks); err != nil || era != want {
		t.Errorf("the era is %d, %v; want %d", era, err, want)
	}
}

func TestTheErasOfCustodiansGrowAndNoSlowProcessSetsThemBack(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	if _, err := Era(ctx, d); !errors.Is(err, heed.ErrNotFound) {
		t.Fatalf("a keystore of before: %v", err)
	}
	if _, err := LoadRing(ctx, d, nil); err != nil {
		t.Fatal(err)
	}
	wantEra(t, d, 0)
	for _, era := range []uint64{1, 2, 9, 10, 3, 10} { // 10 is after 9, though not in the order of letters
		if err := RaiseEra(ctx, d, era); err != nil {
			t.Fatal(err)
		}
	}
	wantEra(t, d, 10)
	if err := d.Create(ctx, nameEra(4), []byte("late")); err != nil { // between its look and its write the others went on
		t.Fatal(err)
	}
	wantEra(t, d, 10)
	var together sync.WaitGroup
	for i := range 8 {
		together.Go(func() {
			if err := RaiseEra(ctx, d, 11+uint64(i%3)); err != nil {
				t.Error(err)
			}
			if _, err := Era(ctx, d); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	wantEra(t, d, 13)
}

func TestTheErasNumberComesBackWithARestoredKeystoreAndNeverReplacesALaterOne(t *testing.T) {
	ctx := context.Background()
	lost, anew := openDirectory(t, filepath.Join(t.TempDir(), "lost")), openDirectory(t, filepath.Join(t.TempDir(), "anew"))
	if _, err := LoadRing(ctx, lost, nil); err != nil {
		t.Fatal(err)
	}
	if err := RaiseEra(ctx, lost, 3); err != nil {
		t.Fatal(err)
	}
	kept, err := ExportRecovery(ctx, lost)
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Restore(ctx, anew); err != nil {
		t.Fatal(err)
	}
	wantEra(t, anew, 3)
	if err := RaiseEra(ctx, lost, 4); err != nil {
		t.Fatal(err)
	}
	if err := kept.Restore(ctx, lost); err != nil {
		t.Fatal(err)
	}
	wantEra(t, lost, 4)
}
