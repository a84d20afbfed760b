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
	"testing"
	"time"

	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/blob/s3test"
	"github.com/heed-line/heed/internal/intake"
)

// losing stands before a bucket's server: what is put it takes whole, breaks the connection, and lets the server have it when it is told.
type losing struct {
	*httptest.Server
	taken chan *http.Request
}

func startLosing(t *testing.T, host string) *losing {
	l := &losing{taken: make(chan *http.Request, 100)}
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

func TestAFileWhoseArrivalInABucketWasNeverConfirmedIsSwept(t *testing.T) {
	l := newLine(t)
	server := s3test.Start(t)
	address := server.Bucket("line")
	between := startLosing(t, server.Host)
	at, err := blob.ParseAddress(strings.Replace(address, server.Host, strings.TrimPrefix(between.URL, "http://"), 1))
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := blob.OpenS3(at, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l.config.Blobs = bucket
	in := intake.New(l.config)
	if _, err := in.Stage(t.Context(), "cabinet.txt", strings.NewReader("gas")); !errors.Is(err, blob.ErrUnreachable) {
		t.Fatalf("without an answer: %v", err)
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
