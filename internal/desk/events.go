package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

const (
	heartbeat     = 15 * time.Second
	eventDeadline = 30 * time.Second // for one write to a slow client
	catchUp       = 1000             // events that a returning client may have missed and still be told
)

// deskEvent is one event as browsers and the API's clients read it. It holds no content.
type deskEvent struct {
	Kind   string    `json:"kind"`
	Report heed.ID   `json:"report,omitempty"`
	List   heed.List `json:"list,omitempty"`
	Level  int       `json:"level,omitempty"`
	At     time.Time `json:"at"`
}

// concerns reports whether the staff member is to hear of the event: what goes to a role or a department goes to it
// alone, and what goes to all goes to those who see the queue, as far as they are to know of the report.
func concerns(me *heed.Staff, e *heed.DeskEvent) bool {
	if strings.HasPrefix(e.Kind, "clock.") {
		return auth.Allow(me, auth.ClockRead, auth.Resource{}) == nil
	}
	if e.Kind == heed.EventCalls {
		return auth.Allow(me, auth.CallTake, auth.Resource{}) == nil || auth.Allow(me, auth.CallFigures, auth.Resource{}) == nil
	}
	if strings.HasPrefix(e.Kind, "disclosure.") {
		return auth.Allow(me, auth.DisclosureList, auth.Resource{}) == nil
	}
	if strings.HasPrefix(e.Kind, "referral.") && e.To != "" && auth.Allow(me, auth.ReferralList, auth.Resource{Department: e.To}) == nil {
		return true
	}
	queue := auth.Allow(me, auth.QueueRead, auth.Resource{Report: e.Report, Category: e.Category}) == nil
	return queue && (e.To == "" || e.Kind != "report.alert" || me.Has(heed.Role(e.To)))
}

// liveEvents streams to a signed-in page.
func (d *Desk) liveEvents(w http.ResponseWriter, r *http.Request, _ *heed.Staff) error {
	secret, mark := d.secret(r), d.browser(r)
	return d.stream(w, r, func(ctx context.Context) (*heed.Staff, error) { return d.Auth.Watch(ctx, secret, mark) })
}

// stream sends events until the client goes, the desk stops, or who is no longer somebody: asked again at every heartbeat.
func (d *Desk) stream(w http.ResponseWriter, r *http.Request, who func(context.Context) (*heed.Staff, error)) error {
	ctx := r.Context()
	me, err := who(ctx)
	if err != nil {
		return err
	}
	events, leave, err := d.events.listen(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s := eventStream{w: w, control: http.NewResponseController(w)}
	s.open()
	if err := d.missed(ctx, r, &s, me); err != nil {
		return nil // the answer has begun: the client asks again by itself
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for s.err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-d.events.ended:
			return nil
		case e, open := <-events:
			if !open {
				return nil
			}
			if concerns(me, e) {
				s.send(e)
			}
		case <-beat.C:
			me, err = who(ctx)
			if errors.Is(err, heed.ErrNotFound) {
				s.write("event: end\ndata: {}\n\n")
				return nil
			}
			if err != nil {
				return nil
			}
			s.write(":\n\n")
		}
	}
	return nil
}

// missed sends what happened since the event that a returning client saw last.
func (d *Desk) missed(ctx context.Context, r *http.Request, s *eventStream, me *heed.Staff) error {
	last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || last <= 0 { // a client that comes for the first time has none
		return nil
	}
	var events []*heed.DeskEvent
	err = d.Store.View(ctx, func(tx heed.Tx) (err error) {
		events, err = tx.EventsAfter(ctx, last, catchUp)
		return err
	})
	if err != nil {
		d.Log.Error("desk: reading missed events", "error", err)
		return err
	}
	for _, e := range events {
		if concerns(me, e) {
			s.send(e)
		}
	}
	return nil
}

// eventStream writes server-sent events (HTML standard §9.2) until one write fails.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	sent    int64
	err     error
}

func (s *eventStream) open() {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	// The request is over: the connection may stay silent from that side as long as it likes.
	if err := s.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.err = err
		return
	}
	s.w.WriteHeader(http.StatusOK)
	s.write("retry: 2000\n\n")
}

func (s *eventStream) send(e *heed.DeskEvent) {
	if e.Seq <= s.sent { // sent already as a missed one
		return
	}
	s.sent = e.Seq
	data, err := json.Marshal(deskEvent{e.Kind, e.Report, e.List, e.Level, e.At})
	if err != nil {
		s.err = err
		return
	}
	s.write(fmt.Sprintf("id: %d\nevent: desk\ndata: %s\n\n", e.Seq, data))
}

func (s *eventStream) write(text string) {
	if s.err != nil {
		return
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(eventDeadline)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.err = err
		return
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		s.err = err
		return
	}
	s.err = s.control.Flush()
}
