package heed

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

//go:generate go test -run TestTheStateDiagramIsThatOfTheTable -update .

var update = flag.Bool("update", false, "write docs/states.md anew")

const statesFile = "docs/states.md"

func TestTheStateDiagramIsThatOfTheTable(t *testing.T) {
	want := statesDocument()
	if *update {
		if err := os.WriteFile(statesFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(statesFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not made from the table any more: run go generate . and commit it", statesFile)
	}
}

func TestNoTransitionIsThereTwiceAndEveryStateIsReached(t *testing.T) {
	seen := map[[2]string]bool{}
	reached := map[State]bool{Received: true}
	for _, x := range Transitions {
		key := [2]string{string(x.From), string(x.Event)}
		if seen[key] {
			t.Errorf("%s has two ways for %s", x.From, x.Event)
		}
		seen[key] = true
		reached[x.To] = true
		if !x.From.Valid() || !x.To.Valid() {
			t.Errorf("%s → %s names a state that is not in States", x.From, x.To)
		}
	}
	for _, s := range States {
		if !reached[s.State] {
			t.Errorf("nothing leads to %s", s.State)
		}
	}
}

// statesDocument is docs/states.md. The diagram leaves out what every state has: withdrawal and erasure stand in the
// table below it.
func statesDocument() string {
	var b strings.Builder
	b.WriteString(`# The states of a report

Generated from the table in [state.go](../state.go) by ` + "`go generate .`" + `; a test fails when it is stale.

` + "```mermaid\nstateDiagram-v2\n    [*] --> received\n")
	for _, x := range Transitions {
		if x.Event != EventWithdraw && x.Event != EventErase {
			fmt.Fprintf(&b, "    %s --> %s: %s\n", x.From, x.To, x.Event)
		}
	}
	b.WriteString("    closed --> [*]\n    withdrawn --> [*]\n    erased --> [*]\n```\n\n")
	b.WriteString("The reporter sees the stage; the desk shows the list. A report is open while the line owes it a decision:\nits clocks run and it can be searched.\n\n")
	b.WriteString("| state | the reporter sees | list at the desk | open | can be withdrawn | can be erased |\n|---|---|---|---|---|---|\n")
	yes := map[bool]string{true: "yes", false: ""}
	for _, s := range States {
		_, withdraw := s.State.Next(EventWithdraw)
		_, erase := s.State.Next(EventErase)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", s.State, s.Stage, s.List, yes[s.Open], yes[withdraw == nil], yes[erase == nil])
	}
	return b.String()
}
