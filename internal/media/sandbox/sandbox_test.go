package sandbox_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/media/sandbox"
)

// easy is what a well-behaved program needs.
var easy = sandbox.Limits{Memory: 512 << 20, Processor: 5 * time.Second, Patience: 20 * time.Second, Answer: 1 << 20}

// hostile is what a program that a stranger's file took over would do, as a script of a shell in the room.
func hostile(script string, change ...func(*sandbox.Program)) *sandbox.Program {
	p := &sandbox.Program{Name: "bash", Args: []string{"-c", script}, Limits: easy}
	for _, c := range change {
		c(p)
	}
	return p
}

func run(t *testing.T, p *sandbox.Program, in string) (string, error) {
	t.Helper()
	if sandbox.Missing("bash", "perl", "prlimit", "sleep") != "" || errors.Is(sandbox.Check(t.Context()), sandbox.ErrNoRoom) {
		if os.Getenv("CI") != "" {
			t.Fatal(sandbox.Check(t.Context()))
		}
		t.Skip("no room can be made here")
	}
	var out bytes.Buffer
	err := p.Run(t.Context(), strings.NewReader(in), &out)
	return out.String(), err
}

func TestAProgramReadsItsFileAndAnswersAndHasNothingElse(t *testing.T) {
	t.Setenv("HEED_SECRET", "canary")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("canary"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := run(t, hostile(`
		cat() { while IFS= read -r line; do echo "$line"; done < "$1"; }
		while IFS= read -r line; do echo "was fed $line"; done
		echo /*
		for f in "`+secret+`" /etc/passwd /etc/shadow /root /home /var /tmp /run /proc/1/environ /sys/kernel; do [ -e $f ] && echo "sees $f" && cat $f; done
		for f in /x /dev/x /usr/x /tmp/x /lib/x; do : > $f && echo "wrote $f"; done
		for fd in 3 4 5 6 7 8 9 10 20 30; do { : >&$fd; } && echo "has $fd"; done
		[ -n "$HEED_SECRET" ] && echo "knows its surroundings"
		echo "is $UID of $HOSTNAME, $BASHPID"
	`), "a file\n")
	want := "was fed a file\n/dev /etc /lib /lib64 /usr\nis 65534 of room, 2\n"
	if err != nil || got != want {
		t.Errorf("%v, %q", err, got)
	}
}

func TestAProgramHasNoNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	reached := make(chan struct{})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
			close(reached)
		}
	}()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	connect := `exec 3<>/dev/tcp/127.0.0.1/` + port + ` && echo reached`
	if got, err := run(t, hostile(connect), ""); strings.Contains(got, "reached") || !errors.Is(err, sandbox.ErrUnreadable) {
		t.Errorf("%q, %v", got, err)
	}
	// The filter lets it make no socket; behind that the room has no interface but its own loopback.
	interfaces := hostile(`while IFS=: read -r name rest; do [ "$rest" ] && echo $name; done < /proc/self/net/dev`, func(p *sandbox.Program) { p.Reopens = true })
	if got, _ := run(t, interfaces, ""); got != "lo\n" {
		t.Errorf("its interfaces: %q", got)
	}
	if out, err := exec.Command("bash", "-c", connect).CombinedOutput(); err != nil {
		t.Fatalf("not even this test reaches it: %v, %s", err, out)
	}
	<-reached
}

func TestWhatAProgramTakesIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		program *sandbox.Program
		want    error
	}{
		"memory":     {&sandbox.Program{Name: "perl", Args: []string{"-e", `$x = "a" x (1 << 30); print "had it"`}, Limits: easy}, sandbox.ErrUnreadable},
		"processor":  {hostile(`while :; do :; done`, func(p *sandbox.Program) { p.Processor = time.Second }), sandbox.ErrTooMuch},
		"patience":   {hostile(`exec sleep 60`, func(p *sandbox.Program) { p.Patience = 300 * time.Millisecond }), sandbox.ErrTooMuch},
		"answer":     {hostile(`while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done`), sandbox.ErrTooMuch},
		"files":      {hostile(`for ((i = 10; i < 100; i++)); do eval "exec $i</dev/null" || exit 1; done; echo had it`), sandbox.ErrUnreadable},
		"a bomb":     {hostile(`f() { f | f & }; f; echo made | while read -r x; do echo had it; done; exit 1`), sandbox.ErrUnreadable},
		"its bounds": {hostile(`ulimit -u 1000 && echo had it; ulimit -v unlimited && echo had it; exit 1`), sandbox.ErrUnreadable},
		"silence":    {hostile(`exit 7`), sandbox.ErrUnreadable},
		"absence":    {&sandbox.Program{Name: "no-such-program", Limits: easy}, sandbox.ErrNoProgram},
	} {
		began := time.Now()
		got, err := run(t, c.program, "x")
		if !errors.Is(err, c.want) || strings.Contains(got, "had it") {
			t.Errorf("%s: %v, %d bytes", name, err, len(got))
		}
		if d := time.Since(began); d > 90*time.Second { // by the clock of a machine with much beside it; what isn't bounded never ends
			t.Errorf("%s took %v", name, d)
		}
	}
}

func TestAProgramMayMakeThreadsAndNoProcessAndCallsNothingDangerous(t *testing.T) {
	// perl's syscall takes the numbers of this machine.
	calls := fmt.Sprintf(`[%d, 0x10000000], [%d, $name, 0], [%d, 0, 4096, 0600], [%d, 0, 0, 0, 0], [%d, 0, 0, 0, 0, 0]`,
		unix.SYS_UNSHARE, unix.SYS_MEMFD_CREATE, unix.SYS_SHMGET, unix.SYS_PTRACE, unix.SYS_KEYCTL)
	got, err := run(t, &sandbox.Program{Name: "perl", Limits: easy, Args: []string{"-e", `
		my $name = "x\0";
		for my $call (` + calls + `) {
			print "did $call->[0]\n" if syscall($call->[0], @$call[1 .. $#$call]) >= 0 || $! != 1;
		}
		print "forked\n" if defined fork;
		print "alive\n"`}}, "")
	if err != nil || got != "alive\n" {
		t.Errorf("%v, %q", err, got)
	}
}

// working is a program that may write and make processes.
func working(p *sandbox.Program) { p.Workshop, p.Workers = 4<<20, 16 }

func TestAProgramWithAWorkshopHasThatAndNothingElse(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("canary"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := run(t, hostile(`
		echo /tmp/*; echo a > /tmp/a; (read -r x < /tmp/a; echo "a process read $x")
		for f in "`+secret+`" /etc/passwd /root /home /var /run /sys; do [ -e "$f" ] && echo "sees $f"; done
		for f in /x /dev/x /usr/x /lib/x; do : > $f && echo "wrote $f"; done
		unshare --user true && echo "has a namespace of its own"
		exec 3<>/dev/tcp/127.0.0.1/80 && echo "has a network"
		while IFS=: read -r name rest; do [ "$rest" ] && echo $name; done < /proc/self/net/dev
		for p in /proc/[0-9]*; do n=$((n + 1)); done; [ $n -lt 9 ] && echo "sees its own processes alone"
	`, working), "")
	if want := "/tmp/*\na process read a\nlo\nsees its own processes alone\n"; err != nil || got != want {
		t.Errorf("%v, %q", err, got)
	}
	for name, script := range map[string]string{
		"a full room": `x=$(printf %01000000d 1); for i in 1 2 3 4 5 6 7 8 9; do echo $x >> /tmp/x || exit 1; done; echo had it`,
		"a bomb":      `f() { f | f & }; f; exit 1`,
	} {
		began := time.Now()
		if got, err := run(t, hostile(script, working), ""); !errors.Is(err, sandbox.ErrUnreadable) || strings.Contains(got, "had it") || time.Since(began) > 90*time.Second {
			t.Errorf("%s: %v, %q after %v", name, err, got, time.Since(began))
		}
	}
}

func TestTheProcessesOfARoomTakeNoMoreMemoryTogetherThanOneMay(t *testing.T) {
	eaters := func(n int, seconds string) *sandbox.Program { // each of 64 MiB, for so long after all have it
		return &sandbox.Program{Name: "perl", Workshop: 4 << 20, Workers: 16, Args: []string{"-e", `
			my ($n, $long) = @ARGV; my @all; pipe(my $r, my $w);
			for (1..$n) { my $pid = fork; die unless defined $pid; if (!$pid) { my $x = "x"; $x x= 64 << 20; syswrite $w, "."; sleep 600; exit } push @all, $pid }
			sysread $r, my $one, 1 for 1..$n; select undef, undef, undef, $long; kill 9, @all; print "done"`, strconv.Itoa(n), seconds},
			Limits: sandbox.Limits{Memory: 256 << 20, Processor: 60 * time.Second, Patience: 5 * time.Minute, Answer: 1 << 10}}
	}
	if sandbox.Missing("perl") != "" && os.Getenv("CI") == "" {
		t.Skip("perl is not installed")
	}
	if got, err := run(t, eaters(1, "0.3"), ""); err != nil || !strings.HasSuffix(got, "done") {
		t.Errorf("one: %v, %q", err, got)
	}
	if got, err := run(t, eaters(8, "60"), ""); !errors.Is(err, sandbox.ErrTooMuch) || strings.HasSuffix(got, "done") {
		t.Errorf("eight: %v, %q", err, got)
	}
	// A process whose first thread has ended (exit(2), 60) has its memory still.
	headless := &sandbox.Program{Name: "perl", Workshop: 4 << 20, Workers: 16, Args: []string{"-Mthreads", "-e", `
		my @all; pipe(my $r, my $w);
		for (1..8) { my $pid = fork; die unless defined $pid; push @all, $pid; next if $pid;
			threads->create(sub { my $x = "x"; $x x= 64 << 20; syswrite $w, "."; sleep 600 }); syscall(60, 0) }
		sysread $r, my $one, 1 for 1..8; sleep 60; kill 9, @all; print "done"`},
		Limits: sandbox.Limits{Memory: 256 << 20, Processor: 60 * time.Second, Patience: 5 * time.Minute, Answer: 1 << 10}}
	if got, err := run(t, headless, ""); runtime.GOARCH == "amd64" && (!errors.Is(err, sandbox.ErrTooMuch) || strings.HasSuffix(got, "done")) {
		t.Errorf("eight whose first thread has ended: %v, %q", err, got)
	}
	shared := &sandbox.Program{Name: "perl", Workshop: 4 << 20, Workers: 16, Args: []string{"-e", `
		my $at = syscall(9, 0, 4096, 3, 0x21, -1, 0); print $at == -1 ? "refused" : "shared"; $at = syscall(9, 0, 4096, 3, 0x22, -1, 0); print $at == -1 ? "refused" : " own"`},
		Limits: sandbox.Limits{Memory: 256 << 20, Processor: 10 * time.Second, Patience: time.Minute, Answer: 1 << 10}}
	if got, err := run(t, shared, ""); runtime.GOARCH == "amd64" && (err != nil || got != "refused own") {
		t.Errorf("memory without a file: %v, %q", err, got)
	}
}

// TestMain lets the test program be a worker that runs a program and is killed.
func TestMain(m *testing.M) {
	if mark := os.Getenv("HEED_TEST_WORKER"); mark != "" {
		p := hostile("echo up; exec sleep " + mark)
		p.Patience = time.Hour
		_ = p.Run(context.Background(), strings.NewReader(""), os.Stdout)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestNothingIsLeftRunningWhenItsWorkerDies(t *testing.T) {
	if _, err := run(t, hostile("exit 0"), ""); err != nil {
		t.Fatal(err)
	}
	mark := "8675309." + strconv.Itoa(os.Getpid())
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.Command(self)
	worker.Env = append(os.Environ(), "HEED_TEST_WORKER="+mark)
	said, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	if up, err := bufio.NewReader(said).ReadString('\n'); err != nil {
		t.Fatalf("%q, %v", up, err)
	}
	if n := running(t, mark); n == 0 {
		t.Fatal("it isn't seen while it runs")
	}
	if err := worker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = worker.Wait() // killed
	for deadline := time.Now().Add(time.Minute); running(t, mark) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d processes live on", running(t, mark))
		}
	}
}

// running counts the processes that bear the mark.
func running(t *testing.T, mark string) (n int) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		if b, err := os.ReadFile(file); err == nil && bytes.Contains(b, []byte(mark)) {
			n++
		}
	}
	return n
}

// broken fails after its first bytes.
type broken struct{ io.Reader }

func (b *broken) Read(p []byte) (int, error) {
	if n, err := b.Reader.Read(p); err == nil {
		return n, nil
	}
	return 0, os.ErrClosed
}

func TestWhatGoesWrongOnOurSideIsToldFromTheProgramsFailures(t *testing.T) {
	run(t, hostile("exit 0"), "")
	p := hostile(`while read -r line; do echo "$line"; done`)
	if err := p.Run(t.Context(), &broken{strings.NewReader("a\n")}, io.Discard); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a file that can't be read: %v", err)
	}
	r, w := io.Pipe()
	r.CloseWithError(os.ErrPermission)
	if err := p.Run(t.Context(), strings.NewReader("a\n"), w); !errors.Is(err, os.ErrPermission) {
		t.Errorf("an answer that can't be kept: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := hostile("exec sleep 60").Run(stopped, strings.NewReader(""), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("a worker that stops: %v", err)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	only := t.TempDir()
	if err := os.Symlink(bash, filepath.Join(only, "bash")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", only)
	if err := p.Run(t.Context(), strings.NewReader(""), io.Discard); !errors.Is(err, sandbox.ErrNoRoom) {
		t.Errorf("without bubblewrap: %v", err)
	}
}
