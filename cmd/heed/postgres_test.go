package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server of the tests' own, on a socket in a folder of its own, stopped with the process.
type cluster struct {
	folder   string // data directory
	socket   string
	owner    string
	database atomic.Int64
}

// postgresCluster starts the server once for all tests that need one.
var postgresCluster = sync.OnceValues(startCluster)

func startCluster() (*cluster, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "heed-postgres-")
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: filepath.Join(root, "data"), socket: root}
	as, err := c.serverUser(root)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", c.folder, "-U", c.owner, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr = as
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", c.folder, "-k", c.socket, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "fsync=off",
		"-c", "log_statement=none")
	server.SysProcAttr = as
	log, err := os.Create(filepath.Join(root, "log"))
	if err != nil {
		return nil, err
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return nil, err
	}
	atExit(func() {
		// SIGINT is PostgreSQL's "fast" shutdown. What is left is a temporary folder.
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
		_ = log.Close()
		_ = os.RemoveAll(root)
	})
	for range 200 {
		conn, err := pgx.Connect(context.Background(), c.url("postgres"))
		if err == nil {
			return c, conn.Close(context.Background())
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, fmt.Errorf("PostgreSQL didn't start; see %s", log.Name())
}

// postgresPrograms is the folder of the newest server that is installed.
func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("no PostgreSQL server here: scripts/install-test-deps installs one")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// serverUser is as whom the server runs: PostgreSQL refuses to be root.
func (c *cluster) serverUser(root string) (*syscall.SysProcAttr, error) {
	as := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	me, err := user.Current()
	if err != nil {
		return nil, err
	}
	c.owner = me.Username
	if os.Getuid() != 0 {
		return as, nil
	}
	postgres, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("running as root, PostgreSQL needs its own user: %w", err)
	}
	uid, err := strconv.Atoi(postgres.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(postgres.Gid)
	if err != nil {
		return nil, err
	}
	c.owner = "postgres"
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chmod(root, 0o755); err != nil {
		return nil, err
	}
	return as, os.Chown(root, uid, gid)
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s", c.owner, database, url.QueryEscape(c.socket))
}

// fresh makes an empty database and answers its URL.
func (c *cluster) fresh(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	name := fmt.Sprintf("heed_%d", c.database.Add(1))
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return c.url(name)
}

// onEachStore runs the test on SQLite and on PostgreSQL, side by side; store is what to add to a command's flags.
func onEachStore(t *testing.T, test func(t *testing.T, store []string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, nil)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		c, err := postgresCluster()
		if err != nil {
			missing(t, err)
		}
		test(t, []string{"--store", c.fresh(t)})
	})
}

// databaseFolders are where the database of these flags lies, beside the data folder: all that its server keeps but the
// databases of other tests.
func databaseFolders(t *testing.T, store []string) []string {
	t.Helper()
	if len(store) == 0 {
		return nil
	}
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	var own string
	if err := connectTo(t, store[1]).QueryRow(t.Context(), "SELECT oid::text FROM pg_database WHERE datname = current_database()").Scan(&own); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadDir(c.folder)
	if err != nil {
		t.Fatal(err)
	}
	databases := filepath.Join(c.folder, "base")
	folders := []string{filepath.Join(databases, own), filepath.Join(databases, "pgsql_tmp")}
	for _, entry := range kept {
		if path := filepath.Join(c.folder, entry.Name()); path != databases {
			folders = append(folders, path)
		}
	}
	return folders
}
