package profile

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Engines are optional machines on the operator's own network. They help people to read and decide nothing.
type Engines struct {
	Language Engine `yaml:"language"` // a language model that summarises and translates, behind the chat completions of OpenAI's API
	Speech   Engine `yaml:"speech"`   // writes down what is said, behind the audio transcriptions of that API
}

// Engine is one of them. URL "" turns it off.
type Engine struct {
	URL     string        `yaml:"url"`      // the API's root, as "https://models.internal/v1"; http on this machine alone
	Model   string        `yaml:"model"`    // as the server calls it
	KeyFile string        `yaml:"key_file"` // optional: its first line goes as a bearer token
	CAFile  string        `yaml:"ca_file"`  // optional: PEM certificates that the server's own is checked by
	Timeout time.Duration `yaml:"timeout"`  // of one answer
}

// OwnNetwork reports whether an address can neither be reached from the open internet nor lies on it: loopback, private and
// link-local ones, but those at which a cloud tells a machine its secrets.
func OwnNetwork(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if slices.Contains(cloudMetadata[:], a) {
		return false
	}
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// cloudMetadata are the addresses at which clouds answer a machine about itself: whoever makes Heed ask there learns what it may open.
// 169.254.170.2 and .23 are those of containers on AWS; 100.100.100.200 (Alibaba) is on no own network anyway.
var cloudMetadata = [...]netip.Addr{
	netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("169.254.170.2"), netip.MustParseAddr("169.254.170.23"),
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd00:ec2::23"), netip.MustParseAddr("fd20:ce::254"),
}

func (c *checker) engines(p *Profile) {
	c.engine("engines.language", p.Engines.Language, 5*time.Minute)
	c.engine("engines.speech", p.Engines.Speech, time.Hour)
}

// engine checks one of them, whose answer may take so long at most.
func (c *checker) engine(at string, e Engine, longest time.Duration) {
	if e.URL == "" {
		if e.Model != "" || e.KeyFile != "" || e.CAFile != "" {
			c.fault(at, "url is missing: nobody knows where this engine is")
		}
		return
	}
	u, err := url.Parse(e.URL)
	if err != nil || !rootAddress(e.URL) {
		c.fault(at+".url", "an https address without query is expected here (http only on this machine)")
		return
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !OwnNetwork(a) {
		c.fault(at+".url", "this address is not on your own network: a report's words never leave it")
	}
	if e.Model == "" {
		c.fault(at, "model is missing: the server may have several")
	}
	if e.Timeout < time.Second || e.Timeout > longest {
		c.fault(at+".timeout", "this is at least 1s and at most %s", strings.TrimSuffix(strings.TrimSuffix(longest.String(), "0s"), "0m"))
	}
}
