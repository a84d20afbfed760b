package clamd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/profile"
)

func client(address string) *clamd.Client { return clamd.New(profile.Clamd{Address: address}) }

func TestARealClamdFindsWhatItKnowsAndSaysWhatItDoesNotLookAt(t *testing.T) {
	socket, stop := mediatest.Clamd(t)
	c := client(socket)
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("a yard. "), 1<<20) // 8 MiB
	for _, f := range []struct {
		what  string
		file  []byte
		found string
		err   error
	}{
		{"an empty file", nil, "", nil},
		{"a harmless one", large[:900<<10], "", nil},
		{"one that it knows", mediatest.Eicar(), mediatest.EicarName, nil},
		{"one that it knows, far behind", append(bytes.Clone(large[:200<<10]), mediatest.Eicar()...), mediatest.EicarName, nil},
		{"one that is larger than it takes", large, "", clamd.ErrUnscanned},
	} {
		found, err := c.Scan(t.Context(), bytes.NewReader(f.file))
		if found != f.found || !errors.Is(err, f.err) {
			t.Errorf("%s: %q, %v", f.what, found, err)
		}
	}
	own := errors.New("damaged")
	if _, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("so far"), broken{own})); !errors.Is(err, own) || errors.Is(err, clamd.ErrDown) {
		t.Errorf("a file that can't be read: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Scan(stopped, strings.NewReader("x")); !errors.Is(err, context.Canceled) || errors.Is(err, clamd.ErrDown) {
		t.Errorf("who stopped: %v", err)
	}
	stop()
	if err := c.Ping(t.Context()); !errors.Is(err, clamd.ErrDown) {
		t.Errorf("one that is gone: %v", err)
	}
	if _, err := c.Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, clamd.ErrDown) {
		t.Errorf("one that is gone: %v", err)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestAClamdThatSaysNothingOrNonsenseIsDownAndNoneIsAskedElsewhere(t *testing.T) {
	for answer, want := range map[string]error{
		"": clamd.ErrDown, "stream: OK": clamd.ErrDown, "OK\x00": clamd.ErrDown, "stream: \x00": clamd.ErrDown, "stream: x ERROR\x00": clamd.ErrFailed, "Error writing to temporary file ERROR\x00": clamd.ErrFailed,
		strings.Repeat("stream: ", 1<<12): clamd.ErrDown, "stream: OK\x00": nil,
		"INSTREAM size limit exceeded. ERROR\x00": clamd.ErrUnscanned, "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00": clamd.ErrUnscanned,
	} {
		socket := filepath.Join(t.TempDir(), "s")
		at, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := at.Accept(); err == nil {
				_, _ = io.WriteString(conn, answer)
				_ = conn.(*net.UnixConn).CloseWrite()
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			}
		}()
		found, err := client(socket).Scan(t.Context(), strings.NewReader("a file"))
		if found != "" || !errors.Is(err, want) {
			t.Errorf("%.40q: %q, %v", answer, found, err)
		}
		_ = at.Close()
	}
	failing := filepath.Join(t.TempDir(), "s")
	all, err := net.Listen("unix", failing)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	go func() {
		for _, answer := range []string{"PONG\x00", "Can't create temporary file ERROR\x00"} {
			if conn, err := all.Accept(); err == nil {
				_, _ = io.WriteString(conn, answer)
				_ = conn.(*net.UnixConn).CloseWrite()
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			}
		}
	}()
	if err := client(failing).Ping(t.Context()); !errors.Is(err, clamd.ErrDown) {
		t.Errorf("one that answers, and can scan nothing: %v", err)
	}
	hang := filepath.Join(t.TempDir(), "s")
	at, err := net.Listen("unix", hang)
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client(hang).Scan(short, strings.NewReader("x")); !errors.Is(err, clamd.ErrDown) {
		t.Errorf("one that hangs: %v", err)
	}
	if err := client("192.0.2.1:3310").Ping(t.Context()); !errors.Is(err, clamd.ErrDown) || !strings.Contains(err.Error(), "own network") {
		t.Errorf("one that isn't the operator's: %v", err)
	}
	if client("") != nil {
		t.Error("where none is named there is one")
	}
}

func FuzzAnAnswerOfClamdsIsAFindACleanFileOrAnError(f *testing.F) {
	for _, a := range []string{"stream: OK", "stream: Eicar FOUND", "stream:  FOUND", "INSTREAM size limit exceeded. ERROR", "stream: \xff\x00\u202e FOUND", ""} {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		found, err := clamd.Parse(answer)
		switch {
		case found != "" && err != nil:
			t.Errorf("%q is both %q and %v", answer, found, err)
		case found == "" && err == nil && answer != "stream: OK":
			t.Errorf("%q passes for a clean file", answer)
		case !utf8.ValidString(found) || utf8.RuneCountInString(found) > 200 || strings.ContainsFunc(found, func(r rune) bool { return !unicode.IsGraphic(r) }):
			t.Errorf("%q is shown", found)
		}
	})
}

func TestAClamdThatStopsReadingIsDownLongBeforeAFilesWholeTime(t *testing.T) {
	at, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	held := make(chan net.Conn, 1)
	go func() {
		if conn, err := at.Accept(); err == nil {
			held <- conn // open, and never read
		}
	}()
	c := client(at.Addr().String())
	c.GivesAPiece(time.Second)
	if _, err := c.Scan(t.Context(), io.LimitReader(endless{}, 64<<20)); !errors.Is(err, clamd.ErrDown) {
		t.Errorf("it answers %v", err)
	}
	if err := (<-held).Close(); err != nil {
		t.Error(err)
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
