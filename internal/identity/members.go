package identity

import (
	"context"
	"strings"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// MemberState says how an account stands to the circle of Custodians.
type MemberState string

// The states.
const (
	Invited  MemberState = "invited"  // has the role, and no key yet
	Waits    MemberState = "waits"    // has a key that nobody approved
	Approved MemberState = "approved" // counts, unless the account is closed
)

// Member is an account with the role of a Custodian.
type Member struct {
	Account *heed.Staff
	State   MemberState
	Key     string                  // KeyName of the public half; "" where there is none
	How     *heed.CustodianApproval // nil where nobody approved
}

// Circle is who is a Custodian, and who would be.
type Circle struct {
	Era     uint64
	Begun   bool     // false: the line is from before approvals, and Begin couldn't take its Custodian over
	Members []Member // by name
}

// Counting are the names of those who count as Custodians.
func (c *Circle) Counting() (names []string) {
	for _, m := range c.Members {
		if m.State == Approved && !m.Account.Disabled {
			names = append(names, m.Account.Name)
		}
	}
	return names
}

// Circle lists everybody with the role of a Custodian.
func (s *Service) Circle(ctx context.Context) (*Circle, error) {
	c, err := s.circle(ctx)
	if err != nil {
		return nil, err
	}
	out := &Circle{Era: c.era, Begun: c.known}
	for _, a := range c.all {
		if !a.Has(heed.Custodian) {
			continue
		}
		m := Member{Account: a, State: Invited, How: c.how[a.ID]}
		if len(a.CustodianPublic) > 0 {
			m.State, m.Key = Waits, KeyName(a.CustodianPublic)
		}
		if m.How != nil {
			m.State = Approved
		}
		out.Members = append(out.Members, m)
	}
	return out, nil
}

// KeyName is how people compare a Custodian's public key: the first 128 bits of its SHA-256 in hexadecimal, in groups of four.
func KeyName(public []byte) string { return seal.Fingerprint(public) }

// SameKey reports whether a KeyName, as a person typed it or a form sent it, names the key.
func SameKey(name string, public []byte) bool {
	bare := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	return bare(name) == bare(KeyName(public))
}
