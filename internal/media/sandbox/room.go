package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/heed-line/heed/internal/media/sandbox/porter"
)

const (
	roomProgram = "bwrap"
	// nobody is who a program is, inside and, where Heed runs as root, outside: root's processes are bounded by nothing.
	nobody = 65534
	// Files and threads that a program may have.
	roomFiles   = 64
	roomThreads = 64
	roomNice    = 10 // reports come first
	// lingering is how long a room may take to fall down once its program is killed.
	lingering = 5 * time.Second
)

// shown are the folders and files of the machine that a program sees, read-only: programs, libraries, and how these find each other and fonts.
// /usr/local and the like come with /usr; nothing of a line's lies there.
var shown = [...]string{"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts"}

// plainAlgebra names the folders of the reference BLAS and LAPACK, as LD_LIBRARY_PATH; "" where there are none. One of ffmpeg's libraries
// is linked to them, for speech that nobody here asks it for. Where OpenBLAS stands in for them, its symbols are a third of all that ffmpeg
// has to look up each time it starts.
var plainAlgebra = sync.OnceValue(func() string {
	var found []string
	for _, name := range [...]string{"blas", "lapack"} {
		folders, err := filepath.Glob("/usr/lib/*-linux-gnu/" + name)
		if err != nil || len(folders) != 1 {
			return "" // there may be none, and more than one processor's
		}
		found = append(found, folders...)
	}
	return strings.Join(found, ":")
})

// path finds the program where the room shows it.
func (p *Program) path() (string, error) {
	path, err := exec.LookPath(p.Name)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil || !strings.HasPrefix(path, "/usr/") {
		return "", fmt.Errorf("%s: %w", p.Name, ErrNoProgram)
	}
	return path, nil
}

// Missing names the first of the programs that isn't installed; "" where all are.
func Missing(programs ...string) string {
	for _, name := range programs {
		if _, err := (&Program{Name: name}).path(); err != nil {
			return name
		}
	}
	return ""
}

// Check makes a room and leaves it. ErrNoRoom, with what bubblewrap says: no program can be shut in on this machine.
func Check(ctx context.Context) error {
	// It serves a file too, so that who serves one later can.
	p := &Program{Name: "/usr/bin/true", Served: io.NewSectionReader(strings.NewReader(""), 0, 0), Limits: Limits{Memory: 1 << 30, Processor: time.Second, Patience: 10 * time.Second, Answer: 1}}
	path, err := p.path()
	if err != nil {
		return err
	}
	if _, err := os.Stat(childrenOf("/proc/thread-self")); err != nil {
		return fmt.Errorf("%w: what a room's processes take together can't be told: %w", ErrNoRoom, err)
	}
	ctx, cancel := context.WithTimeout(ctx, p.Patience)
	defer cancel()
	c, r, err := p.command(ctx, path)
	if err != nil {
		return err
	}
	defer r.close()
	var says strings.Builder
	c.Stderr = &says // no stranger's file is in this room
	e, err := start(c, r, &kept{Reader: strings.NewReader("")})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	if err := p.judge(e); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(says.String()))
	}
	return nil
}

// room is what a running program's room needs of this process.
type room struct {
	inside  []*os.File        // the ends that bubblewrap gets
	reports *os.File          // where it says how the program ended
	serving *serving          // nil where the program is served no file
	began   func(process int) // is told which process is the room's outermost; nil: nobody is
}

// command is the program in its room, not yet started.
func (p *Program) command(ctx context.Context, path string) (*exec.Cmd, *room, error) {
	bwrap, err := exec.LookPath(roomProgram)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: bubblewrap is not installed", ErrNoRoom)
	}
	r := &room{}
	if err := r.open(p.Served, p.Workshop > 0); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%w: %w", ErrNoRoom, err), r.close())
	}
	// 3 and 4 are r.inside's first; 5 and 6 the porter's.
	args := []string{
		"--json-status-fd", "3", "--seccomp", "4", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--uid", strconv.Itoa(nobody), "--gid", strconv.Itoa(nobody), "--hostname", "room", "--chdir", "/",
	}
	for _, place := range slices.Concat(shown[:], p.Shown) {
		args = append(args, "--ro-bind-try", place, place)
	}
	args = append(args, "--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/urandom", "/dev/urandom")
	if p.Reopens || p.Served != nil || p.Workshop > 0 {
		args = append(args, "--proc", "/proc")
	}
	threads, written := roomThreads, int64(0)
	if p.Workshop > 0 {
		args = append(args, "--size", strconv.FormatInt(p.Workshop, 10), "--tmpfs", "/tmp")
		threads, written = p.Workers, p.Workshop
	}
	args = append(args, "--remount-ro", "/", "--clearenv", "--setenv", "LC_ALL", "C")
	for _, pair := range p.Env {
		name, value, _ := strings.Cut(pair, "=")
		args = append(args, "--setenv", name, value)
	}
	if folders := plainAlgebra(); folders != "" {
		args = append(args, "--setenv", "LD_LIBRARY_PATH", folders)
	}
	seconds := int64(p.Processor / time.Second)
	args = append(args, "--")
	if p.Served != nil {
		args = append(args, porter.Path)
	}
	if p.Workshop > 0 { // together its processes may take more than one for a moment, until that is seen: where the machine's memory is short, they go first
		args = append(args, "/usr/bin/choom", "-n", "1000", "--")
	}
	args = append(args, "/usr/bin/nice", "-n", strconv.Itoa(roomNice), "/usr/bin/prlimit",
		fmt.Sprintf("--as=%d", p.Memory), fmt.Sprintf("--cpu=%d", seconds), fmt.Sprintf("--nofile=%d", roomFiles),
		fmt.Sprintf("--nproc=%d", threads), fmt.Sprintf("--fsize=%d", written), "--core=0", "--memlock=0", "--msgqueue=0", "--", path)
	c := exec.CommandContext(ctx, bwrap, append(args, p.Args...)...)
	c.Env, c.Dir, c.ExtraFiles, c.WaitDelay = []string{}, "/", r.inside, lingering
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return c, r, nil
}

// open makes the pipes: by one bubblewrap reports, by the other it gets the filter. Where a file is served, it makes ready for that too.
func (r *room) open(served *io.SectionReader, works bool) error {
	reports, reporting, err := os.Pipe()
	if err != nil {
		return err
	}
	r.reports, r.inside = reports, append(r.inside, reporting)
	filter, filtering, err := os.Pipe()
	if err != nil {
		return err
	}
	r.inside = append(r.inside, filter)
	_, err = filtering.Write(callFilter(served != nil, works)) // far less than a pipe holds
	if err = errors.Join(err, filtering.Close()); err != nil || served == nil {
		return err
	}
	porter := []*os.File(nil)
	r.serving, porter, err = serve(served)
	r.inside = append(r.inside, porter...)
	return err
}

// begun gives up this process's copies of what bubblewrap has now, so that its reports end with it, and serves.
func (r *room) begun(process int) {
	if r.began != nil {
		r.began(process)
	}
	for _, f := range r.inside {
		_ = f.Close() // of a pipe that another process holds
	}
	r.inside = nil
	if r.serving != nil {
		r.serving.begin()
	}
}

// status waits until the room is left and reads how its program ended; nil where bubblewrap never said.
func (r *room) status() *int {
	decoder := json.NewDecoder(io.LimitReader(r.reports, 1<<16))
	for {
		var report struct {
			Code *int `json:"exit-code"`
		}
		if err := decoder.Decode(&report); err != nil || report.Code != nil {
			return report.Code
		}
	}
}

func (r *room) close() error {
	for _, f := range r.inside {
		_ = f.Close() // of a program that never started
	}
	if r.serving != nil {
		_ = r.serving.ours.Close() // the room it led to is gone
	}
	if r.reports == nil {
		return nil
	}
	return r.reports.Close()
}
