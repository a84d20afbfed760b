package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCommand prints which heed this is.
type versionCommand struct{}

// Help is shown by --help below the flags.
func (c *versionCommand) Help() string {
	return `The version, the Go release and the platform stand on one line.

Example:
  heed version`
}

// Run prints the version, the Go release and the platform on one line.
func (c *versionCommand) Run(s *surroundings) error {
	_, err := fmt.Fprintf(s.Stdout, "heed %s %s %s/%s\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// buildVersion is the linked version or, for a binary built without it, what the module system recorded.
func buildVersion() string {
	if version != "development" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}
