package desk

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

func TestADownloadLastsAsLongAsItIsBeingTaken(t *testing.T) {
	const size = 16 << 20 // more than both ends of a connection keep
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		WriteTimeout: time.Second, // the deadline that a download has to move on
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if err := download(w, io.NopCloser(bytes.NewReader(make([]byte, size))), "package.age"); err != nil {
				t.Error(err)
			}
		}),
	}
	go s.Serve(l)
	defer s.Close()
	answer, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got := int64(0)
	for range 4 {
		n, err := io.CopyN(io.Discard, answer.Body, size/8)
		if got += n; err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if got += n; err != nil || got != size {
		t.Errorf("%d of %d bytes: %v", got, size, err)
	}
}
