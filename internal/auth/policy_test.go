package auth_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

//go:generate go test -run TestTheDocumentOfPermissionsIsThatOfThePolicies -update .

var update = flag.Bool("update", false, "write docs/permissions.md anew")

func shippedPolicies(t *testing.T) cedar.PolicyList {
	t.Helper()
	list, err := cedar.NewPolicyListFromBytes("policies.cedar", []byte(auth.PolicyText()))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEachPolicyHasANameASentenceAndOnlyWordsOfTheSchema(t *testing.T) {
	text, err := os.ReadFile("policies.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	var s schema.Schema
	if err := s.UnmarshalCedar(text); err != nil {
		t.Fatal(err)
	}
	words, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	check := validate.New(words)
	names := map[string]bool{}
	for _, p := range shippedPolicies(t) {
		name, sentence := string(p.Annotations()["id"]), string(p.Annotations()["sentence"])
		if name == "" || names[name] || !strings.HasSuffix(sentence, ".") {
			t.Errorf("the policy at line %d: name %q, sentence %q", p.Position().Line, name, sentence)
		}
		names[name] = true
		if err := check.Policy(name, (*ast.Policy)(p.AST())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	declared := map[auth.Action]bool{}
	for uid := range words.Actions {
		declared[auth.Action(uid.ID)] = true
	}
	for _, a := range auth.Actions {
		if !declared[a] {
			t.Errorf("%s is not in the schema", a)
		}
		delete(declared, a)
	}
	for a := range declared {
		t.Errorf("the schema has %s, about which nobody asks", a)
	}
}

func TestThePoliciesKnowEveryRole(t *testing.T) {
	text, err := os.ReadFile("policies.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range heed.Roles {
		if !strings.Contains(string(text), `"`+string(r)+`"`) {
			t.Errorf("%s is not in the schema", r)
		}
	}
}

// circumstance is what an act may be done on, in a word of the document.
type circumstance struct {
	word string
	on   auth.Resource
}

// circumstances are all that any policy tells apart.
var circumstances = []circumstance{
	{"yes", auth.Resource{}},
	{"own act", auth.Resource{By: "me"}},
	{"another's act", auth.Resource{By: "another"}},
	{"own department", auth.Resource{Department: "fire"}},
	{"another department", auth.Resource{Department: "police"}},
	{"own account", auth.Resource{Staff: "me"}},
	{"another's account", auth.Resource{Staff: "another"}},
}

// wish is the one circumstance that is two of them at once.
var wish = circumstance{"another's wish about a third one's account", auth.Resource{By: "another", Staff: "third"}}

// may tells in which circumstances the role may do it: "" in none, "yes" in all.
func may(role heed.Role, action auth.Action) string {
	me := &heed.Staff{ID: "me", Roles: []heed.Role{role}}
	if role == heed.Liaison {
		me.Department = "fire"
	}
	var words []string
	for _, c := range circumstances {
		if auth.Allow(me, action, c.on) == nil {
			words = append(words, c.word)
		}
	}
	if len(words) == len(circumstances) {
		return "yes"
	}
	if len(words) == 0 && auth.Allow(me, action, wish.on) == nil {
		words = append(words, wish.word)
	}
	return strings.Join(words, ", ")
}

func TestTheDocumentOfPermissionsIsThatOfThePolicies(t *testing.T) {
	const file = "../../docs/permissions.md"
	want := permissionsDocument(t)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/permissions.md is not made from the policies any more: run go generate ./internal/auth and commit it")
	}
}

// What the table shows one by one decides together too: no policy asks for two circumstances at once but those of a
// wish and of a removal, so none hides between the table's words.
func TestAnActIsPermittedWhereOneOfItsCircumstancesPermitsIt(t *testing.T) {
	part := func(on auth.Resource, role heed.Role, action auth.Action) bool {
		me := &heed.Staff{ID: "me", Roles: []heed.Role{role}, Department: "fire"}
		return auth.Allow(me, action, on) == nil
	}
	for _, role := range heed.Roles {
		for _, action := range auth.Actions {
			for _, department := range []string{"", "fire", "police"} {
				for _, by := range []heed.ID{"", "me", "another"} {
					for _, account := range []heed.ID{"", "me", "third"} {
						got := part(auth.Resource{Department: department, By: by, Staff: account}, role, action)
						want := part(auth.Resource{Department: department}, role, action) ||
							part(auth.Resource{By: by}, role, action) || part(auth.Resource{Staff: account}, role, action) ||
							by == wish.on.By && account == wish.on.Staff && part(wish.on, role, action)
						if action == auth.CustodianRemove && by == "me" {
							want = false // who asked for it doesn't agree to it, whoever is to go
						}
						if got != want {
							t.Errorf("%s %s on %q, %q, %q: %v, but by its parts %v", role, action, department, by, account, got, want)
						}
					}
				}
			}
		}
	}
}

// permissionsDocument is docs/permissions.md: the sentences, then every role against every action as Allow answers.
func permissionsDocument(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Who may do what

Generated from the policies in [policies.cedar](../internal/auth/policies.cedar) by ` + "`go generate ./internal/auth`" + `; a test fails when it is
stale. ` + "`heed operations policies`" + ` prints the policies that a program decides by.

Nothing is permitted that no policy permits, and a policy that forbids outweighs every one that permits. The policies are written in
[Cedar](https://docs.cedarpolicy.com); each implements one sentence:

| policy | | sentence |
|---|---|---|
`)
	for _, p := range shippedPolicies(t) {
		effect := "permits"
		if p.Effect() == cedar.Forbid {
			effect = "forbids"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", p.Annotations()["id"], effect, p.Annotations()["sentence"])
	}
	b.WriteString("\n## Every role and every act\n\nAn empty cell is a no. Whoever has several roles may do what any of them may.\n\n| act |")
	for _, r := range heed.Roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(heed.Roles)) + "\n")
	for _, a := range auth.Actions {
		fmt.Fprintf(&b, "| %s |", a)
		for _, r := range heed.Roles {
			fmt.Fprintf(&b, " %s |", may(r, a))
		}
		b.WriteString("\n")
	}
	b.WriteString(`
## Need to know

An account can be limited to categories (` + "`heed staff limit`" + `, or the admin's page). What a lead who is limited to one category may then do with reports; of
another category or of none yet there is nothing for them: no row, no count, no event, no search hit, and their addresses answer like those of no report.

| act | of their category | of another | of none yet |
|---|---|---|---|
`)
	yes := map[bool]string{true: "yes"}
	for _, a := range auth.Actions {
		if of := limitedMay(a); of[0] != of[1] || of[0] != of[2] {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", a, yes[of[0]], yes[of[1]], yes[of[2]])
		}
	}
	return b.String()
}

// limitedMay tells whether a lead who is limited to a category may do it: with a report of that one, of another, of none yet.
func limitedMay(action auth.Action) (may [3]bool) {
	lead := &heed.Staff{ID: "me", Roles: []heed.Role{heed.RoleLead}, Categories: []string{"hazard"}}
	by := heed.ID("another")
	if action == auth.ReportUndo {
		by = "me"
	}
	for i, category := range [...]string{"hazard", "cyber", ""} {
		may[i] = auth.Allow(lead, action, auth.Resource{Report: "r", Category: category, By: by}) == nil
	}
	return may
}

func TestALimitHoldsInEveryActOnAReport(t *testing.T) {
	for _, a := range auth.Actions {
		area, _, _ := strings.Cut(string(a), ".")
		if area != "report" && area != "queue" && area != "attachment" {
			continue
		}
		if limitedMay(a) != [3]bool{true, false, false} {
			t.Errorf("%s: %v of their category, another, none", a, limitedMay(a))
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	lead := &heed.Staff{ID: heed.NewID(time.Now()), Roles: []heed.Role{heed.RoleLead}}
	on := auth.Resource{By: heed.NewID(time.Now())}
	b.ReportAllocs()
	for b.Loop() {
		if auth.Allow(lead, auth.ReportApprove, on) != nil {
			b.Fatal("denied")
		}
	}
}
