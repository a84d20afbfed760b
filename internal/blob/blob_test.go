package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
)

func TestADirectoryKeepsBlobsAsEveryStoreMust(t *testing.T) {
	conform(t, func(t *testing.T) blob.Place {
		d, err := blob.OpenDirectory(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}

// conform is what every implementation is held to.
func conform(t *testing.T, open func(*testing.T) blob.Place) {
	ctx := context.Background()
	write := func(t *testing.T, s blob.Store, body []byte) string {
		t.Helper()
		w, err := s.Create(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(ctx, w.Key()); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("open before commit: %v", err)
		}
		if err := w.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		if err := w.Abort(); err != nil {
			t.Errorf("abort after commit: %v", err)
		}
		return w.Key()
	}
	read := func(t *testing.T, s blob.Store, key string) []byte {
		t.Helper()
		r, err := s.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Run("what was committed is read back", func(t *testing.T) {
		s := open(t)
		for _, size := range []int{0, 1, 1 << 20} {
			body := make([]byte, size)
			rand.Read(body)
			if got := read(t, s, write(t, s, body)); !bytes.Equal(got, body) {
				t.Errorf("%d bytes came back as %d", size, len(got))
			}
		}
	})
	t.Run("a part of a blob is read alone", func(t *testing.T) {
		s := open(t)
		body := make([]byte, 300_000)
		rand.Read(body)
		key, empty := write(t, s, body), write(t, s, nil)
		for _, c := range []struct {
			key          string
			from, length int64
			want         []byte
		}{
			{key, 0, 10, body[:10]}, {key, 0, 0, nil}, {key, 131_072, 65_536, body[131_072:196_608]},
			{key, 299_990, 100, body[299_990:]}, {key, 300_000, 1, nil}, {key, 1 << 40, 1, nil}, {key, 0, math.MaxInt64, body}, {empty, 0, 5, nil},
		} {
			r, err := s.OpenRange(ctx, c.key, c.from, c.length)
			if err != nil {
				t.Errorf("%d bytes from %d: %v", c.length, c.from, err)
				continue
			}
			got, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("%d bytes from %d came as %d, %v", c.length, c.from, len(got), err)
			}
		}
		for _, bad := range [][2]int64{{-1, 1}, {1, -1}, {1, math.MaxInt64}} {
			if _, err := s.OpenRange(ctx, key, bad[0], bad[1]); !errors.Is(err, heed.ErrInvalid) {
				t.Errorf("%d bytes from %d: %v", bad[1], bad[0], err)
			}
		}
		for _, none := range []string{"../../etc/passwd", strings.Repeat("0", 32)} {
			for _, length := range []int64{0, 1} {
				if _, err := s.OpenRange(ctx, none, 0, length); !errors.Is(err, heed.ErrNotFound) {
					t.Errorf("of none: %v", err)
				}
			}
		}
	})
	t.Run("what was aborted is gone", func(t *testing.T) {
		s := open(t)
		w, err := s.Create(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("half")); err != nil {
			t.Fatal(err)
		}
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(ctx, w.Key()); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("open: %v", err)
		}
	})
	t.Run("a new place is empty, and no longer once it keeps a blob", func(t *testing.T) {
		s := open(t)
		if empty, err := s.Empty(ctx); !empty || err != nil {
			t.Errorf("new: %v, %v", empty, err)
		}
		write(t, s, []byte("gas"))
		if empty, err := s.Empty(ctx); empty || err != nil {
			t.Errorf("later: %v, %v", empty, err)
		}
	})
	t.Run("what was deleted is gone, once", func(t *testing.T) {
		s := open(t)
		key := write(t, s, []byte("gas"))
		if size, err := s.Size(ctx, key); err != nil || size != 3 {
			t.Errorf("size %d, %v", size, err)
		}
		if err := s.Delete(ctx, key); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(ctx, key); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("open: %v", err)
		}
		if err := s.Delete(ctx, key); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("delete again: %v", err)
		}
		if _, err := s.Size(ctx, key); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("size: %v", err)
		}
	})
	t.Run("nothing but a key names a blob", func(t *testing.T) {
		s := open(t)
		for _, key := range []string{"", ".", "../../etc/passwd", strings.Repeat("0", 31), strings.Repeat("0", 33), strings.Repeat("0", 31) + "/", strings.Repeat("0", 31) + "\n", strings.Repeat("U", 32)} {
			if _, err := s.Open(ctx, key); !errors.Is(err, heed.ErrNotFound) {
				t.Errorf("open %q: %v", key, err)
			}
			if err := s.Delete(ctx, key); !errors.Is(err, heed.ErrNotFound) {
				t.Errorf("delete %q: %v", key, err)
			}
		}
	})
	t.Run("many write at once", func(t *testing.T) {
		s := open(t)
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				body := make([]byte, 10_000)
				rand.Read(body)
				if got := read(t, s, write(t, s, body)); !bytes.Equal(got, body) {
					t.Error("another's bytes came back")
				}
			})
		}
		wg.Wait()
	})
}

func TestWhatADeadProcessLeftUnfinishedIsRemovedADayLater(t *testing.T) {
	root := t.TempDir()
	shard := filepath.Join(root, "ab")
	if err := os.Mkdir(shard, 0o700); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(shard, "old.part"), filepath.Join(shard, "young.part")
	for _, p := range []string{old, young} {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	d, err := blob.OpenDirectory(root)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.RemoveAbandoned(t.Context(), time.Now().Add(-blob.AbandonedAfter)); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one: %v", err)
	}
}
