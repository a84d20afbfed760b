package keystore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
)

func TestADirectoryIsAKeystore(t *testing.T) {
	testKeystore(t, func(t *testing.T) (Keystore, func() Keystore) {
		dir := filepath.Join(t.TempDir(), "made", "on", "demand")
		return openDirectory(t, dir), func() Keystore { return openDirectory(t, dir) }
	})
}

func openDirectory(t *testing.T, dir string) *Directory {
	t.Helper()
	d, err := OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheKeystoresDirectoryAndFilesAreTheirOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	d := openDirectory(t, dir)
	if err := d.Put(context.Background(), "day/2026-11-23/transit.aa", []byte("secret")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDirectory(dir); !errors.Is(err, heed.ErrInvalid) {
		t.Fatalf("a directory that its group reads was opened: %v", err)
	}
}

func TestADamagedOrRenamedKeyIsNotHandedOut(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	if err := d.Put(ctx, "pepper", bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(d.path("pepper"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path("draft"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(ctx, "draft"); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("under another name: %v", err)
	}
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		for _, b := range [][]byte{changed, whole[:i]} {
			if err := os.WriteFile(d.path("pepper"), b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Get(ctx, "pepper"); !errors.Is(err, heed.ErrSealed) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

// crash is what a test's step panics with, where a process would die.
type crash struct{}

// crashing runs fn on a handle that dies at the step, and says whether it did.
func crashing(t *testing.T, d *Directory, step string, fn func() error) (died bool) {
	t.Helper()
	d.at = func(s string) {
		if s == step {
			panic(crash{})
		}
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			died = true
		}
	}()
	if err := fn(); err != nil {
		t.Fatal(err)
	}
	return false
}

func TestADestructionCutShortAnywhereIsCompletedByAnother(t *testing.T) {
	ctx := context.Background()
	for _, step := range []string{"overwritten", "unlinked"} {
		dir := filepath.Join(t.TempDir(), "keys")
		d := openDirectory(t, dir)
		if err := d.Put(ctx, "day/2026-11-23/transit.aa", []byte("secret")); err != nil {
			t.Fatal(err)
		}
		if !crashing(t, d, step, func() error { return d.Delete(ctx, "day/2026-11-23/transit.aa") }) {
			t.Fatalf("never came to %q", step)
		}
		again := openDirectory(t, dir)
		if b, err := again.Get(ctx, "day/2026-11-23/transit.aa"); err == nil {
			t.Fatalf("after %q it still gives %q", step, b)
		}
		names, err := again.List(ctx, "day/")
		if err != nil {
			t.Fatal(err)
		}
		if step == "overwritten" && len(names) != 1 {
			t.Fatalf("a half-destroyed key must stay listed, or nobody would finish it: %v", names)
		}
		if err := again.PutBeside(ctx, "day/2026-11-23/further", []byte("secret"), "day/2026-11-23/transit.aa"); err == nil {
			t.Fatalf("after %q something was laid beside it", step)
		}
		for _, n := range names {
			if err := again.Delete(ctx, n); err != nil {
				t.Fatal(err)
			}
		}
		holdsNot(t, dir, "secret")
		if names, err := again.List(ctx, ""); err != nil || len(names) > 0 {
			t.Fatalf("left: %v, %v", names, err)
		}
	}
}

func TestAWriteCutShortAnywhereLeavesTheOldValueOrTheNew(t *testing.T) {
	ctx := context.Background()
	for _, step := range []string{"written", "old held", "renamed", "overwritten", "unlinked", "placed"} {
		dir := filepath.Join(t.TempDir(), "keys")
		d := openDirectory(t, dir)
		if err := d.Create(ctx, "content", []byte("old-value")); err != nil {
			t.Fatal(err)
		}
		if !crashing(t, d, step, func() error { return d.Put(ctx, "content", []byte("new-value")) }) {
			t.Fatalf("never came to %q", step)
		}
		again := openDirectory(t, dir) // sweeps
		got, err := again.Get(ctx, "content")
		if err != nil || (string(got) != "old-value" && string(got) != "new-value") {
			t.Fatalf("after %q: %q, %v", step, got, err)
		}
		other := map[string]string{"old-value": "new-value", "new-value": "old-value"}[string(got)]
		holdsNot(t, dir, other)
	}
}

func TestWhatACrashLeftInTheMakingGoesWithTheNextDestruction(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "keys")
	crashed, worker := openDirectory(t, dir), openDirectory(t, dir)
	if err := worker.Put(ctx, "day/2026-11-23/first", []byte("seed")); err != nil {
		t.Fatal(err)
	}
	share := func() error {
		return crashed.PutBeside(ctx, "day/2026-11-23/further", []byte("secret"), "day/2026-11-23/first")
	}
	if !crashing(t, crashed, "written", share) {
		t.Fatal("it never came to be written")
	}
	if err := worker.Delete(ctx, "day/2026-11-23/first"); err != nil {
		t.Fatal(err)
	}
	holdsNot(t, dir, "secret")
}

// holdsNot fails if any file under dir holds the text.
func holdsNot(t *testing.T, dir, text string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			t.Errorf("%s still holds %q", e.Name(), text)
		}
	}
}

func TestADestroyedKeysBytesAreOverwrittenBeforeTheirNameGoes(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "keys")
	d := openDirectory(t, dir)
	if err := d.Put(ctx, "day/2026-11-23/transit.aa", []byte("secret")); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(d.path("day/2026-11-23/transit.aa")) // as one who undeletes would hold it
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := d.Delete(ctx, "day/2026-11-23/transit.aa"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := held.ReadAt(b, 0)
	if n == 0 || strings.Contains(string(b[:n]), "secret") {
		t.Fatalf("the file's %d bytes still hold the value: %v", n, err)
	}
}

func FuzzUnpack(f *testing.F) {
	packed := pack("pepper", bytesOf(1))
	f.Add("pepper", packed)
	f.Add("draft", packed)
	f.Add("pepper", packed[:fileHead])
	f.Add("pepper", []byte{})
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		value, err := unpack(name, b)
		switch {
		case err == nil && !bytes.Equal(pack(name, value), b):
			t.Fatalf("%x is read as %x", b, value)
		case err != nil && (value != nil || !errors.Is(err, heed.ErrSealed)):
			t.Fatalf("%x, %v", value, err)
		case name == "pepper" != (err == nil) && bytes.Equal(b, packed):
			t.Fatalf("read under the name %q: %v", name, err)
		}
	})
}
