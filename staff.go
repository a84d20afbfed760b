package heed

import "time"

// Role is what a staff member may do, in words; the permissions behind each are in auth.
type Role string

// The roles of DESIGN.md §6.
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
	Language   string // of the desk's pages
	// Passphrase is an encoded Argon2id hash; "" until enrolled.
	Passphrase string
	// CustodianPublic and CustodianPrivate are a custodian's HPKE key: the public half, and the private half sealed under
	// the passphrase. Nil for everybody else.
	CustodianPublic, CustodianPrivate []byte
	Disabled                          bool
	CreatedAt                         time.Time
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
	Enrolment CredentialKind = "enrolment" // one-time link that lets its holder choose a passphrase
	Session   CredentialKind = "session"   // signed-in browser
	Token     CredentialKind = "token"     // bearer token of the staff API
)

// Credential is a secret handed to a staff member; only its SHA-256 is stored (the secret has 256 random bits).
type Credential struct {
	Hash      []byte
	Kind      CredentialKind
	Staff     ID // "" for the first start's setup link, which makes the first account
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // zero: never (tokens)
}
