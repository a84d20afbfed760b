package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestManyConnectionsThatSayNothingKeepNobodyOut(t *testing.T) {
	want := 10_000
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if room := int(files.Cur) - 500; room < want {
		want = room // what this process may open; the line's own limit is as low, so it is as hard pressed
	}
	k := startProcess(t, filepath.Join(t.TempDir(), "line"))
	var open []net.Conn
	t.Cleanup(func() {
		for _, conn := range open {
			conn.Close()
		}
	})
	for range want {
		conn, err := net.Dial("tcp", strings.TrimPrefix(k.public, "http://"))
		if err != nil {
			t.Fatalf("after %d connections: %v", len(open), err)
		}
		if len(open)%2 == 0 {
			if _, err := conn.Write([]byte("POST /api/v1/reports HTTP/1.1\r\nHost: h")); err != nil {
				t.Fatal(err)
			}
		}
		open = append(open, conn)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	begun := time.Now()
	var group sync.WaitGroup
	var served atomic.Int64
	for range 16 {
		group.Go(func() {
			// A connection of its own each time: a newcomer, as every reporter is.
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
			if _, err := submitOnce(ctx, client, k.public, &submission{Text: goodText, Language: "en"}); err != nil {
				t.Error(err)
				return
			}
			served.Add(1)
		})
	}
	group.Wait()
	t.Logf("%d silent connections, %d submissions in %s", len(open), served.Load(), time.Since(begun).Round(time.Millisecond))
}
