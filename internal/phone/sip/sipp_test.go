package sip

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/heed-line/heed/internal/phone/sound"
)

// inNamespace is set where a test runs once more in a network of its own.
const inNamespace = "HEED_IN_NAMESPACE"

// ownAddress is this machine's there, beside loopback.
const ownAddress = "10.77.0.1"

// inOwnNetwork runs the test once more in a network of its own, where programs may open raw sockets and find an address that isn't loopback; true
// where that is now.
func inOwnNetwork(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	again := exec.Command("unshare", "--user", "--map-root-user", "--net", "sh", "-ec",
		"ip link set lo up; ip link add v0 type veth peer name v1; ip addr add "+ownAddress+"/24 dev v0; ip link set v0 up; ip link set v1 up; exec \"$0\" \"$@\"",
		os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), inNamespace+"=1")
	if out, err := again.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("in a network of its own (it needs iproute2, util-linux and leave to make user namespaces): %v\n%s", err, out)
	}
	return false
}

// sipp runs a scenario against the server.
func sipp(t *testing.T, s *Server, dir, scenario string, more ...string) {
	t.Helper()
	scenario, err := filepath.Abs(filepath.Join("testdata", scenario))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sipp", append([]string{s.plain.String(), "-sf", scenario, "-m", "1", "-i", "127.0.0.1", "-nostdin", "-timeout", "20s", "-timeout_error"}, more...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("sipp (sip-tester; scripts/install-test-deps installs it): %v\n%s", err, out)
	}
}

func TestWhatSippPlaysArrivesBitForBitAndItsKeysInOrder(t *testing.T) {
	if !inOwnNetwork(t) { // sipp sends captured packets from a raw socket
		return
	}
	said := spoken(50)
	dir := t.TempDir()
	var coded []byte
	for i := range said {
		coded = sound.ALaw.Encode(coded, said[i][:])
	}
	write(t, filepath.Join(dir, "said.alaw"), coded)
	for _, network := range []string{"u1", "t1"} {
		var r record
		s := answering(t, Config{Handler: r.echo})
		sipp(t, s, dir, "speaks.xml", "-t", network, "-mp", "6000")
		eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
		frames, _, _ := r.only(t).get()
		if n, ordered := found(pressed(sound.ALaw, said), frames); n < 35 || !ordered {
			t.Errorf("%s: %d of 50 frames arrived, in order: %v", network, n, ordered)
		}
	}
	var r record
	s := answering(t, Config{Handler: r.echo})
	sipp(t, s, dir, "presses.xml")
	eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
	if _, keys, _ := r.only(t).get(); keys != "42#" {
		t.Errorf("the keys %q were heard", keys)
	}
}
