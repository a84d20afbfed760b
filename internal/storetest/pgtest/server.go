package pgtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// errAbsent says that there is no PostgreSQL to start.
var errAbsent = errors.New("PostgreSQL is not installed")

// server is a PostgreSQL that tests may use.
type server struct {
	admin    *url.URL // of the database "postgres", or of the one in HEED_TEST_POSTGRES
	template string
	mu       sync.Mutex // a template can't be copied twice at once
	granting sync.Mutex // guards granted
	granted  *roles     // those that URLWithRoles gives, once a test asked
	// The process, where it is our own.
	process *os.Process
	ended   chan struct{}
	dir     string
}

// start starts a server, or takes the one that the environment names.
func start() (*server, error) {
	if address := os.Getenv("HEED_TEST_POSTGRES"); address != "" {
		return external(address)
	}
	bin, err := newest()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "heed-pg")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, ended: make(chan struct{})}
	s.admin = &url.URL{Scheme: "postgres", User: url.User("heed"), Path: "/postgres"}
	s.admin.RawQuery = url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode()
	if err := s.run(bin); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// newest is the folder of the newest PostgreSQL's programs: Debian's place, or the search path.
func newest() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		version := func(path string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // what is no number sorts first
			return n
		}
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(version(a), version(b)) })), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errAbsent
	}
	return filepath.Dir(path), nil
}

// run makes a cluster and starts the server. It never waits for the disk: no test cuts the power.
func (s *server) run(bin string) error {
	owner, err := unprivileged(s.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initialise := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "heed", "-A", "trust", "-E", "UTF8",
		"--no-locale", "--no-sync")
	initialise.Dir = s.dir
	initialise.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := initialise.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	serve := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-c", "listen_addresses=",
		"-c", "unix_socket_directories="+s.dir, "-c", "max_connections=300", "-c", "max_wal_size=8GB",
		"-c", "fsync=off", "-c", "checkpoint_timeout=1h", "-c", "logging_collector=off")
	serve.Dir = s.dir
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	serve.Stdout, serve.Stderr = log, log
	// SIGQUIT at our death, so that an interrupted test run leaves no server behind.
	serve.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGQUIT}
	started := make(chan error)
	go func() {
		// The signal is bound to the thread that starts the process: this one waits as long as that lives.
		runtime.LockOSThread()
		err := serve.Start()
		started <- err
		if err == nil {
			serve.Wait() // how it ended is seen by those who use it
			close(s.ended)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process = serve.Process
	return s.await(log.Name())
}

// unprivileged gives the folder to a user as whom PostgreSQL consents to run, where we are root.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}

// await returns once the server answers.
func (s *server) await(log string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.admin.String())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.ended:
			said, readErr := os.ReadFile(log)
			return errors.Join(fmt.Errorf("PostgreSQL ended: %s", said), readErr)
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the server at once and removes its folder.
func (s *server) stop() error {
	if s.process != nil {
		if err := s.process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		<-s.ended
	}
	if s.dir == "" {
		return errors.Join(s.ungrant(), s.execute("DROP DATABASE IF EXISTS "+s.template))
	}
	return os.RemoveAll(s.dir)
}
