package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
)

// custodianCommand is about those who alone can open an Identity.
type custodianCommand struct {
	List    custodianListCommand    `cmd:"" help:"List the Custodians and who waits to be one."`
	Approve custodianApproveCommand `cmd:"" help:"Approve somebody as a Custodian, by another one."`
	Remove  custodianRemoveCommand  `cmd:"" help:"Take a Custodian out, with the agreement of another one."`
	Replace custodianReplaceCommand `cmd:"" help:"Make somebody the only Custodian, where all were lost."`
	Key     custodianKeyCommand     `cmd:"" help:"Make a Custodian's key on a machine apart. Needs no line and no network."`
	Open    custodianOpenCommand    `cmd:"" help:"Open a request on the machine apart, and make its answer. Needs no line and no network."`
}

// custodianListCommand lists the circle.
type custodianListCommand struct{ lineFlags }

// Help is shown by --help below the flags.
func (c *custodianListCommand) Help() string {
	return `One account a line: name, state (approved, waits, invited; closed where the account is), who approved it, and the name of its key: compare that
with what the person reads from their own screen. On standard error: the era, which grows with every removal.

Example:
  heed custodian list`
}

// Run prints the circle.
func (c *custodianListCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	line, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	circle, err := line.identity.Circle(ctx)
	if err != nil {
		return err
	}
	names, err := line.auth.Names(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for _, m := range circle.Members {
		state, by, key := string(m.State), "-", m.Key
		if m.Account.Disabled {
			state += ",closed"
		}
		if m.How != nil && m.How.By != "" {
			by = names[m.How.By]
		}
		if key == "" {
			key = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.Account.Name, state, by, key)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Stderr, "era %d\n", circle.Era)
	return err
}

// byCustodian are the flags of an act for which a Custodian's passphrase is needed.
type byCustodian struct {
	By             string `help:"The Custodian who agrees." required:"" placeholder:"NAME"`
	PassphraseFile string `help:"File whose first line is that Custodian's passphrase." required:"" type:"path" placeholder:"FILE"`
}

// act does something to the account of that name in the name of the Custodian.
func (b *byCustodian) act(ctx context.Context, s *surroundings, log *slog.Logger, flags lineFlags, name string,
	do func(custody *identity.Custody, by, account *heed.Staff, passphrase string) error) error {
	return onAccount(ctx, s, log, flags, name, func(l *line, account *heed.Staff) error {
		by, err := l.auth.Named(ctx, b.By)
		if errors.Is(err, heed.ErrNotFound) {
			return usagef("nobody is called %q", b.By)
		}
		if err != nil {
			return err
		}
		passphrase, err := readSecretFile(b.PassphraseFile)
		if err != nil {
			return err
		}
		words, err := l.english(s.Now())
		if err != nil {
			return err
		}
		custody := identity.NewCustody(identity.CustodyConfig{Identity: l.identity, Reports: l.newReview(nil, nil), Keys: l.auth, Allow: auth.Allow})
		return custodianFault(do(custody, by, account, passphrase), b.By, account.Name, words.Problem)
	})
}

// custodianFault says in words for the terminal what kept an act on the circle; of a problem that has none of its own, as the desk
// does.
func custodianFault(err error, by, name string, said func(*heed.Problem) string) error {
	var problem *heed.Problem
	switch {
	case errors.As(err, &problem):
		words := map[string]string{
			"passphrase-wrong": "the passphrase isn't " + by + "'s", "custodian-key-changed": "the key of " + name + " is another one: compare it again (heed custodian list)",
			"custodian-last": name + " is the last custodian: heed custodian replace", "custodian-key-elsewhere": "the key of " + by + " isn't kept here",
		}[problem.Code]
		if words == "" {
			words = said(problem)
		}
		return usagef("%s [%s]", words, problem.Code)
	case errors.Is(err, heed.ErrForbidden):
		return usagef("%s may not do that to %s: it takes another, approved custodian", by, name)
	case errors.Is(err, heed.ErrConflict):
		return usagef("%s isn't in that state any more (heed custodian list)", name)
	}
	return err
}

// custodianApproveCommand approves a newcomer.
type custodianApproveCommand struct {
	lineFlags
	byCustodian
	Name string `arg:"" help:"Name of the account that waits." placeholder:"NAME"`
	Key  string `help:"The key's name, as the person reads it from their own screen or it stands in heed custodian list." required:"" placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *custodianApproveCommand) Help() string {
	return `From then on the newcomer opens the identities of the days that live and of those to come. Ask the person for the name of their key, in person or by telephone:
whoever can write to the database could have put another key in its place.

Example:
  heed custodian approve eve --by dana --passphrase-file dana.txt --key "91f0 c2a4 77b1 03de 5510 9c2e a1b0 44f7"`
}

// Run approves.
func (c *custodianApproveCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return c.act(ctx, s, log, c.lineFlags, c.Name, func(custody *identity.Custody, by, account *heed.Staff, passphrase string) error {
		return custody.ApproveCustodian(ctx, by, account.ID, c.Key, passphrase)
	})
}

// custodianRemoveCommand takes a Custodian out.
type custodianRemoveCommand struct {
	lineFlags
	byCustodian
	Name string `arg:"" help:"Name of the Custodian who is to go." placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *custodianRemoveCommand) Help() string {
	return `The account loses the custodian's role, its key and what it approved and nobody has seen yet; an account that was nothing else is closed. Today's and the coming
days' keys are made anew for the others. In a hurry close the account first (heed staff disable).

Example:
  heed custodian remove bo --by dana --passphrase-file dana.txt`
}

// Run removes.
func (c *custodianRemoveCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return c.act(ctx, s, log, c.lineFlags, c.Name, func(custody *identity.Custody, by, account *heed.Staff, passphrase string) error {
		return custody.RemoveByOperator(ctx, by, account.ID, passphrase)
	})
}

// replaceConfirmation is what the operator types to say that they know what a replacement costs.
const replaceConfirmation = "every custodian is lost"

// custodianReplaceCommand makes one the only Custodian.
type custodianReplaceCommand struct {
	lineFlags
	Name    string `arg:"" help:"Name of the account, with the custodian's role and a key." placeholder:"NAME"`
	Confirm string `help:"The words that the command asks for where they are missing." placeholder:"WORDS"`
}

// Help is shown by --help below the flags.
func (c *custodianReplaceCommand) Help() string {
	return `For the operator, where no Custodian has their passphrase any more, and for a line of before approvals that doesn't say who its one is. Every approval of before
ends; leads, admins, overseers and the former Custodians are told, and it stands in the audit. Identities of living days that the account can't open are lost to
everybody, and are destroyed in time.

Examples:
  heed staff add eve --role custodian --passphrase-file eve.txt
  heed custodian replace eve --confirm "every custodian is lost"`
}

// Run replaces.
func (c *custodianReplaceCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	if strings.TrimSpace(c.Confirm) != replaceConfirmation {
		return usagef("what was sealed to the others is lost by it: say --confirm %q", replaceConfirmation)
	}
	return onAccount(ctx, s, log, c.lineFlags, c.Name, func(l *line, account *heed.Staff) error {
		err := l.identity.ReplaceCustodians(ctx, account.ID)
		if errors.Is(err, heed.ErrConflict) {
			return usagef("%s has no custodian's role or no key yet, or is closed (heed staff add NAME --role custodian --passphrase-file FILE)", account.Name)
		}
		return err
	})
}
