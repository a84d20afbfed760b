package web

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/sync/semaphore"

	"github.com/heed-line/heed"
)

const (
	// freeShare is what every body may hold without asking: an ordinary report. So large bodies that fill a Room keep
	// nobody out who writes a few thousand characters.
	freeShare = 16 << 10
	roomStep  = 32 << 10 // is asked for at a time beyond it
)

// Room bounds the bytes of request bodies that all requests together hold in memory. It is safe for concurrent use.
type Room struct {
	places *semaphore.Weighted
}

// NewRoom makes a Room of so many bytes.
func NewRoom(bytes int64) *Room { return &Room{semaphore.NewWeighted(bytes)} }

// Holding gives every request of next a Hold, until its answer is written.
func (r *Room) Holding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := &Hold{room: r}
		defer h.Release()
		next.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), holdKey{}, h)))
	})
}

type holdKey struct{}

// HoldOf is the Hold of a request that came through Holding.
func HoldOf(req *http.Request) *Hold { return req.Context().Value(holdKey{}).(*Hold) }

// Hold is what one request holds of a Room.
type Hold struct {
	room        *Room
	read, taken int64
}

// Reader reads from src what will be kept in memory.
//
// Its Read returns heed.ErrBusy where the Room is full.
func (h *Hold) Reader(src io.Reader) io.Reader { return &heldReader{src, h} }

// Release gives the share back; what was read must not be kept any longer. More may be read then.
func (h *Hold) Release() {
	h.room.places.Release(h.taken)
	h.read, h.taken = 0, 0
}

type heldReader struct {
	src  io.Reader
	hold *Hold
}

func (r *heldReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	h := r.hold
	h.read += int64(n)
	for h.read > freeShare+h.taken {
		if !h.room.places.TryAcquire(roomStep) {
			return 0, fmt.Errorf("room for a request's body: %w", heed.ErrBusy)
		}
		h.taken += roomStep
	}
	return n, err
}
