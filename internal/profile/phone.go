package profile

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Phone is how the line answers its telephone.
type Phone struct {
	Languages []string      `yaml:"languages"` // as they are offered, some of the line's; empty: all of them, up to nine
	Take      time.Duration `yaml:"take"`      // how long a caller may speak without a pause to look it over; then they may go on
	Trunk     Trunk         `yaml:"trunk"`
}

// Trunk is the exchange or provider that calls go out by. Host "" is none.
type Trunk struct {
	Host       string        `yaml:"host"`        // domain or address, with a port where that isn't the usual one
	Transport  string        `yaml:"transport"`   // TrunkUDP, TrunkTCP or TrunkTLS
	User       string        `yaml:"user"`        // who the line is there
	SecretFile string        `yaml:"secret_file"` // its first line is User's secret
	Realm      string        `yaml:"realm"`       // optional: for which alone the secret is proved
	Register   bool          `yaml:"register"`    // the trunk has to be told where the line is, so that calls come
	Expires    time.Duration `yaml:"expires"`     // for how long each time
	From       string        `yaml:"from"`        // user@domain that those who are called see; optional
	Proxy      string        `yaml:"proxy"`       // where messages go, as Host is written, where that isn't Host
	CAFile     string        `yaml:"ca_file"`     // optional: PEM certificates that the trunk's own is checked by
}

// How a trunk is spoken to. The first two are in clear.
const (
	TrunkUDP = "udp"
	TrunkTCP = "tcp"
	TrunkTLS = "tls"
)

const (
	// mostCallLanguages is how many keys there are to choose one by.
	mostCallLanguages = 9
	// A take of less leaves no time to think; one of more no network holds.
	leastTake, mostTake = 2 * time.Minute, time.Hour
	// A registration that is renewed more often is a burden, one that lasts longer is a line that nobody finds after its address changed.
	leastExpires, mostExpires = 30 * time.Second, 24 * time.Hour
	// longestRealm is longer than any that was seen.
	longestRealm = 255
)

var (
	sipUser = regexp.MustCompile(`^[A-Za-z0-9_.!~*'()+-]{1,64}$`)
	sipHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
	sipName = regexp.MustCompile(`^[A-Za-z0-9_.!~*'()+-]{1,64}@([A-Za-z0-9.-]{1,253})$`)
)

// CallLanguages are the languages that a caller is offered, by the keys 1 to 9.
func (p *Profile) CallLanguages() []string {
	if len(p.Phone.Languages) > 0 {
		return p.Phone.Languages
	}
	return p.Languages[:min(len(p.Languages), mostCallLanguages)]
}

func (c *checker) phone(p *Profile) {
	if len(p.Phone.Languages) > mostCallLanguages {
		c.fault("phone.languages", "a telephone has nine keys for languages")
	}
	for i, l := range p.Phone.Languages {
		key := fmt.Sprintf("phone.languages[%d]", i)
		switch {
		case !slices.Contains(p.Languages, l):
			c.fault(key, "%q is no language of the line", l)
		case slices.Index(p.Phone.Languages, l) < i:
			c.fault(key, "%q is there twice", l)
		}
	}
	if p.Phone.Take < leastTake || p.Phone.Take > mostTake {
		c.fault("phone.take", "what a caller says at once takes between 2m and 1h")
	}
	c.trunk(&p.Phone.Trunk)
}

func (c *checker) trunk(t *Trunk) {
	if t.Host == "" {
		if t.User != "" || t.SecretFile != "" || t.Realm != "" || t.Register || t.From != "" || t.Proxy != "" || t.CAFile != "" {
			c.fault("phone.trunk", "host is missing: nobody knows whose trunk this is")
		}
		return
	}
	if !sipPlace(t.Host) {
		c.fault("phone.trunk.host", "a name or an address is expected here, with a port or without (sip.provider.example, 192.0.2.1:5080)")
	}
	if t.Proxy != "" && !sipPlace(t.Proxy) {
		c.fault("phone.trunk.proxy", "a name or an address is expected here, with a port or without (proxy.provider.example:5080)")
	}
	if t.Transport != TrunkUDP && t.Transport != TrunkTCP && t.Transport != TrunkTLS {
		c.fault("phone.trunk.transport", "udp, tcp or tls is expected here")
	}
	if t.CAFile != "" && t.Transport != TrunkTLS {
		c.fault("phone.trunk.ca_file", "only a trunk by tls has a certificate")
	}
	switch {
	case t.User == "" && (t.Register || t.SecretFile != ""):
		c.fault("phone.trunk", "user is missing: the trunk can't tell this line from others")
	case t.User != "" && !sipUser.MatchString(t.User):
		c.fault("phone.trunk.user", "a name as it stands before the @ is expected here")
	}
	switch {
	case t.Realm != "" && t.SecretFile == "":
		c.fault("phone.trunk", "secret_file is missing: there is nothing to prove to the realm")
	case len(t.Realm) > longestRealm || strings.ContainsFunc(t.Realm, unicode.IsControl):
		c.fault("phone.trunk.realm", "a line of up to %d bytes is expected here, as the trunk writes it", longestRealm)
	}
	if t.From != "" && !sipName.MatchString(t.From) {
		c.fault("phone.trunk.from", "user@domain is expected here")
	}
	if t.Expires < leastExpires || t.Expires > mostExpires {
		c.fault("phone.trunk.expires", "this is at least 30s and at most 24h")
	}
}

// sipPlace says whether something is a name or an address, with a port or without.
func sipPlace(place string) bool {
	host := strings.Trim(place, "[]")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	if name, port, err := net.SplitHostPort(place); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
		host = name
	}
	_, err := netip.ParseAddr(host)
	return err == nil || sipHost.MatchString(host)
}
