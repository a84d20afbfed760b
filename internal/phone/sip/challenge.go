package sip

import (
	"bytes"
	"io"
	"strings"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// longestChallenge is how long a challenge may be that is read.
const longestChallenge = 4 << 10

// challenges says whether a response asks who we are (RFC 3261 §22).
func challenges(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// proof is a header that says who we are.
type proof struct {
	name, value string
	stale       bool // the one before was right, but too old
}

// prove answers a response's challenges for a request to target: the first that we understand, as the trunk has them in the order that it prefers
// (RFC 8760 §2.4).
//
// It returns ErrTrunkRefuses where there is none or the line has no secret, ErrTrunkRealm where those that there are come from elsewhere, and
// ErrTrunkSecret.
func (t *trunk) prove(res *sip.Response, method sip.RequestMethod, target string, body []byte) (p proof, err error) {
	if t == nil || t.Secret == nil {
		return p, ErrTrunkRefuses
	}
	err = ErrTrunkRefuses
	asked, answered := "www-authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		asked, answered = "proxy-authenticate", "Proxy-Authorization"
	}
	for _, h := range res.GetHeaders(asked) {
		challenge, ok := readChallenge(h.Value())
		if !ok {
			continue
		}
		if t.Realm != "" && challenge.Realm != t.Realm {
			err = ErrTrunkRealm
			continue
		}
		secret, failed := t.Secret()
		if failed != nil {
			return p, ErrTrunkSecret // why stands in the doctor's answer: a log has no path and no name of a trunk
		}
		credentials, failed := digest.Digest(challenge, digest.Options{
			Method: method.String(), URI: target, Username: t.User, Password: secret, Count: 1,
			GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
		})
		if failed != nil {
			continue
		}
		return proof{answered, credentials.String(), challenge.Stale}, nil
	}
	return p, err
}

// readChallenge reads a challenge (RFC 7616 §3.3); false where it can't be answered: another scheme, algorithm or protection.
func readChallenge(value string) (*digest.Challenge, bool) {
	if len(value) > longestChallenge {
		return nil, false
	}
	challenge, err := digest.ParseChallenge(value)
	if err != nil || challenge.Nonce == "" {
		return nil, false
	}
	for i, protection := range challenge.QOP {
		challenge.QOP[i] = strings.TrimSpace(protection)
	}
	return challenge, digest.CanDigest(challenge)
}
