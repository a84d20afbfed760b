package sip

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"
)

// suites are the cipher suites of RFC 4568 §6.2 that are spoken, as both ends may choose among them.
var suites = []struct {
	name    string
	profile srtp.ProtectionProfile
}{
	{"AES_CM_128_HMAC_SHA1_80", srtp.ProtectionProfileAes128CmHmacSha1_80},
	{"AES_CM_128_HMAC_SHA1_32", srtp.ProtectionProfileAes128CmHmacSha1_32},
}

const (
	masterKey  = 16
	masterSalt = 14
)

// material is a master key and its salt.
type material [masterKey + masterSalt]byte

// newMaterial draws a key.
func newMaterial() *material {
	m := new(material)
	rand.Read(m[:]) // never fails (crypto/rand)
	return m
}

// context makes what protects, or opens, the packets of one direction.
func (m *material) context(p srtp.ProtectionProfile) (*srtp.Context, error) {
	return srtp.CreateContext(m[:masterKey], m[masterKey:], p, srtp.SRTPReplayProtection(128), srtp.SRTCPReplayProtection(64))
}

// mostSources is how many sources (SSRC) are listened to under one key. The library remembers each for as long as the key lasts, and who has the key could
// name another one in every packet.
const mostSources = 256

// opener opens the packets of one direction under one key.
type opener struct {
	context *srtp.Context
	sources []uint32 // of packets that were authentic
}

// opener makes what opens the packets that come under a key.
func (m *material) opener(p srtp.ProtectionProfile) (*opener, error) {
	context, err := m.context(p)
	if err != nil {
		return nil, err
	}
	return &opener{context: context}, nil
}

// sound opens a packet of RTP behind dst; false where it isn't authentic, came before, or has one source too many.
func (o *opener) sound(dst, raw []byte) ([]byte, bool) {
	const header, source = 12, 8 // bytes (RFC 3550 §5.1)
	if len(raw) < header {
		return nil, false
	}
	from := binary.BigEndian.Uint32(raw[source:])
	known := slices.Contains(o.sources, from)
	if !known && len(o.sources) >= mostSources {
		return nil, false
	}
	opened, err := o.context.DecryptRTP(dst, raw, nil)
	if err != nil {
		return nil, false
	}
	if !known {
		o.sources = append(o.sources, from)
	}
	return opened, true
}

// report opens a packet of RTCP behind dst, of a source whose sound was opened.
func (o *opener) report(dst, raw []byte) ([]byte, bool) {
	const header, source = 8, 4 // bytes (RFC 3550 §6.4.1)
	if len(raw) < header || !slices.Contains(o.sources, binary.BigEndian.Uint32(raw[source:])) {
		return nil, false
	}
	opened, err := o.context.DecryptRTCP(dst, raw, nil)
	return opened, err == nil
}

// cryptoLine is an a=crypto attribute (RFC 4568 §4).
type cryptoLine struct {
	tag   int
	suite int // its place in suites
	key   *material
}

// String is the attribute's value.
func (c cryptoLine) String() string {
	return strconv.Itoa(c.tag) + " " + suites[c.suite].name + " inline:" + base64.StdEncoding.EncodeToString(c.key[:])
}

// parseCrypto reads an attribute's value; false where it asks for what isn't spoken: another suite, several keys, a key identifier in every packet,
// or a session parameter, each of which would change what is sent (RFC 4568 §6.3: who doesn't know one must refuse the line).
func parseCrypto(value string) (cryptoLine, bool) {
	parts := strings.Fields(value)
	if len(parts) != 3 {
		return cryptoLine{}, false
	}
	tag, err := strconv.Atoi(parts[0])
	if err != nil || tag < 0 || tag > 999999999 {
		return cryptoLine{}, false
	}
	key, ok := strings.CutPrefix(parts[2], "inline:")
	if !ok || strings.Contains(key, ";") {
		return cryptoLine{}, false
	}
	key, rest, _ := strings.Cut(key, "|")
	if strings.Contains(rest, ":") { // a lifetime alone is well: no call comes near 2^48 packets
		return cryptoLine{}, false
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != masterKey+masterSalt {
		return cryptoLine{}, false
	}
	for i, suite := range suites {
		if suite.name == parts[1] {
			return cryptoLine{tag: tag, suite: i, key: (*material)(raw)}, true
		}
	}
	return cryptoLine{}, false
}

// crypto is how the packets of a call are protected: by ours what we send, by theirs what comes.
type crypto struct {
	profile      srtp.ProtectionProfile
	ours, theirs material
}
