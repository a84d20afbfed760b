package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/blob/s3test"
	"github.com/heed-line/heed/internal/intake"
)

// losing stands before a bucket's server: what is put it takes whole, breaks the connection, and lets the server have it when it is told.
type losing struct {
	*httptest.Server
	taken chan *http.Request
	asked atomic.Int32 // how often for an object's length
}

func startLosing(t *testing.T, host string) *losing {
	l := &losing{taken: make(chan *http.Request, 100)}
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			l.asked.Add(1)
		}
		if r.Method != http.MethodPut {
			to.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		again := r.Clone(context.Background())
		again.Body = io.NopCloser(bytes.NewReader(body))
		l.taken <- again
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(l.Close)
	return l
}

// deliver lets the server have what was put last.
func (l *losing) deliver(t *testing.T, host string) {
	t.Helper()
	var last *http.Request
	for len(l.taken) > 0 {
		last = <-l.taken
	}
	if last == nil {
		t.Fatal("nothing was put")
	}
	answer := httptest.NewRecorder()
	httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host}).ServeHTTP(answer, last)
	if answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
}

// bucketAt is a bucket by another address.
func bucketAt(t *testing.T, address, host, other string) *blob.S3 {
	t.Helper()
	at, err := blob.ParseAddress(strings.Replace(address, host, strings.TrimPrefix(other, "http://"), 1))
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := blob.OpenS3(at, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return bucket
}

// notes is how many files are noted as staged.
func (l *line) notes(t *testing.T) int {
	t.Helper()
	var staged []string
	err := l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		staged, err = tx.StagedBefore(t.Context(), l.now.Add(time.Hour), 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(staged)
}

func TestAFileThatABucketRefusesLeavesNoNote(t *testing.T) {
	l := newLine(t)
	server := s3test.Start(t)
	address := server.Bucket("line")
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: server.Host})
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			to.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		if _, err := io.WriteString(w, "<Error><Code>AccessDenied</Code></Error>"); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(refusing.Close)
	l.config.Blobs = bucketAt(t, address, server.Host, refusing.URL)
	if _, err := intake.New(l.config).Stage(t.Context(), "cabinet.txt", strings.NewReader("gas")); err == nil || errors.Is(err, blob.ErrUnreachable) {
		t.Fatalf("where nothing may be put: %v", err)
	}
	if n := l.notes(t); n != 0 {
		t.Errorf("%d notes stay", n)
	}
}

func TestAFileWhoseArrivalInABucketWasNeverConfirmedIsSwept(t *testing.T) {
	l := newLine(t)
	server := s3test.Start(t)
	address := server.Bucket("line")
	between := startLosing(t, server.Host)
	l.config.Blobs = bucketAt(t, address, server.Host, between.URL)
	in := intake.New(l.config)
	if _, err := in.Stage(t.Context(), "cabinet.txt", strings.NewReader("gas")); !errors.Is(err, blob.ErrUnreachable) {
		t.Fatalf("without an answer: %v", err)
	}
	// Until it comes it is asked for ever more seldom: at every count of a minute, that would be 180 times.
	before := between.asked.Load()
	for range 180 {
		l.now = l.now.Add(time.Minute)
		if _, err := in.Stage(t.Context(), "empty.txt", strings.NewReader("")); err == nil {
			t.Fatal("an empty file is taken")
		}
	}
	if n := between.asked.Load() - before; n < 2 || n > 20 {
		t.Errorf("it is asked for %d times in three hours", n)
	}
	between.deliver(t, server.Host) // and only now it is there
	if objects := server.Objects("line"); len(objects) != 1 {
		t.Fatalf("the bucket has %v", objects)
	}
	l.now = l.now.Add(49 * time.Hour)
	if n, err := in.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("swept are %d, %v", n, err)
	}
	if objects := server.Objects("line"); len(objects) != 0 {
		t.Errorf("the bucket keeps %v", objects)
	}
}
