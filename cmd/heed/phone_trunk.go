package main

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"

	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/phone/sip"
	"github.com/heed-line/heed/internal/profile"
)

// newTrunk is the profile's trunk; nil where it has none. All that is wrong with it is a usageError.
func newTrunk(t profile.Trunk) (*sip.Trunk, error) {
	if t.Host == "" {
		return nil, nil
	}
	trunk := &sip.Trunk{Host: t.Host, Proxy: t.Proxy, Transport: t.Transport, User: t.User, Realm: t.Realm, From: t.From, Register: t.Register, Expires: t.Expires}
	if t.SecretFile != "" {
		trunk.Secret = func() (string, error) { return readSecretFile(t.SecretFile) } // a new one counts from its next use on
		if _, err := trunk.Secret(); err != nil {
			return nil, fmt.Errorf("%w: %w", sip.ErrTrunkSecret, err)
		}
	}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, usagef("phone.trunk.ca_file: %w", err)
		}
		trunk.Roots = x509.NewCertPool()
		if !trunk.Roots.AppendCertsFromPEM(pem) {
			return nil, usagef("phone.trunk.ca_file: there is no certificate in %s", t.CAFile)
		}
	}
	return trunk, nil
}

// addTrunk has the phone call by the profile's trunk.
func addTrunk(c *sip.Config, t profile.Trunk) (err error) {
	if c.Trunk, err = newTrunk(t); err != nil || c.Trunk == nil {
		return err
	}
	switch secure := t.Transport == profile.TrunkTLS; {
	case secure && c.TLS == "":
		return usagef("phone.trunk is reached by TLS, and so calls must be answered by it: give --sip-tls")
	case !secure && c.Plain == "":
		return usagef("phone.trunk is reached in clear, and so calls must be answered by UDP and TCP: give --sip, or phone.trunk.transport: tls")
	case !secure && !c.Clear && !trunkIsHere(t):
		return usagef("phone.trunk would be reached in clear: give phone.trunk.transport: tls, or --sip-plain where the network between is your own")
	}
	return nil
}

// trunkIsHere says whether messages to a trunk stay on this machine.
func trunkIsHere(t profile.Trunk) bool {
	place := t.Host
	if t.Proxy != "" {
		place = t.Proxy
	}
	if at, err := netip.ParseAddrPort(place); err == nil {
		return at.Addr().IsLoopback()
	}
	at, err := netip.ParseAddr(place)
	return err == nil && at.IsLoopback()
}

// trunkFigures shows how the line stands with a trunk that has to know it, and whether it could prove who it is.
func trunkFigures(figures *monitor.Monitor, t profile.Trunk, server *sip.Server) {
	if t.Register {
		figures.Gauge("heed_trunk_registered", "1 while the trunk knows where to send calls, 0 while it doesn't.", func() float64 { return oneIf(server.Registered()) })
	}
	if t.SecretFile != "" {
		figures.Gauge("heed_trunk_secret_unreadable", "1 while the line's secret for the trunk can't be read, 0 while it can.", func() float64 {
			_, err := readSecretFile(t.SecretFile)
			return oneIf(err != nil)
		})
	}
}

// oneIf is a truth as a figure.
func oneIf(so bool) float64 {
	if so {
		return 1
	}
	return 0
}
