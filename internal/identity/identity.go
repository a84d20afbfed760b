package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// Acts of this package, as they stand in AuditLeaf.Act.
const (
	ActErased    = "identity.erased" // {"day","identities","as_of"?}
	ActDayMade   = "key.day-made"    // {"day","identity","custodians"}
	ActDayRemade = "key.day-remade"  // the same

	ActCustodianApproved = "custodian.approved" // {"staff","key","era"}, as all of the circle of Custodians
	ActCustodianAdopted  = "custodian.adopted"  // of a line from before they were approved
	ActCustodianRemoved  = "custodian.removed"
	ActCustodianReplaced = "custodian.replaced" // all of them, by the one

	ActCustodianRemovalAsked = "custodian.removal-asked"

	ActAsked    = "disclosure.asked"    // {"disclosure","reason"}, as all of a Disclosure
	ActApproved = "disclosure.approved" // and "apart" where the answer came from a machine apart
	ActExported = "disclosure.exported"
	ActRefused  = "disclosure.refused"
	ActSeen     = "disclosure.seen"
	ActReleased = "disclosure.released" // and "department", for whose package
	ActLapsed   = audit.DisclosureLapsed
)

// Config is what a Service works with. Every field is needed.
type Config struct {
	Store    heed.Store
	Keystore keystore.Keystore
	Line     string
	Audit    *seal.Signer // signs the public halves
	Now      func() time.Time
}

// Service makes, uses and destroys the days' keys. It is the worker's and the desk's; a portal has the Sealer alone. It is
// safe for concurrent use, by several processes too.
type Service struct {
	*Sealer
	keys   keystore.Keystore
	signer *seal.Signer
	now    func() time.Time
}

// New makes a Service.
func New(c Config) *Service {
	return &Service{Sealer: NewSealer(c.Store, c.Audit.Verifier(), c.Line), keys: c.Keystore, signer: c.Audit, now: c.Now}
}

// Day is as Sealer.Day, but makes the day's keys where the worker was too late to, and anew where they were destroyed
// before the day was over.
func (s *Service) Day(ctx context.Context, now time.Time) (*heed.DayKeyRecord, error) {
	r, err := s.Sealer.Day(ctx, now)
	if !errors.Is(err, heed.ErrNotFound) && !errors.Is(err, heed.ErrGone) {
		return r, err
	}
	if err := s.EnsureDays(ctx, now); err != nil {
		return nil, err
	}
	return s.Sealer.Day(ctx, now)
}

// OpenFileKey opens a file's key with its day's transit key, for the worker that makes the safe copy or a package and for the desk: wrapped is
// a.TransitKey (holder seal.ByTransit), or what a Disclosure that released the file holds.
//
// ErrGone: the day's keys are destroyed, or should be, and nobody came to it yet. ErrSealed: it can't be opened.
func (s *Service) OpenFileKey(ctx context.Context, a *heed.Attachment, holder seal.FileKeyHolder, wrapped []byte) (seal.Key, error) {
	private, err := s.livingTransit(ctx, a.Day)
	if err != nil {
		return seal.Key{}, err
	}
	return seal.UnwrapFileKey(private, s.line, a, holder, wrapped)
}

// OpenCall opens what a telephone call's process left for the worker, should it die.
//
// It returns the errors of OpenFileKey.
func (s *Service) OpenCall(ctx context.Context, c *heed.Call) ([]byte, error) {
	private, err := s.livingTransit(ctx, c.Day)
	if err != nil {
		return nil, err
	}
	return seal.OpenCall(private, s.line, c.Day, c.ID, c.Sealed)
}

// ResealCallBack opens a number to call back, and seals it to the process that dials it, which b names by its key.
//
// It returns the errors of OpenFileKey, and heed.ErrSealed where that key is none.
func (s *Service) ResealCallBack(ctx context.Context, b *heed.CallBack) ([]byte, error) {
	private, err := s.livingTransit(ctx, b.Day)
	if err != nil {
		return nil, err
	}
	to, err := seal.ParsePublicKey(b.Key)
	if err != nil {
		return nil, fmt.Errorf("key of who dials a call-back: %w", heed.ErrSealed)
	}
	return seal.ResealCallBack(private, to, s.line, b.Day, b.ID, b.Sealed)
}

// livingTransit is the private half of a day's transit key. ErrGone: it is destroyed, or should be, and nobody came to it yet.
func (s *Service) livingTransit(ctx context.Context, day string) (*seal.PrivateKey, error) {
	if dead(day, s.now()) {
		return nil, fmt.Errorf("transit key of %s, which is over: %w", day, heed.ErrGone)
	}
	r, err := s.record(ctx, day)
	if err != nil {
		return nil, err
	}
	private, err := s.transit(ctx, r)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, fmt.Errorf("transit key of %s: %w", day, heed.ErrGone) // destroyed, its row not yet
	}
	return private, err
}

// CreateCustodian makes the key pair of a Custodian's account: the public half, and the private half sealed under the
// passphrase. It takes 64 MiB for about 80 ms. ErrInvalid: no passphrase.
func CreateCustodian(passphrase string) (public, sealedPrivate []byte, err error) {
	if passphrase == "" {
		return nil, nil, fmt.Errorf("custodian without a passphrase: %w", heed.ErrInvalid)
	}
	public, sealedPrivate = seal.NewCustodianKey(passphrase)
	return public, sealedPrivate, nil
}

// CreateCustodian is the function of that name.
func (s *Service) CreateCustodian(passphrase string) (public, sealedPrivate []byte, err error) {
	return CreateCustodian(passphrase)
}
