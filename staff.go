package heed

import (
	"context"
	"time"
)

// Role is what a staff member may do, in words; the permissions behind each are in auth.
type Role string

// The roles: docs/architecture.md, "Who may do what".
const (
	Agent      Role = "agent" // call-taker
	Specialist Role = "specialist"
	RoleLead   Role = "lead"
	Liaison    Role = "liaison" // a Department's
	Custodian  Role = "custodian"
	Overseer   Role = "overseer"
	Admin      Role = "admin" // reads no reports
)

// Roles lists every role.
var Roles = [...]Role{Agent, Specialist, RoleLead, Liaison, Custodian, Overseer, Admin}

// Staff is one account at the desk.
type Staff struct {
	ID         ID
	Name       string // unique, as typed to sign in
	Roles      []Role
	Department string // a liaison's
	// Categories are those of whose reports a specialist, lead or agent is to know; nil is all, those without one included.
	Categories []string
	Language   string // of the desk's pages
	// Passphrase is an encoded Argon2id hash; "" until enrolled.
	Passphrase string
	// CustodianPublic and CustodianPrivate are a custodian's HPKE key: the public half, and the private half sealed under
	// the passphrase. Nil for everybody else.
	CustodianPublic, CustodianPrivate []byte
	Disabled                          bool
	CreatedAt                         time.Time
	// EnrolledAt is when the person first had a way to sign in; zero while only a link stands open.
	EnrolledAt time.Time
	// SecondStep says that the person enrolled in a browser, so that the line may ask for a second step beside the passphrase.
	SecondStep bool
	// Phone is the SIP address at which a call-taker's own telephone rings; "" where there is none.
	Phone string
	// Speaks are the languages in which a call-taker speaks with callers; nil is all of the line's.
	Speaks []string
}

// Has reports whether s holds any of the roles.
func (s *Staff) Has(roles ...Role) bool {
	for _, r := range roles {
		for _, h := range s.Roles {
			if h == r {
				return true
			}
		}
	}
	return false
}

// CredentialKind tells what a Credential opens.
type CredentialKind string

// The kinds of credential.
const (
	Enrolment CredentialKind = "enrolment" // one-time link that lets its holder choose how to sign in
	Session   CredentialKind = "session"   // signed-in browser
	Token     CredentialKind = "token"     // bearer token of the staff API
	HalfWay   CredentialKind = "half-way"  // browser whose passphrase was right and whose second step is awaited
	Reset     CredentialKind = "reset"     // wish for a new enrolment link that a second person has yet to approve
	Removal   CredentialKind = "removal"   // wish that a Custodian be one no longer, to which a second person has yet to agree
	Newcomer  CredentialKind = "newcomer"  // mark of who came lately by another account's link
	Spent     CredentialKind = "spent"     // challenge that was answered, kept so that nobody answers it again
)

// Credential is a secret handed to a staff member; only its SHA-256 is stored (the secret has 256 random bits).
type Credential struct {
	Hash      []byte
	Kind      CredentialKind
	Staff     ID // "" for the first start's setup link, which makes the first account
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // zero: never
	// Browser is the SHA-256 of the mark of the browser that a Session or a HalfWay is bound to.
	Browser  []byte
	ProvedAt time.Time // when the holder of a Session last proved who they are
	By       ID        // who made an Enrolment, asked for a Reset, or let a Newcomer in; "" is the operator on the machine itself
	Way      string    // how the holder of a Session signed in: "passphrase", "passkey", …
}

// FactorKind tells what a Factor is.
type FactorKind string

// The kinds of factor.
const (
	Passkey      FactorKind = "passkey"       // WebAuthn credential
	OneTimeCodes FactorKind = "totp"          // shared secret of RFC 6238
	RecoveryCode FactorKind = "recovery-code" // usable once
	SignOn       FactorKind = "sign-on"       // account at the organisation's OpenID provider
)

// Factor is a way to prove who one is, beside the passphrase.
type Factor struct {
	ID    ID
	Staff ID
	Kind  FactorKind
	Name  string // what its owner calls it
	// Handle finds it, unique in its kind: a Passkey's credential id, a RecoveryCode's keyed hash, a hash of a SignOn's issuer
	// and subject, a staff id for OneTimeCodes.
	Handle []byte
	// Data is a Passkey's public half and flags as JSON, the sealed secret of OneTimeCodes, or a SignOn's issuer; nil for a
	// RecoveryCode.
	Data      []byte
	Used      int64 // OneTimeCodes: the step (RFC 6238) of the last code used; Passkey: its signature counter
	CreatedAt time.Time
	UsedAt    time.Time // zero: never
}

// Announcement tells one staff member what somebody did to an account. It holds ids and a code, and stays until it is old.
type Announcement struct {
	ID    ID
	Staff ID // whom it tells
	At    time.Time
	Code  string // "enrolled", "reset-asked", …
	About ID     // whose account it is about
	By    ID     // who did it; "" is the operator on the machine itself
	Seen  bool
}

// StaffTx keeps accounts and credentials.
type StaffTx interface {
	AddStaff(ctx context.Context, s *Staff) error // ErrConflict: the name is taken
	UpdateStaff(ctx context.Context, s *Staff) error
	// LockStaff lets no other transaction change the account until this one ends. Who reads it afterwards and then writes
	// undoes nobody's change. ErrNotFound: there is none.
	LockStaff(ctx context.Context, id ID) error
	Staff(ctx context.Context, id ID) (*Staff, error)
	StaffByName(ctx context.Context, name string) (*Staff, error)
	AllStaff(ctx context.Context) ([]*Staff, error)         // by name
	AddCredential(ctx context.Context, c *Credential) error // ErrConflict: there is one of that hash
	Credential(ctx context.Context, hash []byte) (*Credential, error)
	Credentials(ctx context.Context, staff ID, kind CredentialKind) ([]*Credential, error) // oldest first
	TouchCredential(ctx context.Context, hash []byte, seen, expires time.Time) error
	DeleteCredential(ctx context.Context, hash []byte) error // ErrNotFound: somebody used it first
	DeleteCredentials(ctx context.Context, staff ID, kind CredentialKind) error
	DeleteExpiredCredentials(ctx context.Context, now time.Time) (int, error)
}

// FactorTx keeps the factors of accounts.
type FactorTx interface {
	AddFactor(ctx context.Context, f *Factor) error // ErrConflict: there is one of that kind and handle
	Factors(ctx context.Context, staff ID) ([]*Factor, error)
	FactorByHandle(ctx context.Context, kind FactorKind, handle []byte) (*Factor, error)
	// UseFactor sets f.Used, f.Data and f.UsedAt where the stored Used is still from. ErrConflict: it is not, or there is no
	// such factor; somebody used it first.
	UseFactor(ctx context.Context, f *Factor, from int64) error
	DeleteFactor(ctx context.Context, id ID) error // ErrNotFound: somebody used or deleted it first
	DeleteFactors(ctx context.Context, staff ID, kind FactorKind) error
}

// AnnouncementTx keeps announcements.
type AnnouncementTx interface {
	Announce(ctx context.Context, a *Announcement) error
	Announcements(ctx context.Context, staff ID, limit int) ([]*Announcement, error) // newest first
	SeeAnnouncements(ctx context.Context, staff ID) error
	DeleteAnnouncements(ctx context.Context, before time.Time) (int, error)
}
