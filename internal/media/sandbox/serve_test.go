package sandbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
	// served nothing.
	calls := [][]int{{unix.AF_UNIX, 1, 0}, {unix.AF_NETLINK, 3, 0}, {unix.AF_PACKET, 3, 0}, {unix.AF_INET6, 1, 0}, {unix.AF_INET, 2, 0}, {unix.AF_INET, 3, 1},
		{unix.AF_INET, 1, unix.IPPROTO_MPTCP}, {unix.AF_INET, 1, unix.IPPROTO_SCTP}, {unix.AF_INET, 1, 256}}
	var list strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&list, "[%d, %d, %d, %d], ", unix.SYS_SOCKET, c[0], c[1], c[2])
	}
	fmt.Fprintf(&list, `[%d, 1, 1, 0, $x = " " x 16]`, unix.SYS_SOCKETPAIR)
	if runtime.GOARCH == "amd64" {
		list.WriteString(", [57]") // fork, which arm64 has by clone alone
	}
	for name, change := range map[string]func(*sandbox.Program){"served": served(bytes.NewReader(file), 9), "not served": func(*sandbox.Program) {}} {
		p := &sandbox.Program{Name: "perl", Limits: easy, Args: []string{"-e", `
			for my $call (` + list.String() + `) {
				print "did @$call\n" if syscall($call->[0], @$call[1 .. $#$call]) >= 0 || $! != 1;
			}
			print syscall(` + strconv.Itoa(unix.SYS_SOCKET) + `, 2, ` + strconv.Itoa(unix.SOCK_STREAM|unix.SOCK_CLOEXEC) + `, 0) >= 0 ? "TCP\n" : "nothing\n"`}}
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
	if _, err := run(t, hanging, ""); !errors.Is(err, sandbox.ErrTooMuch) || time.Since(began) > 50*time.Second {
		t.Errorf("a program that waits: %v after %v", err, time.Since(began))
	}
}

func TestAProgramMayNotAskForItsFileForEver(t *testing.T) {
	const asks = `sub ask { socket(my $s, 2, 1, 0) or die; connect($s, pack("S n C4 x8", 2, 8080, 127, 0, 0, 1)) or die;
		syswrite($s, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$_[0]\r\n"); my ($n, $b) = (0); $n += length $b while sysread($s, $b, 1 << 20); return $n; } `
	for name, c := range map[string]struct{ script, says string }{
		"requests": {`ask("Range: bytes=5-9\r\n") while 1;`, "requests"},
		"bytes":    {`ask("") while 1;`, "bytes"},
	} {
		file := make([]byte, 1<<20)
		p := &sandbox.Program{Name: "perl", Args: []string{"-e", asks + c.script}, Limits: easy}
		p.Patience, p.Processor = 5*time.Minute, 5*time.Minute
		served(bytes.NewReader(file), int64(len(file)))(p)
		if _, err := run(t, p, ""); !errors.Is(err, sandbox.ErrTooMuch) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := &sandbox.Program{Name: "perl", Args: []string{"-e", asks + `ask("Range: bytes=5-9\r\n") for 1 .. 200; print ask("") > 1 << 20 ? "all" : "a part" for 1 .. 3;`}, Limits: easy}
	p.Patience = time.Minute
	served(bytes.NewReader(make([]byte, 1<<20)), 1<<20)(p)
	if got, err := run(t, p, ""); err != nil || got != "allallall" {
		t.Errorf("who leaps and reads it three times: %v, %q", err, got)
	}
}
