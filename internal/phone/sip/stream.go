package sip

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/heed-line/heed/internal/phone/sound"
)

// stream is a call's RTP, both ways.
type stream struct {
	pair   *pair
	terms  *terms // in force
	source source

	// What goes out.
	ssrc      uint32
	sequence  uint16
	timestamp uint32
	marker    bool // the next packet begins anew after a pause
	resting   bool // silence needn't be sent
	silent    int  // frames of it in a row
	seal      *srtp.Context
	plain     []byte // room for a packet
	sealed    []byte

	// What comes.
	open    *opener
	before  *opener // what came before it: packets under the old key may be on their way until one comes under the new
	opened  []byte
	packet  rtp.Packet
	theirs  uint32 // SSRC
	known   bool   // theirs is one
	fresh   bool   // theirs is new
	samples []int16

	counts counts
	cname  string
}

func newStream(p *pair) stream {
	return stream{pair: p, ssrc: rand.Uint32(), sequence: uint16(rand.Uint32N(1 << 15)), marker: true, cname: randomToken(8)}
}

// adopt puts terms into force.
func (s *stream) adopt(t *terms) error {
	before := s.terms
	s.terms = t
	s.source.unlock(t.to)
	if t.crypto == nil {
		s.seal, s.open, s.before = nil, nil, nil
		return nil
	}
	if before != nil && before.crypto != nil && *before.crypto == *t.crypto {
		return nil // the same keys count on
	}
	var err error
	if s.seal, err = t.crypto.ours.context(t.crypto.profile); err != nil {
		return err
	}
	s.before = s.open
	if s.open, err = t.crypto.theirs.opener(t.crypto.profile); err != nil {
		return err
	}
	s.ssrc = rand.Uint32() // no packet is ever sealed under a key, a source and a number that were used before
	s.known = false
	return nil
}

const (
	// tail is how much silence is sent before it isn't sent any more: what ended a moment ago fades out in it, and not in what the other end makes up.
	tail = 10 * sound.FrameTime
	// alive is how often silence is sent then, so that the way back stays open and nobody's timer for lost calls runs out.
	alive = time.Second
)

// rest says whether silence needn't be sent from now on (RFC 3551 §4.1).
func (s *stream) rest(on bool) { s.resting, s.silent = on, 0 }

// pauses says whether a frame of silence goes unsent.
func (s *stream) pauses() bool {
	s.silent++
	return s.resting && !s.terms.steady && s.silent > int(tail/sound.FrameTime) && s.silent%int(alive/sound.FrameTime) != 0
}

// speak sends a frame; nil is silence, which is sent too, so that the way back stays open. Who holds the call wants nothing.
func (s *stream) speak(out *sound.Frame) {
	var silence sound.Frame
	paused := false
	if out == nil {
		out, paused = &silence, s.pauses()
	} else {
		s.silent = 0
	}
	s.timestamp += sound.FrameSamples
	to := s.source.heardAt
	if paused || !s.terms.hears || !to.IsValid() {
		s.marker = true
		return
	}
	header := rtp.Header{Version: 2, Marker: s.marker, PayloadType: payloadType(s.terms.law), SequenceNumber: s.sequence, Timestamp: s.timestamp, SSRC: s.ssrc}
	s.plain = append(s.plain[:0], make([]byte, header.MarshalSize())...)
	if _, err := header.MarshalTo(s.plain); err != nil {
		return // the room is as large as the header says
	}
	s.plain = s.terms.law.Encode(s.plain, out[:])
	packet := s.plain
	if s.seal != nil {
		sealed, err := s.seal.EncryptRTP(s.sealed[:0], s.plain, &header)
		if err != nil {
			return // never in clear
		}
		s.sealed, packet = sealed, sealed
	}
	s.pair.rtp.send(packet, to)
	s.sequence++
	s.marker = false
	s.counts.sent(sound.FrameSamples)
}

// accept reads a packet into s.packet; false where it is none of this call's.
func (s *stream) accept(raw []byte, from netip.AddrPort, now time.Time) bool {
	if s.source.stranger(from, now) || !s.terms.speaks || raw[0]>>6 != 2 {
		return false
	}
	p := &s.packet
	if s.open != nil {
		opened, ok := s.open.sound(s.opened[:0], raw)
		switch {
		case ok:
			s.before = nil
		case s.before == nil:
			return false
		default:
			if opened, ok = s.before.sound(s.opened[:0], raw); !ok {
				return false
			}
		}
		s.opened, raw = opened, opened
	}
	if err := p.Unmarshal(raw); err != nil || !s.spoken(p.PayloadType) || !s.source.admits(from, now) {
		return false
	}
	if !s.known || p.SSRC != s.theirs {
		s.theirs, s.known, s.fresh = p.SSRC, true, true
		s.counts.restart()
	}
	return true
}

// spoken says whether a payload type is one that was agreed on, or the other law, to which some networks change without a word.
func (s *stream) spoken(pt uint8) bool {
	return pt == payloadType(sound.MuLaw) || pt == payloadType(sound.ALaw) || int(pt) == s.terms.events
}
