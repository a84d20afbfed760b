// Package train makes the model that screening ships with, from the texts written for it. The same texts and lists make the
// same bytes on every machine; docs/screening.md has the command.
//
// It imports screening and its sub-packages only, and sees no report of any line.
package train
