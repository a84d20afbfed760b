package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/phone/sip"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
)

// pcap is a caller's part of a call as sipp plays it: packets of RTP, each at its time.
type pcap struct {
	buf      bytes.Buffer
	sequence uint16
}

func newPcap() *pcap {
	p := &pcap{}
	for _, v := range []any{uint32(0xa1b2c3d4), uint16(2), uint16(4), uint32(0), uint32(0), uint32(65535), uint32(1)} { // Ethernet
		binary.Write(&p.buf, binary.LittleEndian, v)
	}
	return p
}

// packet adds a packet; its timestamp is when it is sent, or, for a key, when the key went down.
func (p *pcap) packet(at, stamp time.Duration, payload byte, body []byte) {
	p.sequence++
	rtp := binary.BigEndian.AppendUint16([]byte{0x80, payload}, p.sequence)
	rtp = binary.BigEndian.AppendUint32(rtp, uint32(stamp.Milliseconds()*sound.Rate/1000))
	rtp = append(binary.BigEndian.AppendUint32(rtp, 4711), body...)
	udp := binary.BigEndian.AppendUint16([]byte{0x27, 0x10, 0x27, 0x10}, uint16(8+len(rtp)))
	udp = append(append(udp, 0, 0), rtp...)
	ip := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(udp)))
	ip = append(ip, 0, 1, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	frame := append(append(append(make([]byte, 12), 8, 0), ip...), udp...)
	for _, v := range []uint32{uint32(at / time.Second), uint32(at % time.Second / time.Microsecond), uint32(len(frame)), uint32(len(frame))} {
		binary.Write(&p.buf, binary.LittleEndian, v)
	}
	p.buf.Write(frame)
}

// press adds a key (RFC 4733).
func (p *pcap) press(at time.Duration, key byte) {
	for i := range 5 {
		end := byte(0x0a)
		if i > 1 {
			end |= 0x80
		}
		p.packet(at+time.Duration(i)*sound.FrameTime, at, 101, []byte{key, end, 0x01, byte(i * 0x40)})
	}
}

// insideNamespace is set where a test runs once more in a network of its own.
const insideNamespace = "HEED_IN_NAMESPACE"

// ownNetwork runs the test once more in a network of its own, where sipp may open the raw socket that it plays packets through; true where that is now.
// More of the environment comes as NAME=VALUE.
func ownNetwork(t *testing.T, more ...string) bool {
	t.Helper()
	if os.Getenv(insideNamespace) != "" {
		return true
	}
	again := exec.Command("unshare", "--user", "--map-root-user", "--net", "sh", "-ec", "ip link set lo up; exec \"$0\" \"$@\"", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(append(os.Environ(), insideNamespace+"=1"), more...)
	if out, err := again.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("in a network of its own (it needs iproute2, util-linux and leave to make user namespaces): %v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
	return false
}

// registrar is a trunk that takes every registration and tells, by its channel, for how long each was.
func registrar(t *testing.T) (place string, lives <-chan string) {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	told := make(chan string, 20)
	go func() {
		contact, b := "", make([]byte, 65536)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			head := func(name string) string {
				m := regexp.MustCompile(`(?m)^` + name + `: ([^\r]*)\r$`).FindSubmatch(b[:n])
				if m == nil {
					return ""
				}
				return string(m[1])
			}
			if c := head("Contact"); c != "" {
				contact = c
				told <- head("Expires")
			}
			fmt.Fprintf(backTo{conn, from}, "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=1\r\nCall-ID: %s\r\nCSeq: %s\r\nContact: %s\r\nContent-Length: 0\r\n\r\n",
				head("Via"), head("From"), head("To"), head("Call-ID"), head("CSeq"), contact)
		}
	}()
	return conn.LocalAddr().String(), told
}

// backTo writes datagrams to one place.
type backTo struct {
	*net.UDPConn
	to netip.AddrPort
}

func (c backTo) Write(b []byte) (int, error) { return c.WriteToUDPAddrPort(b, c.to) }

func TestAPhoneByItselfAnswersWithPublicKeysAlone(t *testing.T) {
	trunk, lives := registrar(t)
	chosen := filepath.Join(t.TempDir(), "profile.yaml")
	text := strings.NewReplacer(`    host: "" # sip.provider`, "    host: "+trunk+" # ", `    user: "" # who the line`, "    user: canary-line # ", "    register: false #", "    register: true #").Replace(string(profile.DefaultYAML()))
	if err := os.WriteFile(chosen, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := startLine(t, "--role", "desk,worker", "--profile", chosen)
	keys := filepath.Join(t.TempDir(), "keys")
	audit := strings.TrimSpace(strings.TrimPrefix(l.command("operations", "portal-keys", keys), "audit-key: "))
	apart := serveLine(t, l.data, time.Now, "--role", "phone", "--keystore", keys, "--audit-key", audit, "--sip", "127.0.0.1:0", "--health", "127.0.0.1:0", "--profile", chosen)
	if life := <-lives; life != "300" {
		t.Errorf("the trunk is told that the phone is there for %q seconds", life)
	}
	if said := l.command("doctor"); !strings.Contains(said, "it knows where to send calls (places: 1), for 5m0s more") {
		t.Errorf("the doctor says\n%s", said)
	}
	conn, err := net.Dial("udp", strings.TrimPrefix(apart.phone, "sip:"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "OPTIONS sip:line@line.example SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:line@line.example>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n", conn.LocalAddr())
	answer := make([]byte, 2000)
	n, err := conn.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "SIP/2.0 200 OK\r\n") {
		t.Errorf("it answers %q, %v", answer[:n], err)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n", "/metrics": "\nheed_calls 0\n"} {
		if status, body := asked(t, apart.health+path); status != http.StatusOK || !strings.Contains(body, want) || strings.Contains(body, "canary") || strings.Contains(body, trunk) {
			t.Errorf("%s answers %d\n%s", path, status, body)
		}
	}
	if _, body := asked(t, apart.health+"/metrics"); !strings.Contains(body, "\nheed_store_up 1\n") || !strings.Contains(body, "\nheed_trunk_registered 1\n") || strings.Contains(body, "heed_reports") {
		t.Errorf("the figures are\n%s", body)
	}
	for _, path := range []string{"/", "/report", "/calls"} {
		if status, _ := asked(t, apart.health+path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
	apart.stop()
	if life := <-lives; life != "0" {
		t.Errorf("when the phone stops the trunk is told %q", life)
	}
	if logs := apart.logs.String(); !strings.Contains(logs, "the trunk knows the line") || strings.Contains(logs, trunk) || strings.Contains(logs, "canary-line") {
		t.Errorf("logged is\n%s", logs)
	}
}

// asked is what an address answers.
func asked(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(all)
}

func TestAProcessThatStopsSaysSoWhileItsCallsGoOn(t *testing.T) {
	fs := &faces{transport: &transport{}, logger: slog.New(slog.DiscardHandler)}
	var away atomic.Bool
	store := func(context.Context) error {
		if away.Load() {
			return errors.New("the store is away")
		}
		return nil
	}
	if err := fs.listenHealth(t.Context(), "127.0.0.1:0", store, monitor.Apart(store)); err != nil {
		t.Fatal(err)
	}
	answers := func(alive, ready int) {
		t.Helper()
		for path, want := range map[string]int{"healthz": alive, "readyz": ready} {
			got := 0
			for deadline := time.Now().Add(time.Minute); got != want && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) { // what the store said holds for a second
				got, _ = asked(t, fs.open[0].url+path)
			}
			if got != want {
				t.Errorf("%s answers %d, want %d", path, got, want)
			}
		}
	}
	group, _ := fs.serve(t.Context())
	answers(200, 200)
	away.Store(true)
	answers(200, 503)
	if _, body := asked(t, fs.open[0].url+"metrics"); !strings.Contains(body, "\nheed_store_up 0\n") {
		t.Error("the figures say that the store serves")
	}
	away.Store(false)
	fs.ending.Store(true)
	answers(200, 503)
	url, heard := fs.open[0].url, 0
	worker := func() error { heard, _ = asked(t, url+"healthz"); return nil }
	if err := errors.Join(fs.shutdown(worker), group.Wait()); err != nil {
		t.Error(err)
	}
	if heard != 200 {
		t.Errorf("while the worker ends it answers %d", heard)
	}
	if _, err := http.Get(fs.open[0].url); err == nil {
		t.Error("it answers after its end")
	}
}

func TestALineOnWhichAnybodyMayCallIsToldApart(t *testing.T) {
	peer := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for _, c := range []struct {
		config sip.Config
		want   bool
	}{
		{sip.Config{}, false}, {sip.Config{Plain: "127.0.0.1:5060", TLS: "[::1]:5061"}, false}, {sip.Config{Plain: "localhost:5060"}, false},
		{sip.Config{Plain: "127.0.0.1:5060", TLS: ":5061"}, true}, {sip.Config{TLS: "0.0.0.0:5061", Peers: peer}, false}, {sip.Config{TLS: "phone.example:5061"}, true},
	} {
		if got := anybodyMayCall(c.config); got != c.want {
			t.Errorf("%+v: %v", c.config, got)
		}
	}
}

func TestWhatIsWrongWithATrunkIsSaidBeforeAnybodyCalls(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	plain, secured := sip.Config{Plain: "127.0.0.1:0"}, sip.Config{TLS: "127.0.0.1:0"}
	for _, c := range []struct {
		calls sip.Config
		trunk profile.Trunk
		says  string // "": all is well
	}{
		{plain, profile.Trunk{}, ""},
		{plain, profile.Trunk{Host: "127.0.0.1:5080", Transport: profile.TrunkUDP, User: "line", SecretFile: secret}, ""},
		{plain, profile.Trunk{Host: "pbx.example", Proxy: "[::1]:5080", Transport: profile.TrunkTCP}, ""},
		{plain, profile.Trunk{Host: "pbx.example", Transport: profile.TrunkUDP}, "--sip-plain"},
		{sip.Config{Plain: ":0", Clear: true}, profile.Trunk{Host: "pbx.example", Transport: profile.TrunkUDP}, ""},
		{plain, profile.Trunk{Host: "pbx.example", Transport: profile.TrunkTLS}, "give --sip-tls"},
		{secured, profile.Trunk{Host: "pbx.example", Transport: profile.TrunkTLS}, ""},
		{secured, profile.Trunk{Host: "127.0.0.1", Transport: profile.TrunkUDP}, "give --sip, or"},
		{secured, profile.Trunk{Host: "pbx.example", Transport: profile.TrunkTLS, CAFile: secret}, "no certificate"},
		{plain, profile.Trunk{Host: "127.0.0.1", Transport: profile.TrunkUDP, User: "line", SecretFile: secret + ".lost"}, "the line's secret for the trunk can't be read"},
	} {
		err := addTrunk(&c.calls, c.trunk)
		if c.says == "" && (err != nil || (c.calls.Trunk != nil) != (c.trunk.Host != "")) || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%+v: %v, want %q", c.trunk, err, c.says)
		}
	}
}

func TestATrunksSecretThatCantBeReadIsToldByTheDoctorAndTheFigures(t *testing.T) {
	dir := t.TempDir()
	chosen, secret := filepath.Join(dir, "profile.yaml"), filepath.Join(dir, "secret")
	text := strings.NewReplacer("languages: [] #", "languages: [en] #", `    host: "" # sip.provider`, "    host: 127.0.0.1:9 # ", `    user: "" # who the line`, "    user: line # ",
		`    secret_file: "" #`, "    secret_file: "+secret+" #").Replace(string(profile.DefaultYAML()))
	if err := errors.Join(os.WriteFile(chosen, []byte(text), 0o600), os.WriteFile(secret, []byte("open sesame\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	l := startLine(t, "--sip", "127.0.0.1:0", "--profile", chosen)
	figures := func() string { return string(l.ask("GET", l.desk+"/metrics", nil).body) }
	if said := figures(); !strings.Contains(said, "heed_trunk_secret_unreadable 0") {
		t.Errorf("the figures say\n%s", said)
	}
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if said := figures(); !strings.Contains(said, "heed_trunk_secret_unreadable 1") {
		t.Errorf("without it the figures say\n%s", said)
	}
	for state, more := range map[string][]string{"fault": {"--sip", "127.0.0.1:5060"}, "note": nil} {
		if said, _, _ := l.try(append([]string{"doctor"}, more...)...); !regexp.MustCompile(state + ` +trunk .*the line's secret for the trunk can't be read`).MatchString(said) {
			t.Errorf("asked with %v the doctor says\n%s", more, said)
		}
	}
}

func TestTheDoctorFindsAFaultInALineThatAnswersCallsWithoutAVoice(t *testing.T) {
	l := startLine(t)
	t.Setenv("PATH", t.TempDir())
	if out, _, code := l.try("doctor", "--sip", "127.0.0.1:5060"); code == exitDone || !regexp.MustCompile(`fault +espeak-ng +not installed`).MatchString(out) {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, _, _ := l.try("doctor"); !regexp.MustCompile(`note +espeak-ng +not installed`).MatchString(out) {
		t.Errorf("without calls:\n%s", out)
	}
}
