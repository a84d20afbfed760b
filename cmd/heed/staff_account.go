package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/heed-line/heed"
)

// staffListCommand lists the accounts.
type staffListCommand struct{ lineFlags }

// Help is shown by --help below the flags.
func (c *staffListCommand) Help() string {
	return `One account a line: name, roles, department, state, since when.

Example:
  heed staff list`
}

// Run prints the accounts.
func (c *staffListCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	line, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	var all []*heed.Staff
	err = line.store.View(ctx, func(tx heed.Tx) error {
		all, err = tx.AllStaff(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("listing the accounts: %w", err)
	}
	table := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for _, a := range all {
		roles := make([]string, len(a.Roles))
		for i, role := range a.Roles {
			roles[i] = string(role)
		}
		department := a.Department
		if department == "" {
			department = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", a.Name, strings.Join(roles, ","), department, stateOf(a), a.CreatedAt.UTC().Format(time.DateOnly))
	}
	return table.Flush()
}

func stateOf(a *heed.Staff) string {
	switch {
	case a.Disabled:
		return "closed"
	case a.EnrolledAt.IsZero():
		return "invited"
	}
	return "active"
}

// onAccount opens the line and does something to the account of that name.
func onAccount(ctx context.Context, s *surroundings, log *slog.Logger, flags lineFlags, name string, do func(*line, *heed.Staff) error) error {
	line, err := openThere(ctx, s, log, flags)
	if err != nil {
		return err
	}
	defer line.close()
	account, err := line.auth.Named(ctx, name)
	if errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("nobody is called %q", name)
	}
	if err != nil {
		return err
	}
	return do(line, account)
}

// staffResetCommand gives somebody a new link.
type staffResetCommand struct {
	lineFlags
	Name    string `arg:"" help:"Name of the account." placeholder:"NAME"`
	DeskURL string `help:"Where the desk is reached, for the link; the default is the profile's, or where it last listened." placeholder:"URL"`
}

// Help is shown by --help below the flags.
func (c *staffResetCommand) Help() string {
	return `The link works once, for 24 hours; who uses it chooses new ways to sign in, and the old ones end. Give it to the person themselves. The account's
owner and every admin are told at their next sign-in, and the audit names the operator. At the desk the same takes two people. A custodian loses the custodian's key by it.

Example:
  heed staff reset amira`
}

// Run prints the link.
func (c *staffResetCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return onAccount(ctx, s, log, c.lineFlags, c.Name, func(l *line, account *heed.Staff) error {
		base, err := l.deskURL(ctx, c.DeskURL)
		if err != nil {
			return err
		}
		secret, err := l.auth.ResetNamed(ctx, account.Name)
		if errors.Is(err, heed.ErrConflict) {
			return fmt.Errorf("the account of %s is closed; heed staff enable reopens it", account.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(s.Stdout, enrolmentURL(base, secret))
		return err
	})
}

// staffDisableCommand closes an account.
type staffDisableCommand struct {
	lineFlags
	Name string `arg:"" help:"Name of the account." placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *staffDisableCommand) Help() string {
	return `Its sessions, tokens and links end at once. The account stays, since the audit names it.

Example:
  heed staff disable amira`
}

// Run closes the account.
func (c *staffDisableCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return onAccount(ctx, s, log, c.lineFlags, c.Name, func(l *line, account *heed.Staff) error {
		return l.auth.SetDisabled(ctx, nil, account.ID, true)
	})
}

// staffEnableCommand reopens an account.
type staffEnableCommand struct {
	lineFlags
	Name string `arg:"" help:"Name of the account." placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *staffEnableCommand) Help() string {
	return `Its person signs in as before. What ended when it was closed stays ended.

Example:
  heed staff enable amira`
}

// Run reopens the account.
func (c *staffEnableCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return onAccount(ctx, s, log, c.lineFlags, c.Name, func(l *line, account *heed.Staff) error {
		return l.auth.SetDisabled(ctx, nil, account.ID, false)
	})
}

// staffRolesCommand changes an account's roles.
type staffRolesCommand struct {
	lineFlags
	Name       string   `arg:"" help:"Name of the account." placeholder:"NAME"`
	Role       []string `help:"All roles that it is to have: ${roles}; several with commas." required:"" sep:"," placeholder:"ROLE"`
	Department string   `help:"Id of the department, for a liaison." placeholder:"ID"`
}

// Help is shown by --help below the flags.
func (c *staffRolesCommand) Help() string {
	return `The account's sessions and tokens end, and its owner and the admins are told. The custodian's role is neither given nor taken here.

Example:
  heed staff roles amira --role specialist,lead`
}

// Run changes the roles.
func (c *staffRolesCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return onAccount(ctx, s, log, c.lineFlags, c.Name, func(l *line, account *heed.Staff) error {
		var roles []heed.Role
		for _, role := range c.Role {
			roles = append(roles, heed.Role(strings.TrimSpace(role)))
		}
		if err := l.auth.SetRoles(ctx, nil, account.ID, roles, c.Department); err != nil {
			return staffFault(err)
		}
		return nil
	})
}
