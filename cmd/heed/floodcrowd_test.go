package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowded names the address that a process is to crowd.
const crowded = "HEED_TEST_CROWD"

// TestCrowd is that process, so that it costs the people beside it nothing but the machine's time: every five seconds it tries a
// thousand Receipts at once, none of which is anybody's, and tells how many were looked up, until its input ends.
func TestCrowd(t *testing.T) {
	address := os.Getenv(crowded)
	if address == "" {
		t.Skip("this is run by TestPeopleGetThroughTenThousandJunkSubmissionsAMinute")
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
			t.Error(err)
		}
	}()
	for {
		next := time.After(5 * time.Second)
		fmt.Printf("tried %d\n", wrongReceipts(address, 1000))
		select {
		case <-next:
		case <-over:
			return
		}
	}
}

// wrongReceipts tries so many at once and answers how many were looked up. It speaks to the connections itself: what a crowd
// costs itself is no cost of the line's.
func wrongReceipts(address string, many int) int64 {
	var group sync.WaitGroup
	var tried atomic.Int64
	for n := range many {
		group.Go(func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				return // the machine has no more connections: as good as shed
			}
			defer c.Close()
			if c.SetDeadline(time.Now().Add(time.Minute)) != nil {
				return
			}
			from := through(fmt.Sprintf("198.51.%d.9", 100+n%4))
			_, err = fmt.Fprintf(c, "GET /api/v1/status HTTP/1.1\r\nHost: line\r\nConnection: close\r\n%s: %s\r\n%s: %s\r\nAuthorization: Receipt %020d\r\n\r\n",
				from[0], from[1], from[2], from[3], n)
			answer, err2 := io.ReadAll(c)
			if err == nil && err2 == nil && bytes.HasPrefix(answer, []byte("HTTP/1.1 404")) {
				tried.Add(1)
			}
		})
	}
	group.Wait()
	return tried.Load()
}

// crowd begins to crowd the line. end stops it and answers how many wrong Receipts were looked up in so many rounds.
func (k *killed) crowd() (end func() (tried, rounds int)) {
	k.t.Helper()
	var said bytes.Buffer
	command := exec.Command(os.Args[0], "-test.run=^TestCrowd$")
	command.Env = append(os.Environ(), crowded+"="+strings.TrimSuffix(strings.TrimPrefix(k.public, "http://"), "/"))
	command.Stdout, command.Stderr = &said, &said
	input, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return func() (tried, rounds int) {
		if err := input.Close(); err != nil {
			k.t.Error(err)
		}
		if err := command.Wait(); err != nil {
			k.t.Errorf("the crowd: %v\n%s", err, &said)
		}
		for line := range strings.Lines(said.String()) {
			var n int
			if _, err := fmt.Sscanf(line, "tried %d", &n); err == nil {
				tried, rounds = tried+n, rounds+1
			}
		}
		return tried, rounds
	}
}
