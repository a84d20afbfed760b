package main

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// roster knows a server's open connections and keeps room for the next: at its limit it closes the one that has waited
// longest without a request. So thousands of open, silent connections can't keep a reporter out; a limit that refused or
// queued the newest would let them. Where every connection serves a request the newest is refused: the limit is never
// passed. That takes more than slow senders, of whom web.Server bears half as many.
type roster struct {
	limit int

	mu      sync.Mutex
	waiting *list.List                 // of net.Conn, longest first: new or between two requests
	places  map[net.Conn]*list.Element // nil where a request is being served
}

func newRoster(limit int) *roster {
	return &roster{limit: limit, waiting: list.New(), places: map[net.Conn]*list.Element{}}
}

// track is the server's ConnState.
func (r *roster) track(conn net.Conn, state http.ConnState) {
	var dropped net.Conn
	r.mu.Lock()
	switch state {
	case http.StateNew:
		r.places[conn] = r.waiting.PushBack(conn)
		if len(r.places) > r.limit { // the newest waits too: it goes where nobody else does
			dropped = r.waiting.Remove(r.waiting.Front()).(net.Conn)
			delete(r.places, dropped)
		}
	case http.StateActive:
		if place, known := r.places[conn]; known && place != nil {
			r.waiting.Remove(place)
			r.places[conn] = nil
		}
	case http.StateIdle:
		if place, known := r.places[conn]; known && place == nil {
			r.places[conn] = r.waiting.PushBack(conn)
		}
	case http.StateClosed, http.StateHijacked:
		if place := r.places[conn]; place != nil {
			r.waiting.Remove(place)
		}
		delete(r.places, conn)
	}
	r.mu.Unlock()
	if dropped != nil {
		// Its server loop sees the closing and ends; an error here would only say that it did so already.
		dropped.Close()
	}
}

// open is the number of open connections.
func (r *roster) open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.places)
}
