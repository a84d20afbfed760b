package auth_test

import (
	"errors"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// granted is who may do what, written again by hand: a second pair of eyes on the rules.
var granted = map[auth.Action][]heed.Role{
	auth.QueueRead: {heed.Specialist, heed.RoleLead}, auth.ReportSearch: {heed.Specialist, heed.RoleLead},
	auth.ReportRead: {heed.Specialist, heed.RoleLead}, auth.AttachmentOpen: {heed.Specialist, heed.RoleLead}, auth.AttachmentRedact: {heed.Specialist, heed.RoleLead},
	auth.ReportClaim: {heed.Specialist, heed.RoleLead}, auth.ReportAsk: {heed.Specialist, heed.RoleLead},
	auth.ReportDispose: {heed.Specialist, heed.RoleLead}, auth.ReportUrgency: {heed.Specialist, heed.RoleLead},
	auth.ReportCategory: {heed.Specialist, heed.RoleLead}, auth.ReportUnlink: {heed.Specialist, heed.RoleLead},
	auth.ReportReopen: {heed.Specialist, heed.RoleLead}, auth.ReportUndo: {},
	auth.ReportApprove: {heed.RoleLead}, auth.ReportDecline: {heed.RoleLead},
	auth.DisclosureAsk: {heed.Specialist, heed.RoleLead}, auth.DisclosureSee: {}, auth.DisclosureRelease: {},
	auth.DisclosureList: {heed.Custodian}, auth.DisclosureDecide: {heed.Custodian}, auth.DisclosureTake: {heed.Custodian},
	auth.CustodianList: {heed.Custodian, heed.Admin, heed.Overseer}, auth.CustodianApprove: {heed.Custodian},
	auth.CustodianAskRemoval: {heed.Custodian, heed.Admin}, auth.CustodianRemove: {heed.Custodian},
	auth.ReferralList: {heed.Liaison}, auth.ReferralOpen: {heed.Liaison}, auth.ReferralAccept: {heed.Liaison},
	auth.ReferralReturn: {heed.Liaison}, auth.ReferralOutcome: {heed.Liaison},
	auth.StaffList: {heed.Admin, heed.Overseer}, auth.StaffAdd: {heed.Admin}, auth.StaffDisable: {heed.Admin}, auth.StaffLimit: {heed.Admin},
	auth.StaffRoles: {heed.Admin}, auth.StaffReset: {heed.Admin}, auth.StaffResetApprove: {heed.Admin, heed.Overseer},
	auth.StaffSelf: {}, auth.TokenCreate: {},
	auth.ModelSee: {heed.RoleLead, heed.Admin, heed.Overseer}, auth.ModelPropose: {heed.RoleLead, heed.Admin},
	auth.ModelDecide: {heed.RoleLead}, auth.ModelRollBack: {heed.RoleLead, heed.Admin},
	auth.DraftWrite: {heed.Agent}, auth.CallTake: {heed.Agent}, auth.CallFigures: {heed.RoleLead}, auth.StaffPhone: {heed.Admin},
	auth.StatisticsRead: {heed.Specialist, heed.RoleLead, heed.Overseer},
	auth.ReportErase:    {heed.Specialist, heed.RoleLead},
	auth.AuditRead:      {heed.Overseer},
	auth.ClockRead:      {heed.RoleLead, heed.Admin, heed.Overseer}, auth.ClockBelieve: {heed.RoleLead, heed.Admin},
}

func TestEveryRoleMayDoExactlyWhatTheTableGrants(t *testing.T) {
	for _, action := range auth.Actions {
		roles, written := granted[action]
		if !written {
			t.Errorf("%s isn't in the table", action)
		}
		for _, role := range heed.Roles {
			actor := &heed.Staff{ID: "me", Roles: []heed.Role{role}}
			if role == heed.Liaison {
				actor.Department = "fire"
			}
			on := auth.Resource{Department: "fire", By: "another", Staff: "another"}
			want := false
			for _, r := range roles {
				want = want || r == role
			}
			if got := auth.Allow(actor, action, on) == nil; got != want {
				t.Errorf("%s %s: allowed %v, want %v", role, action, got, want)
			}
		}
	}
}

func TestNobodyApprovesTheirOwnDecisionAndNobodyUndoesAnothers(t *testing.T) {
	lead := &heed.Staff{ID: "me", Roles: []heed.Role{heed.RoleLead, heed.Specialist, heed.Admin, heed.Custodian}}
	for _, c := range []struct {
		action auth.Action
		by     heed.ID
		want   bool
	}{
		{auth.ReportApprove, "me", false}, {auth.ReportApprove, "", false}, {auth.ReportApprove, "another", true},
		{auth.ReportDecline, "me", false},
		{auth.DisclosureDecide, "me", false}, {auth.DisclosureTake, "me", false}, {auth.DisclosureTake, "another", true}, {auth.DisclosureSee, "another", false}, {auth.DisclosureSee, "me", true}, {auth.DisclosureRelease, "another", false}, {auth.DisclosureRelease, "me", true},
		{auth.ModelDecide, "me", false}, {auth.ModelDecide, "", false}, {auth.ModelDecide, "another", true},
		{auth.ReportUndo, "me", true}, {auth.ReportUndo, "another", false}, {auth.ReportUndo, "", false},
	} {
		if got := auth.Allow(lead, c.action, auth.Resource{By: c.by}) == nil; got != c.want {
			t.Errorf("%s of what %q decided: allowed %v, want %v", c.action, c.by, got, c.want)
		}
	}
}

func TestALiaisonSeesNoOtherDepartment(t *testing.T) {
	liaison := &heed.Staff{ID: "me", Roles: []heed.Role{heed.Liaison}, Department: "fire"}
	for department, want := range map[string]bool{"fire": true, "police": false, "": false} {
		if got := auth.Allow(liaison, auth.ReferralOpen, auth.Resource{Department: department}) == nil; got != want {
			t.Errorf("department %q: allowed %v, want %v", department, got, want)
		}
	}
	homeless := &heed.Staff{ID: "me", Roles: []heed.Role{heed.Liaison}}
	if auth.Allow(homeless, auth.ReferralOpen, auth.Resource{}) == nil {
		t.Error("a liaison of no department sees referrals of none")
	}
}

func TestNobodyAndTheDisabledMayDoNothing(t *testing.T) {
	all := &heed.Staff{ID: "me", Roles: heed.Roles[:], Department: "fire", Disabled: true}
	on := auth.Resource{Department: "fire", By: "another", Staff: "me"}
	for action := range granted {
		for name, actor := range map[string]*heed.Staff{"nobody": nil, "a disabled account": all} {
			if err := auth.Allow(actor, action, on); !errors.Is(err, heed.ErrForbidden) {
				t.Errorf("%s may %s: %v", name, action, err)
			}
		}
	}
	if auth.Allow(&heed.Staff{ID: "me", Roles: heed.Roles[:]}, "unheard.of", on) == nil {
		t.Error("an act that no rule names is allowed")
	}
}
