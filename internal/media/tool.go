package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// What a program gets for one file, whatever its maker intended.
const (
	toolMemory  = 2 << 30 // bytes of address space
	toolSeconds = 900     // of a processor
	toolFiles   = 64
	toolNice    = 10 // reports come first
)

var (
	// errNoTool says that a program isn't installed.
	errNoTool = errors.New("the program is not installed")
	// errUnreadable says that a program could do nothing with the file.
	errUnreadable = errors.New("the file can't be read as what it seems")
	// errTooMuch says that a program took or made more than it may.
	errTooMuch = errors.New("the file takes too much")
)

// tool is a program of somebody else's that reads one file. It is one place to put it into a tighter room.
type tool struct{ name string }

// run feeds the program in through its standard input, or as the file 3 where that is given, and gives what it answers to out. What it
// says beside that is thrown away: it could hold anything of the file.
//
// It returns errNoTool, errUnreadable, errTooMuch, or what went wrong on our side: the context's error, in's or out's.
func (t tool) run(ctx context.Context, args []string, in io.Reader, file *os.File, out io.Writer) error {
	path, err := exec.LookPath(t.name)
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, errNoTool)
	}
	// The program dies with the thread that started it, so that thread stays.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := exec.CommandContext(ctx, path, args...)
	c.Env, c.Dir = []string{"LC_ALL=C"}, "/"
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if file != nil {
		c.ExtraFiles = []*os.File{file}
	}
	answer := &kept{Writer: out}
	c.Stdout = answer
	feed, err := c.StdinPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", t.name, err)
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("start %s: %w", t.name, err)
	}
	source := &kept{Reader: in}
	err = confine(c.Process.Pid)
	var fed sync.WaitGroup
	if err == nil { // not a byte of a stranger's before the limits hold
		fed.Go(func() {
			// A program that doesn't read to the end is no fault of ours: what counts is what it made of it, and what source says.
			_, _ = io.Copy(feed, source)
			_ = feed.Close()
		})
	} else {
		err = errors.Join(err, feed.Close(), c.Process.Kill())
	}
	ended := c.Wait()
	fed.Wait()
	switch {
	case err != nil:
		return fmt.Errorf("confine %s: %w", t.name, err)
	case source.err != nil:
		return source.err
	case answer.err != nil:
		return answer.err
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", t.name, ctx.Err())
	case ended != nil && signalled(c.ProcessState, syscall.SIGXCPU, syscall.SIGKILL):
		return fmt.Errorf("%s: %w", t.name, errTooMuch)
	case ended != nil:
		return fmt.Errorf("%s: %w", t.name, errUnreadable)
	}
	return nil
}

// confine bounds what a process may take. It writes into no file at all.
func confine(pid int) error {
	var errs []error
	for resource, most := range map[int]uint64{
		unix.RLIMIT_AS: toolMemory, unix.RLIMIT_CPU: toolSeconds, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NOFILE: toolFiles, unix.RLIMIT_CORE: 0,
	} {
		errs = append(errs, unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil))
	}
	return errors.Join(append(errs, unix.Setpriority(unix.PRIO_PROCESS, pid, toolNice))...)
}

func signalled(s *os.ProcessState, by ...syscall.Signal) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	for _, signal := range by {
		if ok && status.Signaled() && status.Signal() == signal {
			return true
		}
	}
	return false
}

// kept keeps the error of what it reads or writes, so that ours is told from the program's.
type kept struct {
	io.Reader
	io.Writer
	err error
}

func (k *kept) Read(p []byte) (int, error) {
	n, err := k.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		k.err = err
	}
	return n, err
}

func (k *kept) Write(p []byte) (int, error) {
	n, err := k.Writer.Write(p)
	if err != nil {
		k.err = err
	}
	return n, err
}
