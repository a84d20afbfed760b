package heed

import (
	"context"
	"time"
)

// DisclosureState says how far a Disclosure has come.
type DisclosureState string

// The states of a disclosure. Asked, exported, approved and released are open; the others are final.
const (
	DisclosureAsked     DisclosureState = "asked"      // waits for a Custodian
	DisclosureApproved  DisclosureState = "approved"   // the asker can see it, once
	DisclosureSeen      DisclosureState = "seen"       // the asker saw it
	DisclosureReleased  DisclosureState = "released"   // the file waits, as it was sent, for the next package for a Department
	DisclosureHanded    DisclosureState = "handed"     // that package has it
	DisclosureExported  DisclosureState = "exported"   // a Custodian took the sealed Identity to a machine apart; any Custodian can still decide
	DisclosureRefused   DisclosureState = "refused"    // by a Custodian
	DisclosureLapsed    DisclosureState = "lapsed"     // nobody approved, or nobody looked, in time; or the Identity died
	DisclosureTakenBack DisclosureState = "taken-back" // the reporter took the Identity back first
)

// Open reports whether something can still come of it.
func (s DisclosureState) Open() bool { return s.Waiting() || s == DisclosureReleased }

// Waiting reports whether it waits for somebody: for a Custodian, or for who asked.
func (s DisclosureState) Waiting() bool { return s.Undecided() || s == DisclosureApproved }

// Undecided reports whether it waits for a Custodian.
func (s DisclosureState) Undecided() bool { return s == DisclosureAsked || s == DisclosureExported }

// DisclosureReason is the class of a reason, which the reporter is told. The free text stays sealed with the report.
type DisclosureReason string

// The classes of reasons.
const (
	ReasonDanger   DisclosureReason = "danger"   // somebody's life or health depends on reaching the reporter
	ReasonLaw      DisclosureReason = "law"      // a court or a law orders it
	ReasonHandling DisclosureReason = "handling" // the report can't be dealt with otherwise
	ReasonReporter DisclosureReason = "reporter" // the reporter asked for it
)

// DisclosureReasons lists the classes, in the order in which they are offered.
var DisclosureReasons = [...]DisclosureReason{ReasonDanger, ReasonLaw, ReasonHandling, ReasonReporter}

// Disclosure is the approved, logged act of showing one staff member who a reporter is, or of giving them one file as the reporter sent it.
type Disclosure struct {
	ID           ID
	Report       ID
	File         ID // the file whose original is asked for; "": who the reporter is
	State        DisclosureState
	By           ID // who asked
	At           time.Time
	Reason       DisclosureReason
	SealedReason []byte // the free text, under the report's data key
	Day          string // of the Identity that dies first; the Disclosure ends with it
	// Key is the public half of a key whose private half only the asker's browser or program holds.
	Key      []byte
	SecondBy ID // the Custodian who approved or refused, or the last who exported
	SecondAt time.Time
	Until    time.Time // when it lapses; zero where it is final
	// Sealed is the Identity, or the file's key, under Key: only from the approval until it is seen or ends. Of a released file it is that key
	// wrapped to its day's transit key, for Department: only until the package is made.
	Sealed []byte
	SeenAt time.Time // or when the file was released, and then when a package had it
	// Department is for whose package the file is released; "" where it isn't.
	Department string
	// ExportedAt is when a Custodian first took the sealed Identity to a machine apart, where they may have seen it: the reporter is
	// told, whatever becomes of it. Zero: never.
	ExportedAt time.Time
	// ExportedAgain are the further times that one did, oldest first: each Custodian, and each time, is told of.
	ExportedAgain []time.Time
	// Proof is the public half (Ed25519) of the key that signs the answer of the last export, and that nobody has but who can open
	// that; nil where it was not exported.
	Proof []byte
}

// CustodianApproval says that a Custodian may open Identities. Signature is the audit key's over the account and its
// public key, so that rights on the database alone make nobody a Custodian.
type CustodianApproval struct {
	Staff     ID
	By        ID // the Custodian who approved; "" for the first one
	At        time.Time
	Signature []byte
}

// CustodianTx keeps who is approved as a Custodian.
type CustodianTx interface {
	PutCustodianApproval(ctx context.Context, a *CustodianApproval) error // in place of an earlier one
	CustodianApprovals(ctx context.Context) ([]*CustodianApproval, error) // by staff id
	DeleteCustodianApproval(ctx context.Context, staff ID) error          // ErrNotFound: there is none
}

// DisclosureTx keeps Disclosures.
type DisclosureTx interface {
	AddDisclosure(ctx context.Context, d *Disclosure) error
	Disclosure(ctx context.Context, id ID) (*Disclosure, error)
	Disclosures(ctx context.Context, report ID) ([]*Disclosure, error) // oldest first
	// WaitingDisclosures lists those that are asked or exported and whose Until is after now, oldest first.
	WaitingDisclosures(ctx context.Context, now time.Time, limit int) ([]*Disclosure, error)
	// UnseenDisclosures lists those that the Custodian approved and nobody has seen, oldest first.
	UnseenDisclosures(ctx context.Context, custodian ID, limit int) ([]*Disclosure, error)
	// OpenDisclosuresOfDay lists open ones whose Identity dies with the day ("2026-11-23"), oldest first.
	OpenDisclosuresOfDay(ctx context.Context, day string, limit int) ([]*Disclosure, error)
	// DisclosuresDue lists open ones whose Until is not after now.
	DisclosuresDue(ctx context.Context, now time.Time, limit int) ([]*Disclosure, error)
	// MoveDisclosure writes State, SecondBy, SecondAt, Until, Sealed, SeenAt, ExportedAt, Proof and Department where the stored State is
	// still from. ErrConflict: it is not.
	MoveDisclosure(ctx context.Context, d *Disclosure, from DisclosureState) error
	// AddDisclosureExport adds to ExportedAgain. ErrNotFound.
	AddDisclosureExport(ctx context.Context, id ID, at time.Time) error
}
