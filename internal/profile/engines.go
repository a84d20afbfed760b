package profile

import (
	"net/netip"
	"net/url"
	"time"
)

// Engines are optional machines on the operator's own network. They help people to read and decide nothing.
type Engines struct {
	Language LanguageEngine `yaml:"language"`
}

// LanguageEngine is a language model that summarises and translates, behind the chat completions of OpenAI's API. URL ""
// turns it off.
type LanguageEngine struct {
	URL     string        `yaml:"url"`      // the API's root, as "https://models.internal/v1"; http on this machine alone
	Model   string        `yaml:"model"`    // as the server calls it
	KeyFile string        `yaml:"key_file"` // optional: its first line goes as a bearer token
	CAFile  string        `yaml:"ca_file"`  // optional: PEM certificates that the server's own is checked by
	Timeout time.Duration `yaml:"timeout"`  // of one answer
}

// OwnNetwork reports whether an address can neither be reached from the open internet nor lies on it: loopback, private and
// link-local ones.
func OwnNetwork(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

func (c *checker) engines(p *Profile) {
	e := p.Engines.Language
	if e.URL == "" {
		if e.Model != "" || e.KeyFile != "" || e.CAFile != "" {
			c.fault("engines.language", "url is missing: nobody knows where this engine is")
		}
		return
	}
	u, err := url.Parse(e.URL)
	if err != nil || !rootAddress(e.URL) {
		c.fault("engines.language.url", "an https address without query is expected here (http only on this machine)")
		return
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !OwnNetwork(a) {
		c.fault("engines.language.url", "this address is not on your own network: a report's words never leave it")
	}
	if e.Model == "" {
		c.fault("engines.language", "model is missing: the server may have several")
	}
	if e.Timeout < time.Second || e.Timeout > 5*time.Minute {
		c.fault("engines.language.timeout", "this is at least 1s and at most 5m")
	}
}
