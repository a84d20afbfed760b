package identity

import (
	"context"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// Reports is what Custody needs of reports, which it never reads. review.Service implements it.
type Reports interface {
	SealReason(ctx context.Context, tx heed.Tx, actor *heed.Staff, report, act heed.ID, text string, about []byte) ([]byte, error)
	OpenReason(ctx context.Context, tx heed.Tx, report, act heed.ID, sealed []byte) (text string, about []byte, err error)
	// Malware is the name of clamd's signature that a file of the report fits; "" for none.
	Malware(ctx context.Context, tx heed.Tx, report, file heed.ID) (signature string, err error)
	Note(ctx context.Context, tx heed.Tx, act string, actor, report heed.ID, details any, text string) error
}

// Keys opens a Custodian's own key with their passphrase. auth.Service implements it.
type Keys interface {
	CustodianKey(ctx context.Context, actor *heed.Staff, passphrase string) (*seal.PrivateKey, error)
}

// CustodyConfig is what Custody works with. Every field is needed.
type CustodyConfig struct {
	Identity *Service
	Reports  Reports
	Keys     Keys
	Allow    func(actor *heed.Staff, action auth.Action, on auth.Resource) error
	LineName string // as a Custodian reads it on a machine apart
	// Listed says that the line has a list of what nobody is to see, or a clamd: no file is disclosed that wasn't held against it (docs/adr/0026).
	Listed bool
	// ShownList says that it has the list: a picture or film that no program read (heed.Unsafe) was held against it by its bytes alone, and isn't disclosed.
	ShownList bool
}

// Custody is the desk's way to Identities: Disclosures, and who is a Custodian. It is safe for concurrent use.
//
// None of it is in the staff API: what a Disclosure shows is for a person at a screen, and who approves one types a passphrase.
type Custody struct {
	*Service
	reports   Reports
	secrets   Keys
	allow     func(*heed.Staff, auth.Action, auth.Resource) error
	lineName  string
	listed    bool
	shownList bool
}

// NewCustody makes it.
func NewCustody(c CustodyConfig) *Custody {
	return &Custody{Service: c.Identity, reports: c.Reports, secrets: c.Keys, allow: c.Allow, lineName: c.LineName, listed: c.Listed, shownList: c.ShownList}
}
