package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// custodianKeyCommand keeps keys that the line never has.
type custodianKeyCommand struct {
	New custodianKeyNewCommand `cmd:"" help:"Make a key: two files, of which only the one with the public half leaves the machine."`
}

// publicSuffix is what the file of a key's public half is called, after the key's.
const publicSuffix = ".pub"

// custodianKeyNewCommand makes a key.
type custodianKeyNewCommand struct {
	Out            string `help:"File of the key; FILE.pub gets the public half." required:"" type:"path" placeholder:"FILE"`
	PassphraseFile string `help:"File whose first line is the passphrase that seals the key; without it, it is asked for." type:"path" placeholder:"FILE"`
}

// Help is shown by --help below the flags.
func (c *custodianKeyNewCommand) Help() string {
	return `The private half is sealed under the passphrase and stays in FILE. Give FILE.pub to whoever makes your account (heed staff add --custodian-key), or paste it
when you enrol at the desk. Keep a copy of FILE in a safe: without it, what is sealed for you alone stays closed.

Example, on a machine that is never on a network:
  heed custodian key new --out /media/safe/ana.key`
}

// Run makes the files, and prints the public half with its fingerprint.
func (c *custodianKeyNewCommand) Run(ctx context.Context, s *surroundings, _ *slog.Logger) error {
	passphrase, err := c.passphrase(ctx, s)
	if err != nil {
		return err
	}
	public, sealed := seal.NewCustodianKey(passphrase)
	half := seal.FormatCustodianPublic(public)
	if err := createFile(c.Out, seal.FormatCustodianKey(public, sealed)); err != nil {
		return err
	}
	if err := createFile(c.Out+publicSuffix, half); err != nil {
		return errors.Join(err, os.Remove(c.Out)) // of no use yet, and in the way of the next try
	}
	_, err = fmt.Fprintf(s.Stdout, "%sfingerprint: %s\n", half, seal.Fingerprint(public))
	return err
}

func (c *custodianKeyNewCommand) passphrase(ctx context.Context, s *surroundings) (string, error) {
	p := newPrompter(s)
	passphrase, err := p.secretFrom(ctx, c.PassphraseFile, "Passphrase for the key: ")
	if err != nil {
		return "", err
	}
	var problem *heed.Problem
	if errors.As(auth.CheckPassphrase("", passphrase), &problem) {
		return "", usagef("the passphrase won't do (%s): take %d characters or more, and none that many people use", problem.Code, auth.MinPassphrase)
	}
	if c.PassphraseFile != "" {
		return passphrase, nil
	}
	again, err := p.secret(ctx, "The same again: ")
	if err == nil && again != passphrase {
		err = usagef("the two passphrases differ")
	}
	return passphrase, err
}

// createFile writes a file that isn't there yet, for its owner alone, and has it on the disk when it returns.
func createFile(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return usagef("%s is there already", path)
	}
	if err != nil {
		return usagef("making a file: %w", err)
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close(), syncFolder(filepath.Dir(path)))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
