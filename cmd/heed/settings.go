package main

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// settings answers for the flags that the command line leaves open: from the environment (HEED_DATA for --data), then
// from the file of settings (the key "data"). It is a kong.Resolver.
type settings struct {
	values map[string]any // by the flag's name
	file   string         // "" where there is none
	inFile []string       // keys that the file holds
}

// loadSettings reads the file of settings, if one is named by --config or HEED_CONFIG, and lays the environment over it.
//
// It returns a usageError where the file can't be read or is no flat YAML mapping.
func loadSettings(args, environ []string) (*settings, error) {
	s := &settings{values: map[string]any{}}
	s.file = configFile(args, environ)
	if s.file != "" {
		text, err := os.ReadFile(s.file)
		if err != nil {
			return nil, usagef("reading the settings: %w", err)
		}
		var entries map[string]any
		if err := yaml.Unmarshal(text, &entries); err != nil {
			return nil, usagef("settings %s:\n%s", s.file, strings.TrimPrefix(err.Error(), "yaml: "))
		}
		for key, value := range entries {
			switch value.(type) {
			case map[string]any, []any:
				return nil, usagef("settings %s: %q must be a single value", s.file, key)
			}
			s.inFile = append(s.inFile, key)
			s.values[key] = value
		}
		sort.Strings(s.inFile)
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if name, ours := strings.CutPrefix(name, "HEED_"); ours {
			s.values[strings.ReplaceAll(strings.ToLower(name), "_", "-")] = value
		}
	}
	return s, nil
}

// configFile finds --config before the command line is parsed, since what it names takes part in the parsing.
func configFile(args, environ []string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if value, found := strings.CutPrefix(arg, "--config="); found {
			return value
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	for _, entry := range environ {
		if value, found := strings.CutPrefix(entry, "HEED_CONFIG="); found {
			return value
		}
	}
	return ""
}

// Validate refuses a key in the file that is no flag of any command: a misspelt setting must not pass for a set one.
func (s *settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			known[flag.Name] = true
		}
		return next(nil)
	})
	if err != nil {
		return fmt.Errorf("listing the flags: %w", err)
	}
	for _, key := range s.inFile {
		if !known[key] {
			return usagef("settings %s: no flag is called %q", s.file, key)
		}
	}
	return nil
}

// Resolve gives the flag's value, or nil where neither the environment nor the file has one.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, set := s.values[flag.Name]
	if flag.Name == "help" || !set {
		return nil, nil
	}
	return fmt.Sprint(value), nil
}

// usageError is a fault in how the program was called; it ends it with exitUsage.
type usageError struct{ err error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

// exitError ends the program with a code of its own. Its text is for the person at the terminal.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }

func (e *exitError) Unwrap() error { return e.err }

// exitCode is what the shell gets for err.
func exitCode(err error) int {
	var usage *usageError
	var parse *kong.ParseError
	var exit *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &usage), errors.As(err, &parse):
		return exitUsage
	default:
		return exitFailed
	}
}
