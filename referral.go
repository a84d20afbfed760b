package heed

import "time"

// DispositionKind is a decision about a Report.
type DispositionKind string

// The kinds of disposition.
const (
	Refer         DispositionKind = "refer"
	Close         DispositionKind = "close"
	Hold          DispositionKind = "hold"
	LinkDuplicate DispositionKind = "duplicate"
	Refuse        DispositionKind = "refuse"
	// Erase is about a Report that a Department had and whose span is over. It always waits for a second person, and its
	// Report meanwhile stands where it stood.
	Erase DispositionKind = "erase"
)

// DispositionState says whether a Disposition has taken effect.
type DispositionState string

// The states of a disposition.
const (
	Final    DispositionState = "final"    // in effect
	Pending  DispositionState = "pending"  // waits for a second person
	Approved DispositionState = "approved" // in effect by a second person
	Declined DispositionState = "declined"
	Undone   DispositionState = "undone"
)

// Disposition is one decision, with who made it and who approved it. It is never changed but for State and the second person.
type Disposition struct {
	ID         ID
	Report     ID
	Kind       DispositionKind
	State      DispositionState
	By         ID
	At         time.Time
	Department string // refer
	Lead       ID     // duplicate
	// ApproveBy is when the approval of an imminent danger's referral, which has already left, must have come.
	ApproveBy    time.Time
	SealedReason []byte // under the report's data key
	SecondBy     ID     // who approved or declined
	SecondAt     time.Time
}

// ReferralState is where a Referral stands between the line and a Department.
type ReferralState string

// The states of a referral.
const (
	ReferralPreparing  ReferralState = "preparing"
	ReferralReady      ReferralState = "ready"      // the package can be downloaded
	ReferralDownloaded ReferralState = "downloaded" //
	ReferralAccepted   ReferralState = "accepted"
	ReferralReturned   ReferralState = "returned"
	ReferralConcluded  ReferralState = "concluded" // an Outcome was given
	ReferralCancelled  ReferralState = "cancelled" // undone before it was prepared
)

// Referral is a Report handed to one Department as a sealed, signed package.
type Referral struct {
	ID           ID // also the package's id, by which a Department de-duplicates
	Report       ID
	Disposition  ID
	Department   string
	State        ReferralState
	CreatedAt    time.Time
	Blob         string // the .age file in the blob store
	Size         int64
	SHA256       []byte // of the .age file
	StateSince   time.Time
	SealedReason []byte // why it was returned, under the report's data key
	Outcome      string // one of the profile's outcome ids; "" until given
	Version      int64
}
