package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"
)

// commands is the whole command line; each command's fields are its flags and its Run does the work.
type commands struct {
	Config    string     `help:"YAML file of settings, one 'flag: value' a line." placeholder:"FILE"`
	LogLevel  slog.Level `help:"How much to say on standard error: debug, info, warn or error." default:"info" placeholder:"LEVEL"`
	LogFormat string     `help:"text, json, or auto: text on a terminal, JSON elsewhere." enum:"auto,text,json" default:"auto" placeholder:"FORMAT"`

	Serve     serveCommand     `cmd:"" help:"Run a line: portal, desk, background work and, where asked to, calls."`
	Staff     staffCommand     `cmd:"" help:"Make accounts of the desk."`
	Custodian custodianCommand `cmd:"" help:"Say who can open Identities, and open them on a machine apart."`
	Token     tokenCommand     `cmd:"" help:"Make bearer tokens of the staff API."`
	Screen    screenCommand    `cmd:"" help:"Screen reports from standard input, offline."`
	Screening screeningCommand `cmd:"" help:"Say what a line sets aside, and why."`
	Train     trainCommand     `cmd:"" help:"Make the model that screening ships with, or a line's own."`
	Hash      hashCommand      `cmd:"" help:"Print the lines by which a list knows files."`
	Import    importCommand    `cmd:"" help:"Take in reports from elsewhere."`
	Erase     eraseCommand     `cmd:"" help:"Destroy the identities that are due."`
	Audit     auditCommand     `cmd:"" help:"Verify, export and prove the audit."`
	Backup    backupCommand    `cmd:"" help:"Copy a line into two archives while it runs."`
	Restore   restoreCommand   `cmd:"" help:"Make a line of a backup."`
	Doctor    doctorCommand    `cmd:"" help:"Tell what a line lacks."`
	Bench     benchCommand     `cmd:"" help:"Measure a running line."`

	Operations operationsCommand `cmd:"" help:"Prepare a line that runs in parts; print its policies."`

	Version versionCommand `cmd:"" help:"Print which heed this is."`
}

const description = `Heed runs a public reporting line: people report by web or telephone in their own language, reports are screened at once, decided by ` +
	`people within hours and handed sealed to who can act; the reporter's identity destroys itself within seven days.

Every flag can also be given as an environment variable (--log-level as HEED_LOG_LEVEL) or in a file of settings. Exit codes: 0 done, ` +
	`1 failed, 2 wrong usage or settings, 3 done but part of the input was refused.`

// run parses the command line and runs the command that it names. It answers the exit code; all that it has to say went
// to s.Stdout (results) and s.Stderr (the rest). It ends early, in order, when ctx does.
func run(ctx context.Context, s *surroundings) int {
	err := runCommand(ctx, s)
	if err != nil {
		fmt.Fprintf(s.Stderr, "heed: %v\n", err)
	}
	return exitCode(err)
}

func runCommand(ctx context.Context, s *surroundings) error {
	resolver, err := loadSettings(s.Args, s.Environ)
	if err != nil {
		return err
	}
	var cli commands
	helped := false
	parser, err := kong.New(&cli,
		kong.Name("heed"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(s.Stdout, s.Stderr), kong.Resolvers(resolver),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110, NoExpandSubcommands: true}),
		kong.Exit(func(int) { helped = true }), // --help: the text is out, nothing is left to do
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s),
		kong.ValueFormatter(withDefault),
		kong.Vars{"public": defaultPublic, "desk": defaultDesk, "ports": defaultPorts, "drain": callPatience.String(), "roles": roleNames()},
	)
	if err != nil {
		return fmt.Errorf("building the command line: %w", err)
	}
	command, err := parser.Parse(s.Args)
	if helped {
		return nil
	}
	if err != nil {
		return &usageError{fmt.Errorf("%w\nTry: %s --help", err, meant(err))}
	}
	return command.Run(newLogger(s.Stderr, cli.LogLevel, cli.LogFormat))
}

// withDefault tells what a flag is where it isn't given: in the place where kong would have it, ours say what belongs there.
func withDefault(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.Default == "" || strings.Contains(help, "default") {
		return help
	}
	return strings.TrimSuffix(help, ".") + " (default " + v.Default + ")."
}

// meant is the command that a wrong command line named, as far as it was understood.
func meant(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return wrong.Context.Selected().FullPath()
	}
	return "heed"
}

// printer writes lines of results and keeps the first failure (a closed pipe, a full disk), so that a command says it once.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
