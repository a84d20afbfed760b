package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/heed-line/heed"
)

// tokenCommand keeps the bearer tokens of the staff API.
type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a bearer token of the staff API and print it."`
}

// tokenCreateCommand makes a token.
type tokenCreateCommand struct {
	lineFlags
	Staff string `help:"Name of the account that the token acts as." required:"" placeholder:"NAME"`
}

// Help is shown by --help below the flags.
func (c *tokenCreateCommand) Help() string {
	return `The token is shown once. Whatever is done with it is done by the account, also where two different people are needed.

Example:
  heed token create --staff amira > token.txt`
}

// Run makes the token and prints it alone on a line.
func (c *tokenCreateCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	line, err := openLine(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	token, err := line.auth.CreateTokenNamed(ctx, c.Staff)
	if errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("nobody is called %q", c.Staff)
	}
	if err != nil {
		return fmt.Errorf("making a token: %w", err)
	}
	_, err = fmt.Fprintln(s.Stdout, token)
	return err
}
