package heed

import (
	"context"
	"time"
)

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

// DispositionTx keeps Dispositions.
type DispositionTx interface {
	AddDisposition(ctx context.Context, d *Disposition) error
	Disposition(ctx context.Context, id ID) (*Disposition, error)
	Dispositions(ctx context.Context, report ID) ([]*Disposition, error) // oldest first
	// DecideDisposition sets State, SecondBy and SecondAt where the stored State is still from. ErrConflict: it is not.
	DecideDisposition(ctx context.Context, d *Disposition, from DispositionState) error
	// ApprovalsDue lists pending Dispositions whose ApproveBy is set and not after now.
	ApprovalsDue(ctx context.Context, now time.Time, limit int) ([]*Disposition, error)
	// Conclusions lists the Dispositions from since on that refer or close and are in effect, the newest id first; before is the
	// last id of the page before, "" begins.
	Conclusions(ctx context.Context, since time.Time, before ID, limit int) ([]*Disposition, error)
	// CountConclusions counts them.
	CountConclusions(ctx context.Context, since time.Time) (int, error)
}

// ReferralTx keeps Referrals.
type ReferralTx interface {
	AddReferral(ctx context.Context, r *Referral) error
	Referral(ctx context.Context, id ID) (*Referral, error)
	UpdateReferral(ctx context.Context, r *Referral) error // ErrConflict as UpdateReport
	// Referrals lists newest first; department "" is all, report "" is all, after is the last id of the page before.
	Referrals(ctx context.Context, department string, report ID, after ID, limit int) ([]*Referral, error)
}
