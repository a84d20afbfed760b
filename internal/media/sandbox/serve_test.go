package sandbox_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/media/sandbox"
)

// served gives the program a file that it leaps in.
func served(file io.ReaderAt, size int64) func(*sandbox.Program) {
	return func(p *sandbox.Program) { p.Served = io.NewSectionReader(file, 0, size) }
}

// ask is a script's function that asks for a part of the file that is served.
const ask = `ask() { exec 9<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes=%s\r\n\r\n' "$1" >&9 &&
	while IFS= read -r line <&9; do [ "$line" = $'\r' ] && break; done; IFS= read -r line <&9; echo "$line"; exec 9>&-; }; `

func TestAProgramLeapsInAFileThatIsServedToItInItsRoomAlone(t *testing.T) {
	file := []byte(strings.Repeat("0123456789", 100_000))
	got, err := run(t, hostile(ask+`
		ask 999990-; ask 5-9; ask 500003-500004
		for fd in 3 4 5 6 7 8 9 10 20 30; do { : >&$fd; } && echo "has $fd"; done
		for port in 22 80 5432 8081; do { : <>/dev/tcp/127.0.0.1/$port; } && echo "reached $port"; done
		{ : <>/dev/tcp/192.0.2.1/80; } && echo "reached another network"
		{ : <>/dev/udp/127.0.0.1/53; } && echo "made a socket of UDP"; exit 0
	`, served(bytes.NewReader(file), int64(len(file)))), "")
	if want := "0123456789\n56789\n34\n"; err != nil || got != want {
		t.Errorf("%v, %q", err, got)
	}
	// Sockets but of TCP over IPv4 (PF_UNIX, PF_NETLINK, PF_PACKET, PF_INET6, a raw one, a pair) are refused, and so is a port to who is
	// served nothing. The calls' numbers are amd64's.
	for name, change := range map[string]func(*sandbox.Program){"served": served(bytes.NewReader(file), 9), "not served": func(*sandbox.Program) {}} {
		p := &sandbox.Program{Name: "perl", Limits: easy, Args: []string{"-e", `
			for my $call ([41, 1, 1, 0], [41, 16, 3, 0], [41, 17, 3, 0], [41, 10, 1, 0], [41, 2, 2, 0], [41, 2, 3, 1], [41, 2, 1, 262], [41, 2, 1, 132], [41, 2, 1, 256], [53, 1, 1, 0, $x = " " x 16], [57]) {
				print "did @$call\n" if syscall($call->[0], @$call[1 .. $#$call]) >= 0 || $! != 1;
			}
			print syscall(41, 2, 524289, 0) >= 0 ? "TCP\n" : "nothing\n"`}}
		change(p)
		if got, err := run(t, p, ""); err != nil || got != map[string]string{"served": "TCP\n", "not served": "nothing\n"}[name] {
			t.Errorf("%s: %v, %q", name, err, got)
		}
	}
}

// torn can't be read from a place on.
type torn struct{ from int64 }

func (f torn) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

func TestWhatGoesWrongWithAFileThatIsServedIsTold(t *testing.T) {
	if _, err := run(t, hostile(ask+`ask 900000-`, served(torn{500_000}, 1_000_000)), ""); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a file that can't be read: %v", err)
	}
	if _, err := run(t, hostile(`exit 7`, served(torn{500_000}, 1_000_000)), ""); !errors.Is(err, sandbox.ErrUnreadable) {
		t.Errorf("a program that asks for nothing: %v", err)
	}
	hanging := hostile(ask+`exec 9<>/dev/tcp/127.0.0.1/8080; exec sleep 60`, served(bytes.NewReader(make([]byte, 9)), 9))
	hanging.Patience = 500 * time.Millisecond
	began := time.Now()
	if _, err := run(t, hanging, ""); !errors.Is(err, sandbox.ErrTooMuch) || time.Since(began) > 20*time.Second {
		t.Errorf("a program that waits: %v after %v", err, time.Since(began))
	}
}
