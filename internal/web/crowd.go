package web

import (
	"container/list"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// bodyWindow and bodyQuota are how slow a sender may be: so much in every window, however much came before it. A phone
	// on a bad line keeps up; a client that holds a connection by dripping bytes does not.
	bodyWindow = 30 * time.Second
	bodyQuota  = 512 * int64(bodyWindow/time.Second)
	// writeGrace is how much longer than reading writing may take: the answer to a body that was cut off.
	writeGrace = 60 * time.Second
)

// crowd bounds what a server does at one time: its requests, and among them those whose body is still coming. Where too
// many send, the one that has been sending longest ends: senders who take their time can't keep a newcomer out.
type crowd struct {
	requests, senders int // at most

	mu      sync.Mutex
	under   int        // requests under way
	sending *list.List // of *patientBody, longest first
}

func newCrowd(requests, senders int) *crowd {
	return &crowd{requests: requests, senders: senders, sending: list.New()}
}

func (c *crowd) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.under >= c.requests {
		return false
	}
	c.under++
	return true
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under--
}

// join adds a body that begins to come.
func (c *crowd) join(b *patientBody) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.place = c.sending.PushBack(b)
	b.begin()
	if c.sending.Len() > c.senders {
		longest := c.sending.Front().Value.(*patientBody)
		c.remove(longest)
		longest.end()
	}
}

// part takes a body out that ended in whatever way; it reports whether it was still in.
func (c *crowd) part(b *patientBody) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.remove(b)
}

// goOn opens the next window of a body that is still in.
func (c *crowd) goOn(b *patientBody) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.place != nil {
		b.begin()
	}
}

func (c *crowd) remove(b *patientBody) bool {
	if b.place == nil {
		return false
	}
	c.sending.Remove(b.place)
	b.place = nil
	return true
}

// patientBody is a request's body on its way.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	crowd   *crowd
	place   *list.Element // in the crowd, which guards it; nil once the body has ended
	window  time.Time     // when the present window opened
	read    int64         // since then
}

func (b *patientBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	switch {
	case err == io.EOF:
		if b.crowd.part(b) {
			// What the handler does with it may take longer than a window; the deadline would cut it off.
			if b.control.SetReadDeadline(time.Time{}) == nil {
				grantAnswer(b.control)
			}
		}
	case err != nil:
		b.crowd.part(b)
	case b.read >= bodyQuota && time.Since(b.window) >= time.Second: // each move of a deadline costs a timer
		b.crowd.goOn(b)
	}
	return n, err
}

// begin opens a window. The crowd calls it.
func (b *patientBody) begin() {
	b.window, b.read = time.Now(), 0
	b.deadline(b.window.Add(bodyWindow))
}

// end makes the next byte come too late. The crowd calls it.
func (b *patientBody) end() { b.deadline(time.Now()) }

func (b *patientBody) deadline(t time.Time) {
	if b.control.SetReadDeadline(t) != nil {
		return // a ResponseWriter without deadlines (a test's recorder) has no connection to guard
	}
	if b.control.SetWriteDeadline(t.Add(writeGrace)) != nil {
		return
	}
}
