package profile

import (
	"net"
	"net/netip"
	"strings"
)

// Clamd is a ClamAV daemon of the operator's own, which every file is shown to before anything is made of it.
type Clamd struct {
	// Address is the path of its socket, or a host and port on the operator's own network; "" is none.
	Address string `yaml:"address"`
}

func (c *checker) clamd(p *Profile) {
	address := p.Clamd.Address
	if address == "" || strings.HasPrefix(address, "/") {
		return
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		c.fault("clamd.address", "the path of clamd's socket or a host and port is expected here")
		return
	}
	if a, err := netip.ParseAddr(host); err == nil && !OwnNetwork(a) {
		c.fault("clamd.address", "this address is not on your own network: a report's files never leave it")
	}
}
