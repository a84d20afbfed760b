// Package s3test runs a real S3 server, versitygw, for tests. It may import what speaks S3 and nothing of Heed's.
package s3test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// keyID and secret are the server's owner's.
const keyID, secret = "heed-tests", "a secret of nobody's"

// patience is how long the server may take to answer on a machine that has much else to do.
const patience = 2 * time.Minute

// Server is one that runs until the test is over.
type Server struct {
	// Host is HOST:PORT, the same after a restart.
	Host string
	// Credentials is a file with the owner's, in AWS's format.
	Credentials string
	// Client speaks to the server as its owner.
	Client *minio.Client

	t         testing.TB
	root      string // of buckets
	notes     string // beside the objects
	versions  string // "" where it keeps none
	health    string
	command   *exec.Cmd
	said      *said
	ended     chan struct{}
	arguments []string
}

// Option changes how a server runs.
type Option func(*Server)

// Versions lets buckets keep versions.
func Versions() Option {
	return func(s *Server) { s.versions = s.folder("versions") }
}

// TLS has the server speak TLS.
func TLS(certificate, key string) Option {
	return func(s *Server) { s.arguments = append(s.arguments, "--cert", certificate, "--key", key) }
}

// Start starts a server. Without versitygw the test is skipped, or fails where everything must be there (CI=true).
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	program, err := find()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &Server{t: t, health: fmt.Sprintf("/alive-%d", rand.Uint64())}
	s.root, s.notes = s.folder("buckets"), s.folder("notes")
	s.Credentials = filepath.Join(s.folder("owner"), "credentials")
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", keyID, secret)
	if err := os.WriteFile(s.Credentials, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range options {
		o(s)
	}
	t.Cleanup(s.Kill)
	for range 10 { // a port that is free now may be another's in a moment
		s.Host = freePort(t)
		if err = s.run(program); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Client, err = minio.New(s.Host, &minio.Options{Creds: credentials.NewStaticV4(keyID, secret, ""), Region: "us-east-1", Secure: s.secure(), Transport: s.transport()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// find finds the program: the version that scripts/install-test-deps installs, or else one on the path.
func find() (string, error) {
	out, err := exec.Command("go", "env", "GOPATH").Output()
	if err != nil {
		return "", fmt.Errorf("ask go where it installs programs: %w", err)
	}
	if path := filepath.Join(strings.TrimSpace(string(out)), "bin", "versitygw"); exists(path) {
		return path, nil
	}
	path, err := exec.LookPath("versitygw")
	if err != nil {
		return "", fmt.Errorf("versitygw isn't installed (scripts/install-test-deps): %w", err)
	}
	return path, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *Server) folder(name string) string {
	dir := filepath.Join(s.t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// freePort is an address below the ports that the system gives to whoever connects, so that it is still free after a restart.
func freePort(t testing.TB) string {
	for range 100 {
		host := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		l, err := net.Listen("tcp", host)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return host
	}
	t.Fatal("no port is free")
	return ""
}

func (s *Server) secure() bool { return len(s.arguments) > 0 }

func (s *Server) transport() http.RoundTripper {
	t, err := minio.DefaultTransport(s.secure())
	if err != nil {
		s.t.Fatal(err)
	}
	if s.secure() {
		t.TLSClientConfig.InsecureSkipVerify = true // the test's own certificate; whether Heed verifies it is Heed's part
	}
	return t
}

// run starts the program and waits until it answers.
func (s *Server) run(program string) error {
	args := append([]string{"--port", s.Host, "--health", s.health, "--quiet", "--keep-alive"}, s.arguments...)
	args = append(args, "posix", "--sidecar", s.notes)
	if s.versions != "" {
		args = append(args, "--versioning-dir", s.versions)
	}
	s.command = exec.Command(program, append(args, s.root)...)
	s.command.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+keyID, "ROOT_SECRET_KEY="+secret)
	s.said, s.ended = &said{}, make(chan struct{})
	s.command.Stdout, s.command.Stderr = s.said, s.said
	if err := s.command.Start(); err != nil {
		return fmt.Errorf("start versitygw: %w", err)
	}
	go func(c *exec.Cmd, ended chan struct{}) {
		_ = c.Wait() // it is killed
		close(ended)
	}(s.command, s.ended)
	return s.await()
}

func (s *Server) await() error {
	scheme := "http://"
	if s.secure() {
		scheme = "https://"
	}
	client := &http.Client{Transport: s.transport()}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+s.Host+s.health, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			if err := response.Body.Close(); err != nil {
				return err
			}
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.ended:
			return fmt.Errorf("versitygw ended: %s", s.said)
		case <-ctx.Done():
			return errors.Join(errors.New("versitygw doesn't answer"), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill ends the server at once, as a crash does. What it has answered for is still there after a Restart.
func (s *Server) Kill() {
	if s.command == nil || s.command.Process == nil {
		return
	}
	_ = s.command.Process.Kill() // it may have ended by itself
	<-s.ended
}

// Restart starts a server that was killed, at the same address.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.run(s.command.Path); err != nil {
		s.t.Fatal(err)
	}
}

// Bucket makes a bucket and gives its address, with everything that opens it.
func (s *Server) Bucket(name string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Client.MakeBucket(ctx, name, minio.MakeBucketOptions{}); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("s3://%s/%s?credentials=%s", s.Host, name, s.Credentials)
}

// Objects are the names of all objects of a bucket.
func (s *Server) Objects(bucket string) []string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var names []string
	for o := range s.Client.ListObjectsIter(ctx, bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			s.t.Fatal(o.Err)
		}
		names = append(names, o.Key)
	}
	return names
}

// said is what the program printed.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String implements fmt.Stringer.
func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
