package sip

import (
	"net"
	"net/netip"
	"testing"
)

func TestAnEmptyPacketHidesNoneThatComesBehindIt(t *testing.T) {
	s, err := openSocket(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	from, err := net.Dial("udp", s.conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for _, packet := range []string{"", "", "sound", ""} { // on loopback each lies in the socket when Write returns
		if _, err := from.Write([]byte(packet)); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"", "", "sound", ""} {
		if got, _ := s.next(); got == nil || string(got) != want {
			t.Errorf("packet %d is %q, want %q", i, got, want)
		}
	}
	if got, _ := s.next(); got != nil {
		t.Errorf("after them comes %q", got)
	}
}
