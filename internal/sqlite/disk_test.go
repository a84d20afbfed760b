package sqlite_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestADestroyedKeyIsNowhereInTheFilesOnceScrubbed(t *testing.T) {
	dir := t.TempDir()
	s := openFile(t, filepath.Join(dir, "heed.db"))
	key := make([]byte, 1216)
	rand.Read(key)
	r := &heed.Report{ID: heed.NewID(time.Now()), State: heed.Closed, Urgency: heed.Normal}
	ctx := t.Context()
	if err := s.Update(ctx, func(tx heed.Tx) error { return tx.AddReport(ctx, r, key) }); err != nil {
		t.Fatal(err)
	}
	if !inFiles(t, dir, key[40:90]) {
		t.Error("the key was never there: this test looks in the wrong place")
	}
	if err := s.Update(ctx, func(tx heed.Tx) error { return tx.DestroyKey(ctx, r.ID) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	// A part from the middle: a page of the journal may hold the key in two pieces.
	for at := 0; at+50 < len(key); at += 50 {
		if inFiles(t, dir, key[at:at+50]) {
			t.Fatalf("bytes %d to %d of the key are still there", at, at+50)
		}
	}
}

func inFiles(t *testing.T, dir string, want []byte) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, want) {
			return true
		}
	}
	return false
}

func TestScrubbingBesideALongReaderIsBusy(t *testing.T) {
	s := open(t)
	if err := put(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	err := s.View(t.Context(), func(tx heed.Tx) error {
		if _, err := tx.Setting(t.Context(), "x"); err != nil {
			return err
		}
		if err := put(t.Context(), s, "y"); err != nil {
			return err
		}
		return s.Scrub(t.Context())
	})
	if !errors.Is(err, heed.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNoFileOfTheStoreIsOpenToOthers(t *testing.T) {
	dir := t.TempDir()
	s := openFile(t, filepath.Join(dir, "heed.db"))
	if err := put(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(f), info.Mode().Perm())
		}
	}
}

// victim names the file of a process that writes until it is killed.
const victim = "HEED_TEST_SQLITE_VICTIM"

// TestVictim is that process: it says what was answered as written.
func TestVictim(t *testing.T) {
	path := os.Getenv(victim)
	if path == "" {
		t.Skip("this is run by TestWhatWasAnsweredSurvivesAKill")
	}
	s := openFile(t, path)
	var said sync.Mutex
	for w := range 16 {
		go func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n)
				if err := put(t.Context(), s, name); err != nil {
					panic(err)
				}
				said.Lock()
				fmt.Println("written " + name)
				said.Unlock()
			}
		}()
	}
	select {}
}

func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heed.db")
	var written []string
	for range 5 {
		dies := exec.Command(os.Args[0], "-test.run", "^TestVictim$")
		dies.Env = append(os.Environ(), victim+"="+path)
		out, err := dies.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := dies.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if name, ok := strings.CutPrefix(lines.Text(), "written "); ok {
				written = append(written, name)
			}
			if n == 100 {
				if err := dies.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := dies.Wait(); err == nil {
			t.Fatal("the victim ended by itself")
		}
	}
	s := openFile(t, path)
	for _, name := range written {
		if !has(t, s, name) {
			t.Errorf("%s is lost", name)
		}
	}
	t.Logf("%d written", len(written))
}
