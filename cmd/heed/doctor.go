package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"text/tabwriter"
)

// doctorCommand tells what a line lacks. It makes and mends nothing.
type doctorCommand struct {
	lineFlags
	Role     []string `help:"What the process runs, as serve has it: a portal's or a telephone's alone is looked at for what that one needs." enum:"portal,desk,worker,phone" sep:"," placeholder:"LIST"`
	AuditKey string   `help:"The audit key that this portal pins, where it runs by itself with a keystore of its own." placeholder:"KEY"`
	TLSCert  string   `help:"Certificate that the line serves with, to see how long it still holds." type:"path" placeholder:"FILE"`
	SIP      string   `name:"sip" help:"Where the line answers calls, as serve has it: what calls need is then no wish but a must." placeholder:"HOST:PORT"`
	SIPTLS   string   `name:"sip-tls" help:"Likewise, by TLS." placeholder:"HOST:PORT"`
	JSON     bool     `help:"Print a JSON array of {\"check\",\"state\",\"detail\"}."`
}

// Help is shown by --help below the flags.
func (c *doctorCommand) Help() string {
	return `States: ok; note (works, but could be better); fault (must be mended). With a fault the command ends with code 1.

Examples:
  heed doctor --data /var/lib/heed
  heed doctor --data /var/lib/heed --sip 127.0.0.1:5060
  heed doctor --config /etc/heed/phone.yaml     a telephone's by itself, whose settings say role: phone
  heed doctor --json | jq '.[] | select(.state != "ok")'`
}

// finding is one line of the doctor's.
type finding struct {
	Check  string       `json:"check"`
	State  findingState `json:"state"`
	Detail string       `json:"detail"`
}

type findingState string

const (
	findingOK    findingState = "ok"
	findingNote  findingState = "note"
	findingFault findingState = "fault"
)

// doctor gathers findings.
type doctor struct {
	flags    lineFlags
	auditKey string
	tlsCert  string
	roles    []role // none where it wasn't told
	calls    bool   // the line answers calls
	s        *surroundings
	findings []finding
}

func (d *doctor) ok(check, format string, args ...any) { d.say(check, findingOK, format, args) }

func (d *doctor) note(check, format string, args ...any) { d.say(check, findingNote, format, args) }

func (d *doctor) fault(check, format string, args ...any) { d.say(check, findingFault, format, args) }

func (d *doctor) say(check string, state findingState, format string, args []any) {
	d.findings = append(d.findings, finding{check, state, fmt.Sprintf(format, args...)})
}

// Run checks everything and prints what it found.
func (c *doctorCommand) Run(ctx context.Context, s *surroundings, _ *slog.Logger) error {
	d := &doctor{flags: c.lineFlags, auditKey: c.AuditKey, tlsCert: c.TLSCert, calls: c.SIP != "" || c.SIPTLS != "", s: s}
	for _, name := range c.Role {
		d.roles = append(d.roles, role(name))
	}
	d.calls = d.calls || slices.Contains(d.roles, rolePhone)
	d.examine(ctx)
	if err := d.print(c.JSON); err != nil {
		return err
	}
	faults := 0
	for _, f := range d.findings {
		if f.State == findingFault {
			faults++
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d of %d checks found a fault", faults, len(d.findings))
	}
	return nil
}

func (d *doctor) print(asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(d.s.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(d.findings)
	}
	table := tabwriter.NewWriter(d.s.Stdout, 0, 0, 2, ' ', 0)
	out := &printer{w: table}
	for _, f := range d.findings {
		out.printf("%s\t%s\t%s\n", f.State, f.Check, f.Detail)
	}
	if out.err != nil {
		return out.err
	}
	return table.Flush()
}
