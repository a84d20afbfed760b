package mediatest

import (
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Eicar is the file that every virus scanner knows as malicious and that harms nothing (eicar.org), in halves so that none finds it here.
func Eicar() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
}

// EicarName is what Clamd calls it.
const EicarName = signature + ".UNOFFICIAL"

const signature = "Heed.Test.Eicar"

// Clamd starts a real clamd that knows Eicar alone and takes streams of 1 MiB, and gives the path of its socket. stop ends it; the test's end does too.
func Clamd(t testing.TB) (socket string, stop func()) {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		if program = "/usr/sbin/clamd"; !there(program) {
			if os.Getenv("CI") != "" {
				t.Fatal("clamd is not installed")
			}
			t.Skip("clamd is not installed")
		}
	}
	dir, err := os.MkdirTemp("", "clamd") // the name of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	for name, text := range map[string]string{
		"heed.ndb": fmt.Sprintf("%s:0:*:%s\n", signature, hex.EncodeToString(Eicar())),
		"conf": fmt.Sprintf("LocalSocket %s\nDatabaseDirectory %s\nTemporaryDirectory %s\nForeground yes\nStreamMaxLength 1M\nMaxThreads 2\nUser %s\nPidFile %s\n",
			socket, dir, dir, owner(), filepath.Join(dir, "pid")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(program, "--config-file="+filepath.Join(dir, "conf"))
	c.Env, c.Stdout, c.Stderr = []string{"PATH=" + os.Getenv("PATH")}, io.Discard, os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	stop = func() { _ = c.Process.Kill(); <-ended; _ = os.Remove(socket) }
	t.Cleanup(stop)
	for range 600 {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			_ = conn.Close()
			return socket, stop
		}
		select {
		case <-ended:
			t.Fatal("clamd ended at once")
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("clamd doesn't listen")
	return "", nil
}

func there(path string) bool { _, err := os.Stat(path); return err == nil }

func owner() string {
	if u := os.Getenv("USER"); u != "" && os.Geteuid() != 0 {
		return u
	}
	return "root"
}
