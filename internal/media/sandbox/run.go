package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var (
	// ErrNoProgram says that a program isn't installed where the room shows it.
	ErrNoProgram = errors.New("the program is not installed")
	// ErrNoRoom says that this machine can't shut a program in; none is run then.
	ErrNoRoom = errors.New("programs can't be shut in")
	// ErrUnreadable says that a program could do nothing with the file.
	ErrUnreadable = errors.New("the file can't be read as what it seems")
	// ErrTooMuch says that a program took or made more than it may.
	ErrTooMuch = errors.New("the file takes too much")
)

// Limits are what a program gets for one file, whatever the file's maker intended. Every field is needed.
type Limits struct {
	Memory    int64         // bytes of address space
	Processor time.Duration // whole seconds, of all its threads together
	Patience  time.Duration // of the clock
	Answer    int64         // bytes that it may answer
}

// Program is a program with its arguments.
type Program struct {
	Name string // found by the PATH
	Args []string
	Env  []string // "NAME=value"; it gets nothing else but LC_ALL=C
	// Reopens says that it opens its standard input anew, as /proc/self/fd/0, to seek in it.
	Reopens bool
	// Served is a file in which it leaps; it finds it at Address. nil: it has its standard input alone, and can make no socket.
	Served *io.SectionReader
	// Workshop is how many bytes it may write in /tmp, which begins empty, lies in memory and goes with the room; it may make processes too,
	// each of which has the limit of processor time, and which have that of memory each and all together, and are Workers with their threads at most. 0: it can do neither.
	Workshop int64
	Workers  int
	// Shown are more files and folders of the machine that it sees, read-only.
	Shown []string
	// Says gets what it says beside its answer; nil: it is thrown away. It could hold anything of the file.
	Says io.Writer
	Limits
}

// Run has the program read in and gives what it answers to out. Where in is an *os.File, that is its standard input itself, in which
// it can seek.
//
// It returns ErrNoProgram, ErrNoRoom, ErrUnreadable, ErrTooMuch, or what went wrong on our side: the context's error, in's or out's.
func (p *Program) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	path, err := p.path()
	if err != nil {
		return err
	}
	patient, end := context.WithTimeoutCause(ctx, p.Patience, ErrTooMuch)
	defer end()
	bounded, stop := context.WithCancelCause(patient)
	cancel := func() { stop(nil) }
	defer cancel()
	c, r, err := p.command(bounded, path)
	if err != nil {
		return err
	}
	defer r.close()
	if r.serving != nil {
		r.serving.stop = cancel
	}
	answer := &kept{Writer: &short{out, p.Answer}}
	c.Stdout, c.Stderr = answer, p.Says
	if p.Workshop > 0 {
		r.began = func(room int) { go p.bounded(bounded, room, stop) }
	}
	source := &kept{Reader: in}
	ended, err := start(c, r, source)
	switch {
	case err != nil && bounded.Err() != nil: // it never began
		return fmt.Errorf("%s: %w", p.Name, context.Cause(bounded))
	case err != nil:
		return fmt.Errorf("start %s: %w: %w", p.Name, ErrNoRoom, err)
	case source.err != nil:
		return source.err
	case ended.served != nil:
		return ended.served
	case answer.err != nil:
		return answer.err
	case bounded.Err() != nil:
		return fmt.Errorf("%s: %w", p.Name, context.Cause(bounded))
	}
	return p.judge(ended)
}

// start starts the program, feeds it and waits until nothing of it is left. The error is of the starting alone.
func start(c *exec.Cmd, r *room, source *kept) (*ended, error) {
	// The room dies with the thread that made it, so that thread stays.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var feed io.WriteCloser
	if file, ok := source.Reader.(*os.File); ok {
		c.Stdin = file
	} else {
		var err error
		if feed, err = c.StdinPipe(); err != nil {
			return nil, err
		}
	}
	// What this process was started with, and no code of ours opened, would be the program's too.
	if err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return nil, fmt.Errorf("keep files of the process's own: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	r.begun(c.Process.Pid)
	var fed sync.WaitGroup
	if feed != nil {
		fed.Go(func() {
			// A program that doesn't read to the end is no fault of ours: what counts is what it made of it, and what source says.
			_, _ = io.Copy(feed, source)
			_ = feed.Close()
		})
	}
	status := r.status()
	e := &ended{err: c.Wait(), code: status}
	fed.Wait()
	if r.serving != nil {
		var handed bool
		if handed, e.served = r.serving.end(); !handed {
			e.code = nil // the porter never became the program
		}
	}
	return e, nil
}

// ended is how a run ended.
type ended struct {
	err  error // of the room
	code *int  // the program's exit code, by the shell's rules; nil where it never ran, or was not seen to end
	// served is what went wrong on our side in serving it a file, or that it asked too much of us.
	served error
}

// Exit codes of a program that a signal ended (bubblewrap gives them as a shell does).
const (
	codeKilled = 128 + int(syscall.SIGKILL)
	codeTime   = 128 + int(syscall.SIGXCPU)
)

func (p *Program) judge(e *ended) error {
	switch {
	case e.code == nil:
		return fmt.Errorf("%s: %w: %w", p.Name, ErrNoRoom, e.err)
	case *e.code == codeTime, *e.code == codeKilled:
		return fmt.Errorf("%s: %w", p.Name, ErrTooMuch)
	case *e.code != 0:
		return fmt.Errorf("%s: %w", p.Name, ErrUnreadable)
	}
	return nil
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

// short writes no more than it may.
type short struct {
	io.Writer
	left int64
}

func (s *short) Write(p []byte) (int, error) {
	if s.left -= int64(len(p)); s.left < 0 {
		return 0, ErrTooMuch
	}
	return s.Writer.Write(p)
}
