package auth

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"

	"github.com/heed-line/heed"
)

//go:embed policies.cedar
var policyText []byte

// PolicyText is the policies as they are decided by, in the Cedar language, for whoever audits them.
func PolicyText() string { return string(policyText) }

// policies is who may do what: the policies of policies.cedar. They are read once somebody is to do something, which in most commands nobody is.
var policies = sync.OnceValues(func() (policySet, error) { return compile("policies.cedar", policyText) })

// ReadPolicies reads the policies before anybody is to do something: a server that can't decide is not to start.
func ReadPolicies() error {
	_, err := policies()
	return err
}

// policySet holds under each action the policies that may concern it: to decide costs what those few cost, however many
// there are.
type policySet map[Action]cedar.PolicyMap

// compile reads policies. A policy that names no action concerns all of them.
func compile(name string, text []byte) (policySet, error) {
	list, err := cedar.NewPolicyListFromBytes(name, text)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	set := make(policySet, len(Actions))
	for _, action := range Actions {
		set[action] = cedar.PolicyMap{}
	}
	for i, policy := range list {
		named, err := actionsOf(policy)
		if err != nil {
			return nil, err
		}
		id := cedar.PolicyID(fmt.Sprintf("%s:%d", name, i))
		for _, action := range Actions {
			if named == nil || slices.Contains(named, action) {
				set[action][id] = policy
			}
		}
	}
	return set, nil
}

// actionsOf are the actions that a policy names in its scope, or nil where it names none. It reads the policy's JSON form
// (docs.cedarpolicy.com/policies/json-format.html), the only one in which a scope can be read.
func actionsOf(policy *cedar.Policy) ([]Action, error) {
	text, err := policy.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("read a policy's actions: %w", err)
	}
	type entity struct {
		ID Action `json:"id"`
	}
	var form struct {
		Action struct {
			Op       string   `json:"op"` // "All", "==" or "in"
			Entity   entity   `json:"entity"`
			Entities []entity `json:"entities"`
		} `json:"action"`
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return nil, fmt.Errorf("read a policy's actions: %w", err)
	}
	if form.Action.Op == "All" {
		return nil, nil
	}
	named := []Action{}
	for _, e := range append(form.Action.Entities, form.Action.Entity) {
		if e.ID != "" {
			named = append(named, e.ID)
		}
	}
	return named, nil
}

// Types of the entities that policies speak of.
const (
	typeStaff  cedar.EntityType = "Staff"
	typeRole   cedar.EntityType = "Role"
	typeRecord cedar.EntityType = "Record"
	typeAction cedar.EntityType = "Action"
)

// parties are the two entities of one question, as policies see them.
type parties struct{ actor, on cedar.Entity }

// Get implements cedar.EntityGetter.
func (p *parties) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch uid {
	case p.actor.UID:
		return p.actor, true
	case p.on.UID:
		return p.on, true
	}
	return cedar.Entity{}, false
}

func staffUID(id heed.ID) cedar.EntityUID { return cedar.NewEntityUID(typeStaff, cedar.String(id)) }

func entityOf(actor *heed.Staff) cedar.Entity {
	roles := make([]cedar.EntityUID, len(actor.Roles))
	for i, role := range actor.Roles {
		roles[i] = cedar.NewEntityUID(typeRole, cedar.String(role))
	}
	attributes := cedar.RecordMap{"disabled": cedar.Boolean(actor.Disabled)}
	if actor.Department != "" {
		attributes["department"] = cedar.String(actor.Department)
	}
	if len(actor.Categories) > 0 {
		categories := make([]cedar.Value, len(actor.Categories))
		for i, c := range actor.Categories {
			categories[i] = cedar.String(c)
		}
		attributes["categories"] = cedar.NewSet(categories...)
	}
	return cedar.Entity{UID: staffUID(actor.ID), Parents: cedar.NewEntityUIDSet(roles...), Attributes: cedar.NewRecord(attributes)}
}

func (on Resource) entity() cedar.Entity {
	attributes := cedar.RecordMap{}
	if on.Department != "" {
		attributes["department"] = cedar.String(on.Department)
	}
	if on.Report != "" {
		attributes["category"] = cedar.String(on.Category)
	}
	if on.By != "" {
		attributes["by"] = staffUID(on.By)
	}
	if on.Staff != "" {
		attributes["account"] = staffUID(on.Staff)
	}
	if on.OneHand {
		attributes["oneHand"] = cedar.True
	}
	return cedar.Entity{UID: cedar.NewEntityUID(typeRecord, "it"), Attributes: cedar.NewRecord(attributes)}
}

// permits reports whether the policies permit it. A policy that can't be evaluated permits nothing, even if others do: it
// might have been the one that forbids.
func (set policySet) permits(actor *heed.Staff, action Action, on Resource) bool {
	asked := parties{entityOf(actor), on.entity()}
	decision, diagnostic := cedar.Authorize(set[action], &asked, cedar.Request{
		Principal: asked.actor.UID, Action: cedar.NewEntityUID(typeAction, cedar.String(action)), Resource: asked.on.UID,
	})
	return decision == cedar.Allow && len(diagnostic.Errors) == 0
}
