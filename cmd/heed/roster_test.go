package main

import (
	"net"
	"net/http"
	"testing"
)

func TestARosterAtItsLimitClosesTheConnectionThatHasWaitedLongest(t *testing.T) {
	r := newRoster(3)
	conn := func() (ours, theirs net.Conn) { return net.Pipe() }
	var ours, theirs [4]net.Conn
	for i := range 3 {
		ours[i], theirs[i] = conn()
		r.track(ours[i], http.StateNew)
	}
	r.track(ours[0], http.StateActive) // the oldest serves a request: it must not be the one
	ours[3], theirs[3] = conn()
	r.track(ours[3], http.StateNew)
	if _, err := theirs[1].Write([]byte("x")); err == nil {
		t.Error("the longest waiting connection is still open")
	}
	if r.open() != 3 {
		t.Errorf("%d connections are counted", r.open())
	}
	r.track(ours[1], http.StateClosed) // its server loop says so afterwards
	r.track(ours[0], http.StateIdle)
	r.track(ours[0], http.StateClosed)
	if r.open() != 2 {
		t.Errorf("%d connections are counted after two closed", r.open())
	}
}

func TestARosterWhoseConnectionsAllServeRequestsRefusesTheNewest(t *testing.T) {
	r := newRoster(2)
	var theirs [3]net.Conn
	for i := range 3 {
		var ours net.Conn
		ours, theirs[i] = net.Pipe()
		r.track(ours, http.StateNew)
		if i < 2 {
			r.track(ours, http.StateActive)
		}
	}
	if _, err := theirs[2].Write([]byte("x")); err == nil {
		t.Error("the newest is still open")
	}
	if r.open() != 2 {
		t.Errorf("%d connections are counted", r.open())
	}
}
