package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/heed-line/heed/internal/phone/sound"
)

var (
	errDescription  = errors.New("no description of a session")        // 400
	errUnacceptable = errors.New("nothing in it that could be spoken") // 488
)

const (
	protected  = "RTP/SAVP"
	inClear    = "RTP/AVP"
	longestSDP = 16 << 10
	mostMedia  = 16
	noEvents   = -1
	ourEvents  = 101 // the payload type of telephone events where we make the offer
)

// terms are what both ends agreed on for the sound of a call.
type terms struct {
	law    sound.Law
	events int            // payload type of telephone events (RFC 4733); noEvents where there are none
	to     netip.AddrPort // where the other end wants its sound; not valid where it wants none
	report netip.AddrPort // and its RTCP
	speaks bool           // the other end sends sound
	hears  bool           // and wants to hear
	steady bool           // the other end wants silence sent like sound
	crypto *crypto        // nil: in clear
}

// policy is what a call's signalling allows for its sound.
type policy struct {
	secure bool // it came by TLS: keys may stand in it
	clear  bool // sound may go in clear
}

// local is our end of a session.
type local struct {
	address netip.Addr // as others are told
	port    uint16
	id      uint64
	version uint64
	key     *material // what protects our sound where it is protected
}

// offer is the other end's description: which of its media we take, and on which terms.
type offer struct {
	media  []*sdp.MediaDescription
	chosen int
	terms  terms
	crypto *cryptoLine // as it will be answered
}

// readOffer reads an offer or an answer (RFC 3264).
//
// It returns errDescription where it can't be read, and errUnacceptable where nothing in it can be taken.
func readOffer(body []byte, p policy) (*offer, error) {
	var s sdp.SessionDescription
	if len(body) == 0 || len(body) > longestSDP {
		return nil, errDescription
	}
	if err := s.Unmarshal(body); err != nil {
		return nil, errDescription // pion's error quotes the line
	}
	if len(s.MediaDescriptions) == 0 || len(s.MediaDescriptions) > mostMedia {
		return nil, errDescription
	}
	for _, protos := range []string{protected, inClear} { // who offers both gets the better one
		for i, m := range s.MediaDescriptions {
			if strings.Join(m.MediaName.Protos, "/") != protos {
				continue
			}
			if terms, line, ok := readMedia(&s, m, p); ok {
				return &offer{media: s.MediaDescriptions, chosen: i, terms: terms, crypto: line}, nil
			}
		}
	}
	return nil, errUnacceptable
}

// readMedia reads one of a session's media; false where we can't take it.
func readMedia(s *sdp.SessionDescription, m *sdp.MediaDescription, p policy) (t terms, line *cryptoLine, ok bool) {
	if m.MediaName.Media != "audio" || m.MediaName.Port.Value <= 0 || m.MediaName.Port.Value > 65535 {
		return t, nil, false
	}
	if strings.Join(m.MediaName.Protos, "/") == protected {
		line = chooseCrypto(m, p)
	}
	if line == nil && (m.MediaName.Protos[1] == "SAVP" || !p.clear) {
		return t, nil, false
	}
	if t.law, ok = chooseLaw(m.MediaName.Formats); !ok {
		return t, nil, false
	}
	t.events = chooseEvents(m)
	t.speaks, t.hears = direction(s, m)
	t.steady = wantsSilence(s, m)
	c := m.ConnectionInformation
	if c == nil {
		c = s.ConnectionInformation
	}
	if c == nil || c.NetworkType != "IN" || c.Address == nil {
		return t, nil, false
	}
	address, err := netip.ParseAddr(c.Address.Address) // a name would have to be looked up: refused
	if err != nil || address.IsMulticast() || address.Zone() != "" {
		return t, nil, false
	}
	if address.IsUnspecified() { // hold, as RFC 2543 had it
		t.hears = false
		return t, line, true
	}
	t.to = netip.AddrPortFrom(address.Unmap(), uint16(m.MediaName.Port.Value))
	t.report = reports(m, t.to)
	return t, line, true
}

// chooseLaw is the first law that the other end names.
func chooseLaw(formats []string) (sound.Law, bool) {
	for _, f := range formats {
		switch f {
		case "0":
			return sound.MuLaw, true
		case "8":
			return sound.ALaw, true
		}
	}
	return 0, false
}

// payloadType is the law's static payload type (RFC 3551 §6).
func payloadType(l sound.Law) uint8 {
	if l == sound.ALaw {
		return 8
	}
	return 0
}

// chooseEvents is the payload type that the medium gives to telephone events.
func chooseEvents(m *sdp.MediaDescription) int {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		number, name, _ := strings.Cut(a.Value, " ")
		pt, err := strconv.Atoi(number)
		if err == nil && pt >= 96 && pt <= 127 && strings.EqualFold(strings.TrimSpace(name), "telephone-event/8000") && slices.Contains(m.MediaName.Formats, number) {
			return pt
		}
	}
	return noEvents
}

// direction says what the other end does with the medium.
func direction(s *sdp.SessionDescription, m *sdp.MediaDescription) (speaks, hears bool) {
	for _, attributes := range [][]sdp.Attribute{m.Attributes, s.Attributes} {
		for _, a := range attributes {
			switch a.Key {
			case "sendrecv":
				return true, true
			case "sendonly":
				return true, false
			case "recvonly":
				return false, true
			case "inactive":
				return false, false
			}
		}
	}
	return true, true
}

// wantsSilence says whether the other end asks for silence to be sent (RFC 3108).
func wantsSilence(s *sdp.SessionDescription, m *sdp.MediaDescription) bool {
	value, ok := m.Attribute("silenceSupp")
	if !ok {
		value, _ = s.Attribute("silenceSupp")
	}
	return strings.HasPrefix(strings.TrimSpace(value), "off")
}

// chooseCrypto is the first protection that the medium offers and we speak. Keys that came in clear protect nothing.
func chooseCrypto(m *sdp.MediaDescription, p policy) *cryptoLine {
	if !p.secure {
		return nil
	}
	for _, a := range m.Attributes {
		if a.Key != "crypto" {
			continue
		}
		if line, ok := parseCrypto(a.Value); ok {
			return &line
		}
	}
	return nil
}

// reports is where RTCP goes: the next port, or where the other end says (RFC 3605).
func reports(m *sdp.MediaDescription, to netip.AddrPort) netip.AddrPort {
	at := portAbove(to)
	value, ok := m.Attribute("rtcp")
	if !ok {
		return at
	}
	parts := strings.Fields(value)
	if len(parts) == 0 {
		return at
	}
	port, err := strconv.ParseUint(parts[0], 10, 16)
	if err != nil || port == 0 {
		return at
	}
	return netip.AddrPortFrom(to.Addr(), uint16(port)) // another address than the sound's isn't taken
}

// portAbove is where RTCP is where nothing else was said; not valid above the last port.
func portAbove(a netip.AddrPort) netip.AddrPort {
	if a.Port() == 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr(), a.Port()+1)
}

// answer describes our end to the offer, media by media in its order (RFC 3264 §6), and completes the terms.
//
// Where the other end's key is a new one, so is ours; current are the terms of before, nil at the first.
func (o *offer) answer(l *local, current *terms) ([]byte, *terms, error) {
	s := l.session()
	agreed := o.terms
	if o.crypto != nil && (current == nil || current.crypto == nil || current.crypto.theirs != *o.crypto.key) {
		l.key = newMaterial()
	}
	for i, m := range o.media {
		if i != o.chosen {
			name := m.MediaName
			name.Port = sdp.RangedPort{} // refused
			s.MediaDescriptions = append(s.MediaDescriptions, &sdp.MediaDescription{MediaName: name})
			continue
		}
		ours := l.medium(m.MediaName.Protos, []sound.Law{agreed.law}, agreed.events, agreed.speaks, agreed.hears)
		if o.crypto != nil {
			agreed.crypto = &crypto{profile: suites[o.crypto.suite].profile, ours: *l.key, theirs: *o.crypto.key}
			ours.WithValueAttribute("crypto", cryptoLine{o.crypto.tag, o.crypto.suite, l.key}.String())
		}
		s.MediaDescriptions = append(s.MediaDescriptions, ours)
	}
	body, err := s.Marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("writing an answer: %w", err)
	}
	return body, &agreed, nil
}

// offer describes our end to one who called without an offer, or who asks anew.
func (l *local) offer(p policy) ([]byte, error) {
	protos := inClear
	if p.secure {
		protos = protected
	}
	m := l.medium(strings.Split(protos, "/"), []sound.Law{sound.ALaw, sound.MuLaw}, ourEvents, true, true)
	if p.secure {
		for i := range suites {
			m.WithValueAttribute("crypto", cryptoLine{i + 1, i, l.key}.String())
		}
	}
	s := l.session()
	s.MediaDescriptions = append(s.MediaDescriptions, m)
	body, err := s.Marshal()
	if err != nil {
		return nil, fmt.Errorf("writing an offer: %w", err)
	}
	return body, nil
}

// readAnswer reads the answer to our offer.
func (l *local) readAnswer(body []byte, p policy) (*terms, error) {
	o, err := readOffer(body, p)
	if err != nil {
		return nil, err
	}
	t := o.terms
	if t.events != noEvents {
		t.events = ourEvents // the type that we asked to be sent
	}
	if o.crypto != nil {
		if o.crypto.tag != o.crypto.suite+1 {
			return nil, errUnacceptable // it answers a line that we didn't offer
		}
		t.crypto = &crypto{profile: suites[o.crypto.suite].profile, ours: *l.key, theirs: *o.crypto.key}
	}
	return &t, nil
}

// session is the part of our descriptions that stays; each new one counts on (RFC 3264 §8).
func (l *local) session() *sdp.SessionDescription {
	l.version++
	family := "IP4"
	if l.address.Is6() {
		family = "IP6"
	}
	return &sdp.SessionDescription{
		Origin:                sdp.Origin{Username: "-", SessionID: l.id, SessionVersion: l.version, NetworkType: "IN", AddressType: family, UnicastAddress: l.address.String()},
		SessionName:           "-",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: family, Address: &sdp.Address{Address: l.address.String()}},
		TimeDescriptions:      []sdp.TimeDescription{{}},
	}
}

// medium is our sound. What the other end does is turned around.
func (l *local) medium(protos []string, laws []sound.Law, events int, speaks, hears bool) *sdp.MediaDescription {
	m := &sdp.MediaDescription{MediaName: sdp.MediaName{Media: "audio", Port: sdp.RangedPort{Value: int(l.port)}, Protos: protos}}
	for _, law := range laws {
		name := "PCMU"
		if law == sound.ALaw {
			name = "PCMA"
		}
		m.WithCodec(payloadType(law), name, sound.Rate, 0, "")
	}
	if events != noEvents {
		m.WithCodec(uint8(events), "telephone-event", sound.Rate, 0, "0-15")
	}
	m.WithValueAttribute("ptime", strconv.Itoa(int(sound.FrameTime.Milliseconds())))
	way := map[[2]bool]string{{true, true}: "sendrecv", {true, false}: "recvonly", {false, true}: "sendonly", {false, false}: "inactive"}
	return m.WithPropertyAttribute(way[[2]bool{speaks, hears}])
}
