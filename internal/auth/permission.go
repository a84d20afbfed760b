package auth

import (
	"fmt"

	"github.com/heed-line/heed"
)

// Action names something that a staff member does. The services ask Allow about it before they do it. Who may is in
// policies.cedar, where a new action also gets its place in the schema.
type Action string

// The actions. A page, an API operation and a service method that do the same thing ask about the same action.
const (
	QueueRead    Action = "queue.read"
	ReportSearch Action = "report.search"
	ReportRead   Action = "report.read"
	ReportClaim  Action = "report.claim"
	ReportAsk    Action = "report.ask"
	// ReportDispose covers refer, close, hold, duplicate and refuse.
	ReportDispose Action = "report.dispose"
	ReportUndo    Action = "report.undo"
	ReportApprove Action = "report.approve"
	ReportDecline Action = "report.decline"
	ReportUrgency Action = "report.urgency"
	// ReportCategory corrects what the machine proposed.
	ReportCategory Action = "report.category"
	ReportUnlink   Action = "report.unlink"
	ReportReopen   Action = "report.reopen"
	// ReportErase is proposing to erase what a Department had and is kept long enough; a second person agrees.
	ReportErase    Action = "report.erase"
	AttachmentOpen Action = "attachment.open"
	// AttachmentRedact is saying what of a file isn't handed on.
	AttachmentRedact Action = "attachment.redact"

	// DraftWrite is typing in a report for who calls, comes by or writes a letter.
	DraftWrite Action = "draft.write"
	// CallTake is being on duty, answering callers who ask for a person, and handing them on.
	CallTake Action = "call.take"
	// CallFigures is seeing how callers are served, and who is on duty.
	CallFigures Action = "call.figures"

	DisclosureAsk Action = "disclosure.ask"
	DisclosureSee Action = "disclosure.see"
	// DisclosureRelease is putting a file, as it was sent, into a Department's package.
	DisclosureRelease Action = "disclosure.release"
	// DisclosureList is seeing what waits for a Custodian.
	DisclosureList Action = "disclosure.list"
	// DisclosureDecide is approving and refusing.
	DisclosureDecide Action = "disclosure.decide"
	// DisclosureTake is carrying a request to a machine apart, and bringing its answer.
	DisclosureTake Action = "disclosure.take"

	// CustodianList is seeing who is a Custodian, and who waits to be one.
	CustodianList    Action = "custodian.list"
	CustodianApprove Action = "custodian.approve"
	// CustodianAskRemoval is wishing that somebody be one no longer, CustodianRemove agreeing to it.
	CustodianAskRemoval Action = "custodian.ask-removal"
	CustodianRemove     Action = "custodian.remove"

	ReferralList    Action = "referral.list"
	ReferralOpen    Action = "referral.open"
	ReferralAccept  Action = "referral.accept"
	ReferralReturn  Action = "referral.return"
	ReferralOutcome Action = "referral.outcome"

	StaffList    Action = "staff.list"
	StaffAdd     Action = "staff.add"
	StaffDisable Action = "staff.disable"
	StaffRoles   Action = "staff.roles"
	// StaffReset is asking that somebody get a new enrolment link, StaffResetApprove giving it.
	StaffReset        Action = "staff.reset"
	StaffResetApprove Action = "staff.reset-approve"
	// StaffLimit says to which categories an account is limited.
	StaffLimit Action = "staff.limit"
	// StaffPhone says on which telephone an account speaks with callers.
	StaffPhone Action = "staff.phone"
	// StaffSelf is changing one's own passphrase and language, and signing out.
	StaffSelf   Action = "staff.self"
	TokenCreate Action = "token.create"

	// ModelSee is seeing by which model the line screens, and how good one is that could take its place.
	ModelSee     Action = "model.see"
	ModelPropose Action = "model.propose"
	// ModelDecide is approving what another person proposed, or declining it.
	ModelDecide Action = "model.decide"
	// ModelRollBack is asking to return to the model of before; ModelDecide is the other person's part.
	ModelRollBack Action = "model.roll-back"

	StatisticsRead Action = "statistics.read"

	// AuditRead is seeing who did what, the error rates and the Checkpoints. It shows no word of a report.
	AuditRead Action = "audit.read"
	ClockRead Action = "clock.read"
	// ClockBelieve is one of the two words that the host's clock is right.
	ClockBelieve Action = "clock.believe"
)

// Actions lists every action. What is not in it is denied to everybody.
var Actions = [...]Action{
	QueueRead, ReportSearch, ReportRead, ReportClaim, ReportAsk, ReportDispose, ReportUndo, ReportApprove, ReportDecline,
	ReportUrgency, ReportCategory, ReportUnlink, ReportReopen, ReportErase, AttachmentOpen, AttachmentRedact,
	DraftWrite, CallTake, CallFigures,
	DisclosureAsk, DisclosureSee, DisclosureRelease, DisclosureList, DisclosureDecide, DisclosureTake,
	CustodianList, CustodianApprove, CustodianAskRemoval, CustodianRemove,
	ReferralList, ReferralOpen, ReferralAccept, ReferralReturn, ReferralOutcome,
	StaffList, StaffAdd, StaffDisable, StaffRoles, StaffReset, StaffResetApprove, StaffLimit, StaffPhone, StaffSelf, TokenCreate,
	ModelSee, ModelPropose, ModelDecide, ModelRollBack,
	StatisticsRead,
	AuditRead, ClockRead, ClockBelieve,
}

// Resource is what an act is done on, as far as a rule needs to know. Zero fields say nothing.
type Resource struct {
	// Report is on which report the act is done, and Category that report's, "" while it has none. Every act on one report
	// gives them: it may be one that the actor is not to know of.
	Report     heed.ID
	Category   string
	Department string  // whose the Referral is
	By         heed.ID // who did what is now to be approved, declined or undone
	Staff      heed.ID // the account that the act concerns
	// OneHand says that By and the actor are one admin's hand, for now, and that somebody else could be the second person (AsSecond).
	OneHand bool
}

// Allow reports whether actor may do action on the resource: nil, or an error that wraps heed.ErrForbidden.
//
// What no policy permits is denied, and so is everything to nil and to a disabled account.
func Allow(actor *heed.Staff, action Action, on Resource) error {
	set, err := policies()
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	if actor != nil && set.permits(actor, action, on) {
		return nil
	}
	return fmt.Errorf("%s: %w", action, heed.ErrForbidden)
}
