package sip

import "encoding/binary"

// Events of RFC 4733 §3.2 are the keys' places in this text.
const keypad = "0123456789*#"

// mostKeys bounds what one Step hands on: nobody presses faster, and a flood of digits ends here.
const mostKeys = 16

// keys gathers the keys that come as telephone events (RFC 4733). An event comes in several packets, its end three times over; it is told apart from
// the next by its timestamp together with its code, since some phones send two keys under one timestamp.
type keys struct {
	seen    [8]event // the last ones, so that a packet that was overtaken isn't taken for a new event
	next    int
	pressed []byte
}

// event is one press of a key.
type event struct {
	code      byte
	began     uint32 // timestamp
	duration  uint16
	over      bool
	remembers bool // false: nothing is here
}

// take reads a telephone event's packet with the timestamp at.
func (k *keys) take(payload []byte, at uint32) {
	if len(payload) < 4 {
		return
	}
	e := event{code: payload[0], began: at, over: payload[1]&0x80 != 0, duration: binary.BigEndian.Uint16(payload[2:]), remembers: true}
	for i := range k.seen {
		s := &k.seen[i]
		if !s.remembers || s.code != e.code {
			continue
		}
		// A key held for more than 8 s goes on under a new timestamp, where the last segment ended (§2.5.1.3).
		if s.began == e.began || !s.over && s.duration == 0xffff && e.began-s.began == 0xffff {
			s.began, s.duration, s.over = e.began, e.duration, s.over || e.over
			return
		}
	}
	k.seen[k.next] = e
	k.next = (k.next + 1) % len(k.seen)
	if int(e.code) < len(keypad) && len(k.pressed) < mostKeys {
		k.pressed = append(k.pressed, keypad[e.code])
	}
}

// hand gives what was pressed since the last time.
func (k *keys) hand() string {
	if len(k.pressed) == 0 {
		return ""
	}
	pressed := string(k.pressed)
	k.pressed = k.pressed[:0]
	return pressed
}
