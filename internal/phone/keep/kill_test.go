package keep_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/keep"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// speaksIn has this package's test program record a call in the folder until it is killed.
const speaksIn = "HEED_TEST_SPEAKS_IN"

// speak is the process that is killed: it has what a phone's process has, the store and public keys, and says how many frames it
// has heard.
func speak(dir string) {
	check := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		check(err)
		return b
	}
	ctx, log := context.Background(), slog.New(slog.NewTextHandler(os.Stderr, nil))
	store, err := sqlite.Open(ctx, filepath.Join(dir, "heed.db"), sqlite.Options{})
	check(err)
	blobs, err := blob.OpenDirectory(filepath.Join(dir, "blobs"))
	check(err)
	audit, err := seal.ParseVerifier(read("audit"))
	check(err)
	content, err := seal.ParsePublicKey(read("content"))
	check(err)
	days := identity.NewSealer(store, audit, "test")
	clock := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	in := intake.New(intake.Config{
		Store: store, Blobs: blobs, Line: "test", ContentKey: content, Days: days, Now: clock, Log: log,
		Limits: intake.Limits{Files: 3, FileBytes: 1 << 20, TotalBytes: 2 << 20}, Languages: []string{"en"},
	})
	r, err := keep.New(keep.Config{Store: store, Intake: in, Days: days, Line: "test", Now: clock, Log: log}).Begin(ctx, "en")
	check(err)
	check(r.NewTake(ctx))
	check(r.LeaveNumber(ctx, number))
	said, tick := frames(100, 440), time.NewTicker(sound.FrameTime/2)
	for i := 0; ; i++ {
		<-tick.C
		check(r.Write(&said[i%len(said)]))
		fmt.Println(i + 1)
	}
}

// number is one that a caller left.
const number = "+442079460123"

// hidden fails where any file of the folder, database and its journal among them, holds what was said or the number in clear.
func (l *line) hidden(dir, when string) {
	l.Helper()
	said := frames(2, 440)
	pcm, err := binary.Append(nil, binary.LittleEndian, said[1][:])
	l.must(err)
	clear := map[string][]byte{"the sound in µ-law": coded(said)[160:200], "the sound in PCM": pcm[:64], "the number": []byte(number), "a file's name": []byte("call-1.au")}
	searched := 0
	l.must(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // a journal that has just gone
			return nil
		}
		searched += len(b)
		for what, in := range clear {
			if bytes.Contains(b, in) {
				l.Errorf("%s %s holds %s", when, path, what)
			}
		}
		return err
	}))
	if searched < 16_000 {
		l.Errorf("%s there are %d bytes", when, searched)
	}
}

func TestWhatWasSaidBeforeAKillIsAReportButForTheLastTwoSeconds(t *testing.T) {
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, dir), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := newLine(t, dir, store, store)
	l.must(os.WriteFile(filepath.Join(dir, "content"), l.content.Public().Bytes(), 0o600))
	l.must(os.WriteFile(filepath.Join(dir, "audit"), l.audit.Bytes(), 0o600))

	call := exec.CommandContext(t.Context(), os.Args[0])
	call.Env = append(os.Environ(), speaksIn+"="+dir)
	call.Stderr = t.Output()
	out, err := call.StdoutPipe()
	l.must(err)
	l.must(call.Start())
	lines, spoken := bufio.NewScanner(out), 0
	for lines.Scan() {
		if spoken, err = strconv.Atoi(strings.TrimSpace(lines.Text())); err != nil {
			t.Fatalf("the call says %q", lines.Text())
		}
		if spoken == 385 {
			l.hidden(dir, "while it is spoken")
			l.must(call.Process.Kill()) // SIGKILL
			break
		}
	}
	_, err = io.Copy(io.Discard, out)
	l.must(err)
	if err := call.Wait(); err == nil || call.ProcessState.Exited() {
		t.Fatalf("the process ended by itself: %v", err)
	}
	l.hidden(dir, "after the kill")
	l.dies(t.Context())
	l.dies(t.Context())
	named := l.begin("en")
	l.says(named, frames(100, 440))
	l.must(named.LeaveNumber(t.Context(), number))
	_, err = named.Submit(t.Context())
	l.must(err)
	l.hidden(dir, "after it was handed in")
	reports, calls := l.reports()
	if len(reports) != 2 || calls != 0 {
		t.Fatalf("%d reports, %d calls", len(reports), calls)
	}
	for _, r := range reports {
		if !r.Named {
			t.Error("a number that was left is lost")
		}
	}
	dead := reports[0]
	if len(l.files(reports[1].ID)[0]) > len(l.files(reports[0].ID)[0]) {
		dead = reports[1]
	}
	kept := (len(l.files(dead.ID)[0]) - 24) / sound.FrameSamples
	if lost := spoken - kept; lost > 100 {
		t.Errorf("of %d frames the last %d are lost", spoken, lost)
	}
	whole := append(append(append(frames(100, 440), frames(100, 440)...), frames(100, 440)...), frames(100, 440)...)
	l.isRecording(l.files(dead.ID)[0], whole[:kept])
}
