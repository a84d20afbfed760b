package sip

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/heed-line/heed/internal/phone/sound"
)

// reportEvery is RTCP's interval (RFC 3550 §6.2; two members, far below their share).
const reportEvery = 5 * time.Second

// counts are what RTCP tells of a stream (RFC 3550 §6.4 and appendix A).
type counts struct {
	packets, octets uint32 // sent

	begun            bool
	first            uint32 // extended sequence numbers
	highest          uint32
	received         uint32
	expected, before uint32  // at the last report: expected and received until then
	transit          uint32  // arrival against timestamp, in samples
	jitter           float64 // of arrival as the call's clock sees it: its grain is 20 ms

	theirReport uint32 // middle of the NTP time of their last sender report
	theirAt     time.Time
	due         time.Time
}

func (c *counts) sent(octets int) {
	c.packets++
	c.octets += uint32(octets)
}

// restart begins with another source.
func (c *counts) restart() {
	*c = counts{packets: c.packets, octets: c.octets, due: c.due}
}

// take counts a packet that came. timed says that it came just now, and not in the last tenth of a second.
func (c *counts) take(sequence uint16, timestamp uint32, now time.Time, timed bool) {
	transit := uint32(now.UnixMilli()*sound.Rate/1000) - timestamp
	if !c.begun {
		c.begun, c.first, c.highest, c.transit = true, uint32(sequence), uint32(sequence), transit
	}
	if ahead := int16(sequence - uint16(c.highest)); ahead > 0 {
		c.highest += uint32(ahead)
	}
	c.received++
	d := int32(transit - c.transit)
	c.transit = transit
	if timed {
		c.jitter += (float64(max(d, -d)) - c.jitter) / 16
	}
}

// reception is what is told of what came.
func (c *counts) reception(ssrc uint32, now time.Time) rtcp.ReceptionReport {
	expected := c.highest - c.first + 1
	r := rtcp.ReceptionReport{SSRC: ssrc, LastSequenceNumber: c.highest, Jitter: uint32(c.jitter), LastSenderReport: c.theirReport}
	if expected > c.received { // fewer than none can be lost, where packets came twice
		r.TotalLost = min(expected-c.received, 0x7fffff)
	}
	if lately, came := expected-c.expected, c.received-c.before; lately > came {
		r.FractionLost = uint8(min(uint64(lately-came)*256/uint64(lately), 255))
	}
	c.expected, c.before = expected, c.received
	if c.theirReport != 0 {
		r.Delay = uint32(now.Sub(c.theirAt) * 65536 / time.Second)
	}
	return r
}

// exchange reads the other end's reports and sends ours, when it is time.
func (s *stream) exchange(now time.Time) {
	c := &s.counts
	switch {
	case c.due.IsZero():
		c.due = now.Add(reportEvery / 2)
	case now.After(c.due):
		c.due = now.Add(reportEvery)
		s.readReports(now)
		s.sendReport(now)
	}
}

// readReports takes the time of the last sender report, so that the other end can tell how long the way is.
func (s *stream) readReports(now time.Time) {
	for range burst {
		raw, from := s.pair.rtcp.next()
		if raw == nil {
			return
		}
		if len(raw) > 0 && from.Addr() == s.source.heardAt.Addr() {
			s.takeReport(raw, now)
		}
	}
}

// takeReport reads one packet of RTCP.
func (s *stream) takeReport(raw []byte, now time.Time) {
	if s.open != nil {
		opened, ok := s.open.report(s.opened[:0], raw)
		if !ok {
			return
		}
		s.opened, raw = opened, opened
	}
	packets, err := rtcp.Unmarshal(raw)
	if err != nil {
		return
	}
	for _, p := range packets {
		if report, ok := p.(*rtcp.SenderReport); ok && s.known && report.SSRC == s.theirs {
			s.counts.theirReport, s.counts.theirAt = uint32(report.NTPTime>>16), now
		}
	}
}

// sendReport sends a report and, with more, what follows it.
func (s *stream) sendReport(now time.Time, more ...rtcp.Packet) {
	at, to := s.source.heardAt, s.terms.report
	if at != s.terms.to {
		to = portAbove(at) // a NAT is between: what the description says isn't reached
	}
	if !at.IsValid() || !to.IsValid() {
		return
	}
	var received []rtcp.ReceptionReport
	if s.counts.begun {
		received = []rtcp.ReceptionReport{s.counts.reception(s.theirs, now)}
	}
	// The name says nothing and is another in each call (RFC 7022).
	packets := append([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: s.ssrc, NTPTime: ntp(now), RTPTime: s.timestamp, PacketCount: s.counts.packets, OctetCount: s.counts.octets, Reports: received},
		rtcp.NewCNAMESourceDescription(s.ssrc, s.cname),
	}, more...)
	raw, err := rtcp.Marshal(packets)
	if err != nil {
		return // a report less is no loss
	}
	if s.seal != nil {
		if raw, err = s.seal.EncryptRTCP(nil, raw, nil); err != nil {
			return
		}
	}
	s.pair.rtcp.send(raw, to)
}

// bye tells the other end's RTP that ours is over.
func (s *stream) bye(now time.Time) {
	if s.terms != nil {
		s.sendReport(now, &rtcp.Goodbye{Sources: []uint32{s.ssrc}})
	}
}

// ntp is a time as RTCP writes it: seconds since 1900 and their fraction (RFC 3550 §4).
func ntp(t time.Time) uint64 {
	const from1900To1970 = 2208988800
	return uint64(t.Unix()+from1900To1970)<<32 | uint64(t.Nanosecond())<<32/1e9
}
