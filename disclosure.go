package heed

import "time"

// DisclosureState says how far a Disclosure has come.
type DisclosureState string

// The states of a disclosure. Asked and approved are open; the others are final.
const (
	DisclosureAsked     DisclosureState = "asked"      // waits for a Custodian
	DisclosureApproved  DisclosureState = "approved"   // the asker can see it, once
	DisclosureSeen      DisclosureState = "seen"       // the asker saw it
	DisclosureExported  DisclosureState = "exported"   // a Custodian took the sealed Identity to a machine of their own
	DisclosureRefused   DisclosureState = "refused"    // by a Custodian
	DisclosureLapsed    DisclosureState = "lapsed"     // nobody approved, or nobody looked, in time; or the Identity died
	DisclosureTakenBack DisclosureState = "taken-back" // the reporter took the Identity back first
)

// Open reports whether something can still come of it.
func (s DisclosureState) Open() bool { return s == DisclosureAsked || s == DisclosureApproved }

// Told reports whether somebody saw the Identity, or may have: what the reporter is told.
func (s DisclosureState) Told() bool { return s == DisclosureSeen || s == DisclosureExported }

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

// Disclosure is the approved, logged act of showing one staff member who a reporter is.
type Disclosure struct {
	ID           ID
	Report       ID
	State        DisclosureState
	By           ID // who asked
	At           time.Time
	Reason       DisclosureReason
	SealedReason []byte // the free text, under the report's data key
	Day          string // of the Identity that dies first; the Disclosure ends with it
	// Key is the public half of a key whose private half only the asker's browser or program holds.
	Key      []byte
	SecondBy ID // the Custodian who approved, refused or exported
	SecondAt time.Time
	Until    time.Time // when it lapses; zero where it is final
	// Sealed is the Identity under Key: only from the approval until it is seen or ends.
	Sealed []byte
	SeenAt time.Time
	// Proof is the SHA-256 of the token that only the Custodian's key could open; nil where it was not exported.
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
