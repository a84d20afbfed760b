package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/postgres"
)

// operationsCommand helps whoever runs a line.
type operationsCommand struct {
	Grants     grantsCommand     `cmd:"" help:"Print the SQL that gives each part of a split line a PostgreSQL role of its own."`
	Policies   policiesCommand   `cmd:"" help:"Print the policies by which the desk decides who may do what."`
	Scrub      scrubCommand      `cmd:"" help:"Take what was destroyed out of the store's files, however large they are."`
	PortalKeys portalKeysCommand `cmd:"" name:"portal-keys" help:"Write the keystore of a portal that runs by itself, and print the audit key that it pins."`
}

// grantsCommand prints SQL.
type grantsCommand struct {
	Prefix string `help:"What the roles' names begin with: _portal, _phone, _desk and _worker follow." default:"heed" placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *grantsCommand) Help() string {
	return `It is for an administrator of the database, after the line's first start and again after every upgrade. It sets no passwords.

Examples:
  heed operations grants | sudo -u postgres psql -v ON_ERROR_STOP=1 heed`
}

// Run prints.
func (c *grantsCommand) Run(_ context.Context, s *surroundings, _ *slog.Logger) error {
	script, err := postgres.Grants(c.Prefix)
	if errors.Is(err, heed.ErrInvalid) {
		return usagef("--prefix must be lower-case letters, digits and _, a letter first")
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.Stdout, script)
	return err
}

// policiesCommand prints policies.
type policiesCommand struct{}

// Help is shown by --help below the flags.
func (c *policiesCommand) Help() string {
	return `They are written in the Cedar language, each with the sentence that it implements. docs/permissions.md holds every role against every act.

Example:
  heed operations policies | less`
}

// Run prints.
func (c *policiesCommand) Run(_ context.Context, s *surroundings, _ *slog.Logger) error {
	_, err := io.WriteString(s.Stdout, auth.PolicyText())
	return err
}

// scrubCommand rewrites what a running line only vacuums.
type scrubCommand struct{ lineFlags }

// Help is shown by --help below the flags.
func (c *scrubCommand) Help() string {
	return `A running line does this by itself after every erasure, but for tables of a PostgreSQL store above 16 MiB, which nobody could use meanwhile:
heed doctor names them. Run it in a quiet hour, as the role of the worker; some gigabytes take a minute, and who sends a report meanwhile waits.

Example:
  heed operations scrub --data /var/lib/heed --store postgres://heed_worker@db/heed`
}

// Run scrubs.
func (c *scrubCommand) Run(ctx context.Context, _ *surroundings, _ *slog.Logger) error {
	there, err := c.storeExists(ctx)
	if err != nil {
		return fmt.Errorf("looking for the store: %w", err)
	}
	if !there {
		return usagef("there is no line in %s: heed serve makes one", c.lineName())
	}
	store, err := openStore(ctx, c.lineFlags)
	if err != nil {
		return err
	}
	if large, ok := store.(interface{ Rewrite(context.Context) error }); ok {
		err = large.Rewrite(ctx)
	} else if small, ok := store.(scrubber); ok {
		err = small.Scrub(ctx)
	}
	if err != nil {
		err = fmt.Errorf("taking what was destroyed out of the store's files: %w", err)
	}
	return errors.Join(err, store.Close())
}

// portalKeysCommand writes a portal's keystore.
type portalKeysCommand struct {
	lineFlags
	Dir string `arg:"" help:"Folder to write; it is made where it isn't there." type:"path" placeholder:"DIR"`
}

// Help is shown by --help below the flags.
func (c *portalKeysCommand) Help() string {
	return `What it writes: the content key's public half, the line's id and salt, the pepper of Receipts and the key of open forms. None of it opens a stored report or
identity; with a copy of the database the pepper lets Receipts be guessed (docs/crypto.md), so keep the folder closed to others all the same.

Example, on the worker's host:
  heed operations portal-keys --data /var/lib/heed /root/portal
Carry the folder to the portal's host, and give its path there as --keystore and the printed key as --audit-key.`
}

// Run writes the folder and prints the audit key as a line of a file of settings.
func (c *portalKeysCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	line, err := openLine(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	dir, err := keystore.OpenDirectory(c.Dir)
	if err != nil {
		return err
	}
	err = line.ring.ExportPortal(ctx, dir, line.id, line.salt)
	if errors.Is(err, heed.ErrConflict) {
		return usagef("%s is no place for a portal's keys: %w", c.Dir, err)
	}
	if err != nil {
		return err
	}
	log.Info("a portal's keys are written", "folder", c.Dir)
	_, err = fmt.Fprintf(s.Stdout, "audit-key: %s\n", keystore.FormatAuditKey(line.ring.Audit.Verifier()))
	return err
}
