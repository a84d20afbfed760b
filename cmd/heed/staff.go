package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
)

// staffCommand keeps the accounts of the desk.
type staffCommand struct {
	Add     staffAddCommand     `cmd:"" help:"Make an account and print the one-time link by which its person chooses how to sign in."`
	List    staffListCommand    `cmd:"" help:"List the accounts."`
	Reset   staffResetCommand   `cmd:"" help:"Print a new one-time link for somebody who has lost every way to sign in."`
	Disable staffDisableCommand `cmd:"" help:"Close an account: its sessions, tokens and links end."`
	Enable  staffEnableCommand  `cmd:"" help:"Reopen an account."`
	Roles   staffRolesCommand   `cmd:"" help:"Change what an account may do."`
	Limit   staffLimitCommand   `cmd:"" help:"Say of which categories' reports alone an account is to know."`
}

// staffAddCommand makes an account.
type staffAddCommand struct {
	lineFlags
	Name           string   `arg:"" help:"As typed to sign in." placeholder:"NAME"`
	Role           []string `help:"${roles}; several with commas." required:"" sep:"," placeholder:"ROLE"`
	Department     string   `help:"Id of the department, for a liaison." placeholder:"ID"`
	Category       []string `help:"Ids of the categories of whose reports alone a specialist, lead or agent is to know; several with commas. Without: all." sep:"," placeholder:"ID"`
	Language       string   `help:"Language of the desk's pages." default:"en" placeholder:"TAG"`
	PassphraseFile string   `help:"File whose first line is the passphrase: the account is complete at once, a custodian's key included." type:"path" placeholder:"FILE"`
	CustodianKey   string   `help:"File of the public half of a custodian's key that lies on a machine apart (heed custodian key new); needs --passphrase-file. With a link, the person gives it when they enrol." type:"path" placeholder:"FILE.pub"`
	DeskURL        string   `help:"Where the desk is reached, for the link; the default is the profile's, or where it last listened." placeholder:"URL"`
}

// Help is shown by --help below the flags.
func (c *staffAddCommand) Help() string {
	return `The link works once, for 24 hours. The command works while the line runs.

Examples:
  heed staff add amira --role specialist,lead
  heed staff add fire-desk --role liaison --department fire-service
  heed staff add tomas --role specialist --category fraud-scam,corruption
  heed staff add ana --role custodian --passphrase-file passphrase --custodian-key ana.key.pub`
}

// Run makes the account and prints its link, or its name where it is complete.
func (c *staffAddCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	account := auth.NewStaff{Name: c.Name, Department: c.Department, Categories: c.Category, Language: c.Language}
	for _, role := range c.Role {
		account.Roles = append(account.Roles, heed.Role(strings.TrimSpace(role)))
	}
	var err error
	if account.CustodianKey, err = c.custodianKey(account.Roles); err != nil {
		return err
	}
	line, err := openLine(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	if c.PassphraseFile != "" {
		passphrase, err := readSecretFile(c.PassphraseFile)
		if err != nil {
			return err
		}
		staff, err := line.auth.AddComplete(ctx, account, passphrase)
		if err != nil {
			return staffFault(err)
		}
		if _, err = fmt.Fprintln(s.Stdout, staff.Name); err != nil {
			return err
		}
		return line.sayWaiting(ctx, staff)
	}
	base, err := line.deskURL(ctx, c.DeskURL)
	if err != nil {
		return err
	}
	_, secret, err := line.auth.Add(ctx, nil, account)
	if err != nil {
		return staffFault(err)
	}
	_, err = fmt.Fprintln(s.Stdout, enrolmentURL(base, secret))
	return err
}

// sayWaiting says on standard error where a new custodian is none yet.
func (l *line) sayWaiting(ctx context.Context, staff *heed.Staff) error {
	if !staff.Has(heed.Custodian) {
		return nil
	}
	is, err := l.identity.IsCustodian(ctx, staff.ID)
	if err != nil || is {
		return err
	}
	_, err = fmt.Fprintf(l.s.Stderr, "%s opens no identity before a custodian approves the key %s (heed custodian approve)\n", staff.Name, identity.KeyName(staff.CustodianPublic))
	return err
}

// custodianKey reads the public half of a key that lies on a machine apart; nil where none is named.
func (c *staffAddCommand) custodianKey(roles []heed.Role) (*seal.PublicKey, error) {
	switch {
	case c.CustodianKey == "":
		return nil, nil
	case c.PassphraseFile == "":
		return nil, usagef("--custodian-key needs --passphrase-file: with a link, the person gives the key when they enrol")
	case !slices.Contains(roles, heed.Custodian):
		return nil, usagef("--custodian-key is for a custodian")
	}
	text, err := os.ReadFile(c.CustodianKey)
	if err != nil {
		return nil, usagef("reading the custodian's key: %w", err)
	}
	key, err := seal.ParseCustodianPublic(text)
	if err != nil {
		return nil, usagef("%s holds no whole public half of a custodian's key", c.CustodianKey)
	}
	return key, nil
}

// staffLimitCommand limits an account.
type staffLimitCommand struct {
	lineFlags
	Name       string   `arg:"" help:"As typed to sign in." placeholder:"NAME"`
	Category   []string `help:"Ids of the categories; several with commas. Without, and without departments: all." sep:"," placeholder:"ID"`
	Department []string `help:"Ids of departments: the categories that the profile now says they usually take, beside those of --category." sep:"," placeholder:"ID"`
}

// Help is shown by --help below the flags.
func (c *staffLimitCommand) Help() string {
	return `It holds from the person's next request on. Reports of other categories, and those that have none yet, are then as if there were none: in lists, counts, searches and by their addresses.
Keep a lead without a limit, or nobody sees what has no category yet. --department stands for its categories as the profile has them now; a later change of the profile changes no limit.

Examples:
  heed staff limit tomas --category fraud-scam,corruption
  heed staff limit tomas --department environment
  heed staff limit tomas`
}

// Run limits the account.
func (c *staffLimitCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	line, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	categories, err := c.categories(line.profile)
	if err != nil {
		return err
	}
	err = line.auth.LimitNamed(ctx, c.Name, categories)
	if errors.Is(err, heed.ErrNotFound) {
		return usagef("nobody is called %q", c.Name)
	}
	if err != nil {
		return staffFault(err)
	}
	return nil
}

// categories are those that were named and those of the departments. A department that takes none in particular limits to
// nothing, and is refused: no category at all would lift the limit.
func (c *staffLimitCommand) categories(p *profile.Profile) ([]string, error) {
	all := c.Category
	for _, id := range c.Department {
		department, ok := p.Department(id)
		if !ok {
			return nil, usagef("the profile has no department %q", id)
		}
		if len(department.Categories) == 0 {
			return nil, usagef("the department %q takes no categories in particular: name them with --category", id)
		}
		all = append(all, department.Categories...)
	}
	return all, nil
}

// staffFault says what is wrong with an account in words for the terminal.
func staffFault(err error) error {
	var problems heed.Problems
	if !errors.As(err, &problems) {
		var one *heed.Problem
		if !errors.As(err, &one) {
			return fmt.Errorf("adding the account: %w", err)
		}
		problems = heed.Problems{one}
	}
	var faults []string
	for _, p := range problems {
		fault := p.Field + ": " + p.Code
		if len(p.Args) > 0 {
			fault += fmt.Sprintf(" %v", p.Args)
		}
		faults = append(faults, fault)
	}
	return usagef("the account can't be made so: %s", strings.Join(faults, "; "))
}

// roleNames lists the roles for the help.
func roleNames() string {
	names := make([]string, len(heed.Roles))
	for i, role := range heed.Roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}
