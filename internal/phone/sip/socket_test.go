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
	if got, _ := s.next(); string(got) != "sound" {
		t.Errorf("what is heard first is %q", got)
	}
	if got, _ := s.next(); got != nil {
		t.Errorf("and then %q", got)
	}
}
