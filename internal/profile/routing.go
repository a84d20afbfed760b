package profile

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/heed-line/heed"
)

// Rule proposes a Department. When is a CEL expression (cel.dev) over the names of Facts that answers true or false.
type Rule struct {
	When       string `yaml:"when"`
	Department string `yaml:"department"`

	program cel.Program
}

// Facts are what a routing rule may ask about a report. There is no text and nothing about a person in it.
type Facts struct {
	Category string
	Urgency  heed.Urgency
	Language string
	Channel  heed.Channel
	Named    bool // the reporter gave an Identity
	Files    int
	// ReceivedAt becomes hour (0 to 23) and weekday (0 is Sunday) in the line's time zone.
	ReceivedAt time.Time
}

// A rule is operator's data, but a slip must not stop a queue: its source, its depth and what it may cost are bounded.
const (
	maxRule     = 2000
	maxRuleCost = 10_000
)

func ruleEnvironment() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("category", cel.StringType),
		cel.Variable("urgency", cel.StringType),
		cel.Variable("language", cel.StringType),
		cel.Variable("channel", cel.StringType),
		cel.Variable("named", cel.BoolType),
		cel.Variable("files", cel.IntType),
		cel.Variable("hour", cel.IntType),
		cel.Variable("weekday", cel.IntType),
		cel.ParserRecursionLimit(50),
		cel.ParserExpressionSizeLimit(maxRule),
	)
}

// Route is the Department that the first matching rule proposes; "" where none matches.
//
// The error says which rule could not be evaluated (it cost too much, or divided by zero); the rules after it were still
// asked, so that one bad rule doesn't hide the others.
func (p *Profile) Route(f Facts) (department string, err error) {
	at := f.ReceivedAt.In(p.zone)
	facts := map[string]any{
		"category": f.Category, "urgency": string(f.Urgency), "language": f.Language, "channel": string(f.Channel),
		"named": f.Named, "files": int64(f.Files), "hour": int64(at.Hour()), "weekday": int64(at.Weekday()),
	}
	for i := range p.Routing {
		answer, _, failed := p.Routing[i].program.Eval(facts)
		if failed != nil {
			if err == nil {
				err = fmt.Errorf("routing rule %d: %w", i+1, failed)
			}
			continue
		}
		if answer == types.True {
			return p.Routing[i].Department, err
		}
	}
	return "", err
}

func (c *checker) routing(p *Profile) {
	if len(p.Routing) == 0 {
		return
	}
	env, err := ruleEnvironment()
	if err != nil {
		c.fault("routing", "rules can't be read: %v", err)
		return
	}
	for i := range p.Routing {
		r, key := &p.Routing[i], fmt.Sprintf("routing[%d]", i)
		if _, ok := p.Department(r.Department); !ok {
			c.fault(key+".department", "there is no department %q", r.Department)
		}
		switch {
		case r.When == "":
			c.fault(key+".when", `a rule is expected, such as urgency == "immediate"`)
		case len(r.When) > maxRule:
			c.fault(key+".when", "a rule has at most %d characters", maxRule)
		default:
			c.compile(env, p, r, key+".when")
		}
	}
}

func (c *checker) compile(env *cel.Env, p *Profile, r *Rule, key string) {
	tree, issues := env.Compile(r.When)
	if issues != nil && issues.Err() != nil {
		for _, e := range issues.Errors() {
			c.faults.add(c.within(key, r.When, e.Location.Line(), e.Location.Column()), key, "the rule doesn't compile: %s", e.Message)
		}
		return
	}
	if tree.OutputType() != cel.BoolType {
		c.fault(key, "a rule must answer true or false; this one answers %s", tree.OutputType())
		return
	}
	for _, e := range ast.MatchDescendants(ast.NavigateAST(tree.NativeRep()), ast.KindMatcher(ast.CallKind)) {
		c.compared(p, tree.NativeRep(), e, key, r.When)
	}
	program, err := env.Program(tree, cel.CostLimit(maxRuleCost), cel.InterruptCheckFrequency(100))
	if err != nil {
		c.fault(key, "the rule can't be run: %v", err)
		return
	}
	r.program = program
}

// compared finds a category, urgency or channel that a rule compares with and that doesn't exist: it would never match,
// and nobody would notice.
func (c *checker) compared(p *Profile, tree *ast.AST, e ast.NavigableExpr, key, rule string) {
	call := e.AsCall()
	switch call.FunctionName() {
	case operators.Equals, operators.NotEquals, operators.In:
	default:
		return
	}
	args := call.Args()
	if len(args) != 2 {
		return
	}
	name, values := args[0], args[1]
	if name.Kind() != ast.IdentKind {
		name, values = values, name
	}
	if name.Kind() != ast.IdentKind {
		return
	}
	known := p.knownValues(name.AsIdent())
	if known == nil {
		return
	}
	list := []ast.Expr{values}
	if values.Kind() == ast.ListKind {
		list = values.AsList().Elements()
	}
	for _, v := range list {
		if v.Kind() != ast.LiteralKind {
			continue
		}
		s, ok := v.AsLiteral().Value().(string)
		if !ok || known[s] {
			continue
		}
		at := tree.SourceInfo().GetStartLocation(v.ID())
		c.faults.add(c.within(key, rule, at.Line(), at.Column()), key, "there is no %s %q, so this would never match", name.AsIdent(), s)
	}
}

func (p *Profile) knownValues(name string) map[string]bool {
	known := map[string]bool{"": true}
	switch name {
	case "category":
		for _, c := range p.Categories {
			known[c.ID] = true
		}
	case "urgency":
		for _, u := range heed.Urgencies {
			known[string(u)] = true
		}
	case "channel":
		for _, ch := range []heed.Channel{heed.ChannelWeb, heed.ChannelPhone, heed.ChannelAPI, heed.ChannelImport, heed.ChannelStaff} {
			known[string(ch)] = true
		}
	default:
		return nil
	}
	return known
}

// within turns a place in a rule (line from 1, column from 0) into one in the file, by finding the rule's line below or
// at where its value starts. A rule folded over several lines is pointed at as a whole.
func (c *checker) within(key, rule string, line, column int) place {
	at := c.place(key)
	lines := strings.Split(rule, "\n")
	if line < 1 || line > len(lines) {
		return at
	}
	wanted := strings.TrimSpace(lines[line-1])
	for n := at.line; n <= len(c.source) && n <= at.line+len(lines)+1; n++ {
		if wanted == "" {
			break
		}
		found := strings.Index(c.source[n-1], wanted)
		if found < 0 {
			continue
		}
		indent := len(lines[line-1]) - len(strings.TrimLeft(lines[line-1], " \t"))
		return place{n, len([]rune(c.source[n-1][:found])) + max(column-indent, 0) + 1}
	}
	return at
}
