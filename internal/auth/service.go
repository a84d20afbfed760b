package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"runtime"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// The lives of credentials.
const (
	LinkLife    = 24 * time.Hour      // of an enrolment or setup link, and of a wish for one
	SessionLife = 12 * time.Hour      // at most, however busy; a line may choose another
	IdleLife    = 30 * time.Minute    // without a request; a line may choose another
	ProofLife   = 10 * time.Minute    // how long who has just proved who they are may do what is dangerous
	TokenLife   = 90 * 24 * time.Hour // of a token for which nobody chose another
	NoticeLife  = 90 * 24 * time.Hour // of an announcement
	halfWayLife = 10 * time.Minute    // between the passphrase and the second step
	touchEvery  = time.Minute         // a session's last sight is written no more often than this
)

// CustodianKeys makes the key of a Custodian. Package identity implements it.
type CustodianKeys interface {
	// CreateCustodian makes a key and seals its private half under the passphrase.
	CreateCustodian(passphrase string) (public, sealedPrivate []byte, err error)
	// CustodianEnrolled is told after the account stands with a key, or with another one: it may count, or waits for approval.
	CustodianEnrolled(ctx context.Context, now time.Time, staff heed.ID) error
}

// Config is what a Service needs.
type Config struct {
	Store      heed.Store
	Custodians CustodianKeys
	// Departments are the profile's department ids; a liaison belongs to one of them.
	Departments []string
	// Categories are the profile's category ids; an account may be limited to some of them.
	Categories []string
	Now        func() time.Time
	// Browsers is the key of KnownBrowser's marks: the same on every node and after every start. Zero: one of this
	// Service's own.
	Browsers seal.Key
	// Factors keeps one-time codes, recovery codes and challenges: the same on every node and after every start. The zero
	// one is of this Service's own.
	Factors seal.SignInKey
	// Line is the line's id, to which one-time codes' secrets are bound, and Title what people's apps and devices call it.
	Line, Title string
	// SecondStep says that no passphrase opens a session by itself, whoever made the account.
	SecondStep bool
	// SignOn is the organisation's own sign-on; nil: it has none.
	SignOn *SignOnConfig
	// Idle and Longest are a session's lives (0: IdleLife, SessionLife).
	Idle, Longest time.Duration
	// Slots is how many passphrases are derived at once (0: one per core) and Waiting how many more may wait (0: 64).
	Slots, Waiting int
}

// Service keeps the accounts. It is safe for concurrent use.
type Service struct {
	store       heed.Store
	custodians  CustodianKeys
	departments []string
	categories  []string
	now         func() time.Time
	derive      *slots
	throttle    *throttle
	browsers    seal.Key
	factors     seal.SignInKey
	line, title string
	secondStep  bool
	idle        time.Duration
	longest     time.Duration
	signOn      *provider
}

// New makes a Service.
func New(c Config) *Service {
	if c.Slots == 0 {
		c.Slots = runtime.NumCPU()
	}
	if c.Waiting == 0 {
		c.Waiting = 64
	}
	if c.Browsers == (seal.Key{}) {
		c.Browsers = seal.NewKey()
	}
	if c.Factors == (seal.SignInKey{}) {
		c.Factors = seal.NewSignInKey(seal.NewKey())
	}
	c.Idle = cmp.Or(c.Idle, IdleLife)
	c.Longest = cmp.Or(c.Longest, SessionLife)
	s := &Service{
		store: c.Store, custodians: c.Custodians, departments: c.Departments, categories: c.Categories, now: c.Now, browsers: c.Browsers,
		derive: newSlots(c.Slots, c.Waiting), throttle: newThrottle(),
		factors: c.Factors, line: c.Line, title: cmp.Or(c.Title, "Heed"), secondStep: c.SecondStep, idle: c.Idle, longest: c.Longest,
	}
	if c.SignOn != nil {
		s.signOn = newProvider(c.SignOn, c.Now)
	}
	return s
}

// newSecret is 256 random bits as 43 base64url characters, with the hash by which the store knows them.
func newSecret() (secret string, hash []byte) {
	var b [32]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	secret = base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashSecret(secret)
}

// hashSecret needs no salt or stretching: the secret has 256 random bits.
func hashSecret(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// facts are the details of a leaf: codes and ids by name. Maps are encoded with sorted names, so the JSON is canonical.
type facts map[string]any

// leaf writes one act on accounts. by is "" where the operator did it on the machine itself.
func leaf(ctx context.Context, tx heed.Tx, at time.Time, by heed.ID, act string, f facts) error {
	return leafOn(ctx, tx, at, by, "", act, f)
}

// leafOn is leaf for an act that concerns a report too.
func leafOn(ctx context.Context, tx heed.Tx, at time.Time, by, report heed.ID, act string, f facts) error {
	l, err := audit.Leaf(act, by, report, at, f)
	if err != nil {
		return err
	}
	if err := tx.AddLeaf(ctx, l); err != nil {
		return fmt.Errorf("writing the leaf %s: %w", act, err)
	}
	return nil
}
