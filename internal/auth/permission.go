package auth

import (
	"fmt"

	"github.com/heed-line/heed"
)

// Action names something that a staff member does. The services ask Allow about it before they do it.
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
	AttachmentOpen Action = "attachment.open"

	ReferralList    Action = "referral.list"
	ReferralOpen    Action = "referral.open"
	ReferralAccept  Action = "referral.accept"
	ReferralReturn  Action = "referral.return"
	ReferralOutcome Action = "referral.outcome"

	StaffList    Action = "staff.list"
	StaffAdd     Action = "staff.add"
	StaffDisable Action = "staff.disable"
	// StaffSelf is changing one's own passphrase and language, and signing out.
	StaffSelf   Action = "staff.self"
	TokenCreate Action = "token.create"

	StatisticsRead Action = "statistics.read"
)

// Resource is what an act is done on, as far as a rule needs to know. Zero fields say nothing.
type Resource struct {
	Department string  // whose the Referral is
	By         heed.ID // who did what is now to be approved, declined or undone
	Staff      heed.ID // the account that the act concerns
}

// A condition narrows a rule. Its name is what the rule's sentence says in words.
type condition struct {
	name string
	hold func(actor *heed.Staff, on Resource) bool
}

var (
	ownDepartment = condition{"own department", func(a *heed.Staff, on Resource) bool {
		return a.Department != "" && a.Department == on.Department
	}}
	anotherPerson = condition{"another person", func(a *heed.Staff, on Resource) bool {
		return on.By != "" && on.By != a.ID
	}}
	ownAct = condition{"own act", func(a *heed.Staff, on Resource) bool {
		return on.By != "" && on.By == a.ID
	}}
	ownAccount = condition{"own account", func(a *heed.Staff, on Resource) bool {
		return on.Staff != "" && on.Staff == a.ID
	}}
	otherAccount = condition{"another's account", func(a *heed.Staff, on Resource) bool {
		return on.Staff != "" && on.Staff != a.ID
	}}
)

// A rule permits actions to the holders of any of its roles where every condition holds. Nothing forbids: what no rule
// permits is denied.
type rule struct {
	sentence string // what it implements, from DESIGN.md §1 and §6
	actions  []Action
	roles    []heed.Role // nil: everybody who is signed in
	when     []condition
}

// rules is the whole of who may do what.
var rules = [...]rule{
	{
		sentence: "Specialists and leads see the queue, search it with a stated purpose, and read reports; every read is a leaf.",
		actions:  []Action{QueueRead, ReportSearch, ReportRead, AttachmentOpen},
		roles:    []heed.Role{heed.Specialist, heed.RoleLead},
	},
	{
		sentence: "Specialists and leads claim a report, ask its reporter, correct the machine, and decide with a reason.",
		actions: []Action{ReportClaim, ReportAsk, ReportDispose, ReportUrgency, ReportCategory, ReportUnlink,
			ReportReopen},
		roles: []heed.Role{heed.Specialist, heed.RoleLead},
	},
	{
		sentence: "Whoever decided may undo it, for ten seconds.",
		actions:  []Action{ReportUndo},
		roles:    []heed.Role{heed.Specialist, heed.RoleLead},
		when:     []condition{ownAct},
	},
	{
		sentence: "What needs four eyes is approved or declined by a lead who is not the person who decided.",
		actions:  []Action{ReportApprove, ReportDecline},
		roles:    []heed.Role{heed.RoleLead},
		when:     []condition{anotherPerson},
	},
	{
		sentence: "A liaison sees the Referrals of their own Department, takes the package, and answers.",
		actions:  []Action{ReferralList, ReferralOpen, ReferralAccept, ReferralReturn, ReferralOutcome},
		roles:    []heed.Role{heed.Liaison},
		when:     []condition{ownDepartment},
	},
	{
		sentence: "Admins make and disable accounts, and read no reports; nobody disables themselves.",
		actions:  []Action{StaffDisable},
		roles:    []heed.Role{heed.Admin},
		when:     []condition{otherAccount},
	},
	{
		sentence: "Admins make accounts; the new person chooses the passphrase.",
		actions:  []Action{StaffAdd},
		roles:    []heed.Role{heed.Admin},
	},
	{
		sentence: "Admins and the overseer see who has an account.",
		actions:  []Action{StaffList},
		roles:    []heed.Role{heed.Admin, heed.Overseer},
	},
	{
		sentence: "Everybody looks after their own account, and makes tokens that act as nobody but themselves.",
		actions:  []Action{StaffSelf, TokenCreate},
		when:     []condition{ownAccount},
	},
	{
		sentence: "Those who work the queue, and the overseer, see its figures.",
		actions:  []Action{StatisticsRead},
		roles:    []heed.Role{heed.Specialist, heed.RoleLead, heed.Overseer},
	},
}

// Allow reports whether actor may do action on the resource: nil, or an error that wraps heed.ErrForbidden.
//
// What no rule permits is denied, and so is everything to nil and to a disabled account.
func Allow(actor *heed.Staff, action Action, on Resource) error {
	if actor != nil && !actor.Disabled {
		for i := range rules {
			if rules[i].permits(actor, action, on) {
				return nil
			}
		}
	}
	return fmt.Errorf("%s: %w", action, heed.ErrForbidden)
}

func (r *rule) permits(actor *heed.Staff, action Action, on Resource) bool {
	if !r.covers(action) || (r.roles != nil && !actor.Has(r.roles...)) {
		return false
	}
	for _, c := range r.when {
		if !c.hold(actor, on) {
			return false
		}
	}
	return true
}

func (r *rule) covers(action Action) bool {
	for _, a := range r.actions {
		if a == action {
			return true
		}
	}
	return false
}
