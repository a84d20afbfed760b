package sip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/heed-line/heed/internal/phone/sound"
)

// certificate is one for the addresses of tests.
func certificate(t testing.TB, addresses ...string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	for _, a := range append(addresses, "127.0.0.1") {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(a))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// protect gives a phone a key of its own for a suite, and the line of its description.
func (p *phone) protect(suite int) string {
	p.t.Helper()
	key := newMaterial()
	var err error
	if p.seal, err = key.context(suites[suite].profile); err != nil {
		p.t.Fatal(err)
	}
	return "a=crypto:" + cryptoLine{3, suite, key}.String()
}

// unprotect takes the other end's key.
func (p *phone) unprotect(res *sip.Response) {
	p.t.Helper()
	o, err := readOffer(res.Body(), policy{secure: true})
	if err != nil {
		p.t.Fatal(err)
	}
	p.before = p.open
	if p.open, err = o.crypto.key.context(suites[o.crypto.suite].profile); err != nil {
		p.t.Fatal(err)
	}
}

func TestACallByTLSIsProtectedOnTheWayInBothSuites(t *testing.T) {
	t.Parallel()
	for suite := range suites {
		var r record
		s := answering(t, Config{TLS: "127.0.0.1:0", Cert: certificate(t), Handler: r.echo})
		p := newPhone(t, s, "tls")
		line := p.protect(suite)
		p.unprotect(p.call(p.sdp(line)))
		p.press("12")
		if n, ordered := p.comesBack(spoken(400), 10); n < 10 || !ordered {
			t.Errorf("%s: %d of 400 frames came back, in order: %v", suites[suite].name, n, ordered)
		}

		// A renewal with the same keys counts on; in clear nothing is heard, whoever sends it.
		p.send("INVITE", p.sdp(line))
		p.expect(200)
		p.send("ACK", "")
		seal := p.seal
		p.seal = nil
		p.packet(p.rtp, p.events, press(9, true, 400))
		p.seal = seal
		p.press("3")
		eventually(t, "the keys are heard", func() bool { _, keys, _ := r.only(t).get(); return keys == "123" })

		// Another key is met by another.
		line = p.protect(1 - suite)
		p.send("INVITE", p.sdp(line))
		p.unprotect(p.expect(200))
		p.send("ACK", "")
		fresh := spokenBy(1, 400)
		if n, _ := p.comesBack(fresh, 6); n < 6 {
			t.Errorf("%s: %d of 400 frames came back under the new keys", suites[suite].name, n)
		}
		p.hangUp()
	}
}

func TestSoundInClearByTLSIsRefusedUnlessItIsSet(t *testing.T) {
	t.Parallel()
	var r record
	for clear, code := range map[bool]int{false: 488, true: 200} {
		s := answering(t, Config{TLS: "127.0.0.1:0", Cert: certificate(t), Clear: clear, Handler: r.echo})
		p := newPhone(t, s, "tls")
		p.send("INVITE", strings.Replace(p.sdp(), "SAVP", "AVP", 1))
		p.expect(code)
	}
}

// A phone hears the line by a description that names another machine's address, as a phone behind a NAT does.
func TestAPhoneBehindANATIsHeardAndHears(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	p := newPhone(t, s, "udp")
	p.call(strings.ReplaceAll(p.sdp(), "IP4 127.0.0.1", "IP4 127.0.0.99"))
	if n, ordered := p.comesBack(spoken(400), 10); n < 10 || !ordered {
		t.Errorf("%d of 400 frames came back, in order: %v", n, ordered)
	}
	p.hangUp()
}

func TestTheLineReportsWhatItHeardAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	p := newPhone(t, s, "udp")
	ports, err := openPair(netip.MustParseAddr("127.0.0.1"), 30000, 32000)
	if err != nil {
		t.Fatal(err)
	}
	defer ports.close()
	p.rtp.Close()
	p.rtp = ports.rtp.conn
	p.call(p.sdp())
	p.say(spoken(10))
	said, _, _ := r.only(t).get()
	eventually(t, "the last packet is taken in", func() bool {
		frames, _, _ := r.only(t).get()
		return len(frames) > len(said)+15
	})
	p.hangUp()
	b := make([]byte, 1600)
	ports.rtcp.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	n, from, err := ports.rtcp.conn.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal("no report came")
	}
	if from != portAbove(p.to) {
		t.Error("the report came from elsewhere than the port above")
	}
	packets, err := rtcp.Unmarshal(b[:n])
	if err != nil || len(packets) != 3 {
		t.Fatalf("%d packets, %v", len(packets), err)
	}
	report, isReport := packets[0].(*rtcp.SenderReport)
	_, isName := packets[1].(*rtcp.SourceDescription)
	bye, isBye := packets[2].(*rtcp.Goodbye)
	switch {
	case !isReport || !isName || !isBye:
		t.Errorf("it says %T, %T, %T", packets[0], packets[1], packets[2])
	case len(report.Reports) != 1 || report.Reports[0].SSRC != p.ssrc || report.Reports[0].LastSequenceNumber != uint32(p.sequence-1)+1<<16 || report.Reports[0].TotalLost != 0:
		t.Errorf("it reports %+v", report.Reports) // the numbers wrapped on the way
	case report.PacketCount < 8 || report.OctetCount != report.PacketCount*sound.FrameSamples || bye.Sources[0] != report.SSRC:
		t.Errorf("it sent %d packets of %d bytes", report.PacketCount, report.OctetCount)
	}
}

// Who has the key may name another source in every packet: of them the line remembers no more than it needs.
func TestACallersSourcesAreNoMoreThanTheLineRemembers(t *testing.T) {
	key := newMaterial()
	seal, err := key.context(suites[0].profile)
	if err != nil {
		t.Fatal(err)
	}
	o, err := key.opener(suites[0].profile)
	if err != nil {
		t.Fatal(err)
	}
	opens := func(source uint32, number uint16) bool {
		raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: source, SequenceNumber: number}, Payload: []byte{1}}).Marshal()
		if err == nil {
			raw, err = seal.EncryptRTP(nil, raw, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, ok := o.sound(nil, raw)
		return ok
	}
	opened := 0
	for i := range 10 * mostSources {
		if opens(uint32(i), 1) {
			opened++
		}
	}
	if opened != mostSources || len(o.sources) != mostSources {
		t.Errorf("of %d sources %d were heard, %d are remembered", 10*mostSources, opened, len(o.sources))
	}
	if !opens(0, 2) || opens(0, 2) {
		t.Error("a source that was heard isn't heard on, or twice")
	}
	reports := func(source uint32) bool {
		raw, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{SSRC: source}})
		if err == nil {
			raw, err = seal.EncryptRTCP(nil, raw, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, ok := o.report(nil, raw)
		return ok
	}
	if !reports(0) || reports(20*mostSources) {
		t.Error("the report of a source that is heard isn't read, or another's is")
	}
	for _, short := range [][]byte{nil, make([]byte, 7), make([]byte, 11)} {
		if _, ok := o.sound(nil, short); ok {
			t.Errorf("%d bytes are a packet", len(short))
		}
		if _, ok := o.report(nil, short); ok {
			t.Errorf("%d bytes are a report", len(short))
		}
	}
}
