package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// auditCommand is what an overseer's engineer and a witness do with the audit.
type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Hold the audit's leaves against what was signed."`
	Export auditExportCommand `cmd:"" help:"Write leaves and Checkpoints for a witness."`
	Prove  auditProveCommand  `cmd:"" help:"Prove that a leaf is in the signed tree."`
}

// auditVerifyCommand finds the first leaf that isn't as it was signed.
type auditVerifyCommand struct {
	lineFlags
	Witness string `help:"Checkpoints that a witness kept: a file, or a folder of files, each a note or as audit export writes them." type:"path" placeholder:"PATH"`
}

// Help is shown by --help below the flags.
func (c *auditVerifyCommand) Help() string {
	return `Every leaf is read and held against every Checkpoint of the line's, and against a witness's: one that was changed, removed, reordered or added is
named, the first of them, and the exit code is 1. Without a witness's Checkpoints this shows only that the line agrees with itself. It works while the line runs.

Examples:
  heed audit verify
  heed audit verify --data /var/lib/heed --witness /media/witness/checkpoints`
}

// openAudit opens a line that is there, and looks at its tree.
func openAudit(ctx context.Context, s *surroundings, log *slog.Logger, flags lineFlags) (*line, *audit.Stored, error) {
	l, err := openThere(ctx, s, log, flags)
	if err != nil {
		return nil, nil, err
	}
	stored, err := audit.OpenStored(ctx, l.store, l.id, l.ring.Audit.Verifier())
	if err != nil {
		l.close()
		return nil, nil, err
	}
	return l, stored, nil
}

// Run verifies and says what it found.
func (c *auditVerifyCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	l, stored, err := openAudit(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer l.close()
	var kept []audit.Checkpoint
	if c.Witness != "" {
		if kept, err = readWitness(c.Witness, l.id, l.ring.Audit.Verifier()); err != nil {
			return err
		}
	}
	bar := newCount(s.Stderr, "leaves", int64(stored.Head.Frontier.Size()))
	stored.Progress = func(done uint64) { bar.reach(int64(done)) }
	verdict, err := stored.Verify(ctx, l.id, kept)
	bar.done()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Stdout, "%d leaves as they were signed\n%d of them under the last of %d checkpoints, and %d of a witness's\n",
		verdict.Leaves, lastSize(stored.Checkpoints), len(stored.Checkpoints), len(kept))
	return err
}

func lastSize(all []audit.Checkpoint) uint64 {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Size
}

// readWitness reads the Checkpoints in a file, or in the files of a folder; each must be signed by the line's key.
func readWitness(path, line string, v audit.Verifier) (all []audit.Checkpoint, err error) {
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		notes, err := audit.Notes(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, note := range notes {
			c, err := audit.Open(note, line, v)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			all = append(all, c)
		}
		return nil
	})
	if err != nil {
		return nil, usagef("reading the witness's checkpoints: %w", err)
	}
	if len(all) == 0 {
		return nil, usagef("%s holds no checkpoint", path)
	}
	return all, nil
}

// auditExportCommand writes what an outside witness checks by itself.
type auditExportCommand struct {
	lineFlags
	To          string `arg:"" help:"Folder to write to, which is made; - is standard output." placeholder:"DIR"`
	Since       string `help:"The last Checkpoint that the witness has, in a file: what it covers is left out." type:"existingfile" placeholder:"FILE"`
	Checkpoints bool   `help:"Checkpoints alone, without leaves."`
}

// Help is shown by --help below the flags.
func (c *auditExportCommand) Help() string {
	return `The folder gets the audit key (audit.pem), the last Checkpoint (checkpoint), all of them with the proofs that each goes on from the one before
(checkpoints.jsonl), and the leaves (leaves.jsonl). docs/audit.md tells how to check them with openssl and Python. Leaves name staff and reports by their ids:
give them to whom the overseer trusts with that, and Checkpoints alone to everybody else.

Examples:
  heed audit export /media/witness/2026-11-26
  heed audit export --checkpoints --since last-checkpoint - > new.jsonl`
}

// Run exports.
func (c *auditExportCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	l, stored, err := openAudit(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer l.close()
	since := uint64(0)
	if c.Since != "" {
		text, err := os.ReadFile(c.Since)
		if err != nil {
			return usagef("reading --since: %w", err)
		}
		last, err := audit.Open(text, l.id, l.ring.Audit.Verifier())
		if err != nil {
			return usagef("--since is no checkpoint of this line's: %w", err)
		}
		since = last.Size
	}
	if c.To == "-" {
		return c.write(ctx, stored, since, s.Stdout, s.Stdout)
	}
	return c.fill(ctx, l, stored, since)
}

// write writes leaves and Checkpoints.
func (c *auditExportCommand) write(ctx context.Context, stored *audit.Stored, since uint64, leaves, checkpoints io.Writer) error {
	if !c.Checkpoints {
		if err := stored.ExportLeaves(ctx, leaves, since); err != nil {
			return err
		}
	}
	return stored.ExportCheckpoints(ctx, checkpoints, since)
}

// fill writes a folder.
func (c *auditExportCommand) fill(ctx context.Context, l *line, stored *audit.Stored, since uint64) (err error) {
	if err := os.MkdirAll(c.To, 0o700); err != nil {
		return usagef("making the folder: %w", err)
	}
	create := func(name string) (*os.File, error) {
		return os.OpenFile(filepath.Join(c.To, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never over an older export
	}
	whole := map[string][]byte{"audit.pem": l.ring.Audit.Verifier().PEM()}
	if n := len(stored.Notes); n > 0 {
		whole["checkpoint"] = stored.Notes[n-1]
	}
	for name, text := range whole {
		file, err := create(name)
		if err != nil {
			return usagef("exporting: %w", err)
		}
		if _, err := file.Write(text); err != nil {
			return fmt.Errorf("exporting %s: %w", name, errors.Join(err, file.Close()))
		}
		if err := file.Close(); err != nil {
			return fmt.Errorf("exporting %s: %w", name, err)
		}
	}
	checkpoints, err := create("checkpoints.jsonl")
	if err != nil {
		return usagef("exporting: %w", err)
	}
	defer func() { err = errors.Join(err, checkpoints.Close()) }()
	var leaves *os.File
	if !c.Checkpoints {
		if leaves, err = create("leaves.jsonl"); err != nil {
			return usagef("exporting: %w", err)
		}
		defer func() { err = errors.Join(err, leaves.Close()) }()
	}
	return c.write(ctx, stored, since, leaves, checkpoints)
}

// auditProveCommand proves one leaf.
type auditProveCommand struct {
	lineFlags
	Number uint64 `arg:"" help:"The leaf's number in the tree, from 1."`
}

// Help is shown by --help below the flags.
func (c *auditProveCommand) Help() string {
	return `Prints as JSON the leaf, the last Checkpoint and the hashes that lead from the one to the other (RFC 6962, 2.1.1).

Example:
  heed audit prove 1024`
}

// Run prints the proof.
func (c *auditProveCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	l, stored, err := openAudit(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer l.close()
	proof, err := stored.Prove(ctx, c.Number)
	if errors.Is(err, heed.ErrInvalid) {
		return usagef("no checkpoint covers a leaf %d yet", c.Number)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(s.Stdout).Encode(proof)
}
