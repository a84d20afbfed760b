package profile

import (
	"bytes"
	"crypto/sha3"
	"encoding/base32"
	"net/url"
	"strings"
)

// onion checks the address of the line's onion service. A wrong letter in it would lead reporters nowhere, or to whoever
// made a key for it, so the address's own checksum is verified.
func (c *checker) onion(p *Profile) {
	if p.Line.Onion == "" {
		return
	}
	u, err := url.Parse(p.Line.Onion)
	host := ""
	if err == nil {
		host, _ = strings.CutSuffix(u.Host, ".onion")
	}
	if host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || p.Line.Onion != u.Scheme+"://"+host+".onion" {
		c.fault("line.onion", "the address of an onion service is expected here, without a path: http://… .onion")
		return
	}
	if !onionKey(host) {
		c.fault("line.onion", "this is no onion service of version 3, or a letter of it is wrong: copy it from the file \"hostname\" that tor made")
	}
}

// onionKey reports whether a name is a key with its checksum and version, as rend-spec-v3, section 6 of the Tor
// specifications, writes them.
func onionKey(name string) bool {
	const keySize, sumSize = 32, 2
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(name))
	if err != nil || name != strings.ToLower(name) || len(raw) != keySize+sumSize+1 || raw[keySize+sumSize] != 3 {
		return false
	}
	sum := sha3.Sum256(append([]byte(".onion checksum"), append(bytes.Clone(raw[:keySize]), 3)...))
	return bytes.Equal(sum[:sumSize], raw[keySize:keySize+sumSize])
}
