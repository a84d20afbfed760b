// Package sandbox runs a program of somebody else's on a stranger's file, in a room that holds the program, its libraries and nothing
// else: no network, no other file, no other process, nothing to write to but its own answer, and bounds on what it takes. docs/adr/0020
// says why it is bubblewrap.
//
// It imports nothing of Heed's, and never sees a key.
package sandbox
