package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// called starts a line, and one whose trunk it is.
func called(t *testing.T, transport string, c Config) (caller, callee *Server) {
	t.Helper()
	dialling := Config{Trunk: &Trunk{Transport: transport, User: "line"}, Handler: func(context.Context, sound.Leg) {}}
	if transport == "tls" {
		chain := certificate(t, "127.0.0.1")
		c.Plain, c.TLS, c.Cert = "", "127.0.0.1:0", chain
		dialling.TLS, dialling.Cert, dialling.Trunk.Roots = "127.0.0.1:0", chain, pool(t, chain)
	}
	callee = answering(t, c)
	dialling.Trunk.Host = callee.plain.String()
	if transport == "tls" {
		dialling.Trunk.Host = callee.tls.String()
	}
	return answering(t, dialling), callee
}

// pool is who vouches for a certificate: itself.
func pool(t *testing.T, certificate *tls.Certificate) *x509.CertPool {
	t.Helper()
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return roots
}

// converse steps a call, saying frames and hearing, until enough were heard.
func converse(t testing.TB, leg sound.Leg, say []sound.Frame, steps int) (heard []sound.Frame, keys string) {
	t.Helper()
	for i := range steps {
		var out *sound.Frame
		if i < len(say) {
			out = &say[i]
		}
		in, pressed, err := leg.Step(out)
		if err != nil {
			t.Fatalf("after %d steps: %v", i, err)
		}
		heard = append(heard, *in)
		keys += pressed
	}
	return heard, keys
}

func TestACallThatGoesOutIsHeardAndSpokenToAndEndsWithWhoeverHangsUp(t *testing.T) {
	for _, transport := range []string{"udp", "tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			var r record
			caller, callee := called(t, transport, Config{Handler: r.echo, Ring: 50 * time.Millisecond})
			call, err := caller.Dial(context.Background(), "sip:201@pbx.example", nil)
			if err != nil {
				t.Fatal(err)
			}
			said := spoken(40)
			back, _ := converse(t, call, said, 60)
			if n, ordered := found(pressed(sound.ALaw, said), back); n < 15 || !ordered {
				t.Errorf("%d of 40 frames came back, in order: %v", n, ordered)
			}
			call.HangUp()
			call.HangUp()
			eventually(t, "a call that was hung up is over", func() bool {
				_, _, err := call.Step(nil)
				return errors.Is(err, io.EOF)
			})
			eventually(t, "the line that was called is free", func() bool { return callee.Calls() == 0 })
			if _, _, err := r.only(t).get(); !errors.Is(err, io.EOF) {
				t.Errorf("who was called was told %v", err)
			}
			eventually(t, "nothing is left of it", func() bool { return going(caller) == 0 })
			if got := fmt.Sprintf("%v %+v", call, call); got != "a call a call" {
				t.Errorf("it prints %q", got)
			}
		})
	}
}

// going is how many calls of the server's own are not over.
func going(s *Server) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialling + len(s.dialogs)
}

// A caller of one law and a telephone of the other are bridged, one holds the call meanwhile, and then who was called hangs up.
func TestABridgedCallCarriesSoundAndKeysBothWaysAndAHoldIsSilence(t *testing.T) {
	t.Parallel()
	var r record
	taken := make(chan context.CancelFunc, 1)
	callee := answering(t, Config{Handler: func(ctx context.Context, leg sound.Leg) {
		ctx, cancel := context.WithCancel(ctx)
		taken <- cancel
		r.echo(ctx, stoppable{leg, ctx})
	}})
	type outcome struct {
		side sound.Side
		err  error
		keys map[sound.Side]string
	}
	over := make(chan outcome, 1)
	lines := make(chan *Server, 1)
	line := answering(t, Config{Trunk: &Trunk{Host: callee.plain.String(), Transport: "udp", User: "line"}, Handler: func(ctx context.Context, leg sound.Leg) {
		call, err := (<-lines).Dial(ctx, "sip:201@pbx.example", nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer call.HangUp()
		keys := map[sound.Side]string{}
		side, err := sound.Bridge(ctx, leg, call, func(by sound.Side, pressed string) { keys[by] += pressed })
		over <- outcome{side, err, keys}
	}})
	lines <- line
	p := newPhone(t, line, "udp")
	p.law = sound.MuLaw
	p.call(p.sdp())
	hangUp := <-taken
	p.press("7")
	said := spoken(60)
	go p.say(said)
	back := p.hear(130, 30*time.Second)
	// Through two laws and back a frame isn't itself any more: told apart are sound and silence.
	loud := 0
	for i := range back {
		if back[i].Level() > -60 {
			loud++
		}
	}
	if loud < 20 {
		t.Errorf("%d of 60 frames came back to the caller", loud)
	}
	frames, _, _ := r.only(t).get()
	if len(frames) < 30 {
		t.Errorf("who was called heard %d frames", len(frames))
	}
	p.send("INVITE", p.sdp("a=sendonly"))
	p.expect(200)
	p.send("ACK", "")
	within(t, patience/2, "who holds is spoken to no more", func() bool { return len(p.hear(1, time.Second)) == 0 })
	var before, after []sound.Frame
	eventually(t, "what was on its way has come", func() bool {
		before, _, _ = r.only(t).get()
		return !slices.ContainsFunc(before[max(len(before)-10, 0):], func(f sound.Frame) bool { return f.Level() > -60 })
	})
	p.say(said[:30])
	eventually(t, "time goes on for who was called while the caller holds", func() bool {
		after, _, _ = r.only(t).get()
		return len(after) >= len(before)+40
	})
	for _, f := range after[len(before):] {
		if f.Level() > -60 {
			t.Error("who holds the call is heard")
			break
		}
	}
	hangUp()
	got := <-over
	if got.side != sound.Second || got.err != nil || got.keys[sound.First] != "7" {
		t.Errorf("the bridge ended by %v, %v, with the keys %v", got.side, got.err, got.keys)
	}
	p.expectRequest("BYE")
	eventually(t, "nothing is left of the calls", func() bool { return going(line) == 0 && going(callee) == 0 })
}

// stoppable is a Leg whose handler can be made to hang up.
type stoppable struct {
	sound.Leg
	ctx context.Context
}

func (s stoppable) Step(out *sound.Frame) (*sound.Frame, string, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, "", err
	}
	return s.Leg.Step(out)
}
