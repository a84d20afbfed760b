package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
)

// tokenCommand keeps the bearer tokens of the staff API.
type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a bearer token of the staff API and print it."`
	List   tokenListCommand   `cmd:"" help:"List an account's tokens and sessions."`
	End    tokenEndCommand    `cmd:"" help:"End one of them."`
}

// tokenCreateCommand makes a token.
type tokenCreateCommand struct {
	lineFlags
	Staff   string `help:"Name of the account that the token acts as." required:"" placeholder:"NAME"`
	Expires string `help:"How long it works, 366d at most." default:"90d" placeholder:"DURATION"`
}

// Help is shown by --help below the flags.
func (c *tokenCreateCommand) Help() string {
	return `The token is shown once. Whatever is done with it is done by the account, also where two different people are needed.

Examples:
  heed token create --staff amira > token.txt
  heed token create --staff amira --expires 8h`
}

// Run makes the token and prints it alone on a line.
func (c *tokenCreateCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	life, err := profile.ParseDuration(c.Expires)
	if err != nil || life <= 0 {
		return usagef("--expires %q is no duration such as 8h, 30d or 1y", c.Expires)
	}
	return onAccount(ctx, s, log, c.lineFlags, c.Staff, func(l *line, account *heed.Staff) error {
		token, err := l.auth.CreateToken(ctx, nil, account.ID, life)
		switch {
		case errors.Is(err, heed.ErrInvalid):
			return usagef("--expires: a token works for 366d at most")
		case errors.Is(err, heed.ErrNotFound):
			return fmt.Errorf("the account of %s is closed", account.Name)
		case err != nil:
			return fmt.Errorf("making a token: %w", err)
		}
		_, err = fmt.Fprintln(s.Stdout, token)
		return err
	})
}

// tokenListCommand lists what is open to an account.
type tokenListCommand struct {
	lineFlags
	Staff string `help:"Name of the account." required:"" placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *tokenListCommand) Help() string {
	return `One token or session a line: its handle, what it is, since when and until when. The handle opens nothing; heed token end takes it.

Example:
  heed token list --staff amira`
}

// Run prints them, the newest of each kind first.
func (c *tokenListCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return onAccount(ctx, s, log, c.lineFlags, c.Staff, func(l *line, account *heed.Staff) error {
		open, err := l.auth.OpenedByOperator(ctx, account)
		if err != nil {
			return err
		}
		out := &printer{w: s.Stdout}
		for _, o := range open {
			until := "for ever" // from before tokens ended
			if !o.EndsAt.IsZero() {
				until = o.EndsAt.UTC().Format(time.RFC3339)
			}
			out.printf("%s  %-7s  %s  %s\n", o.Handle, o.Kind, o.CreatedAt.UTC().Format(time.RFC3339), until)
		}
		return out.err
	})
}

// tokenEndCommand ends a token or a session.
type tokenEndCommand struct {
	lineFlags
	Staff  string `help:"Name of the account." required:"" placeholder:"NAME"`
	Handle string `arg:"" help:"As heed token list prints it." placeholder:"HANDLE"`
}

// Help is shown by --help below the flags.
func (c *tokenEndCommand) Help() string {
	return `It stops working at once.

Example:
  heed token end --staff amira 3f6c0d1b2a4e5f60718293a4b5c6d7e8`
}

// Run ends it.
func (c *tokenEndCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	return onAccount(ctx, s, log, c.lineFlags, c.Staff, func(l *line, account *heed.Staff) error {
		err := l.auth.EndByOperator(ctx, account, c.Handle)
		if errors.Is(err, heed.ErrNotFound) {
			return fmt.Errorf("%s has nothing open with the handle %q", account.Name, c.Handle)
		}
		return err
	})
}
