// Package train makes the model that screening ships with, from the texts written for it. The same texts and lists make the
// same bytes on every machine; docs/screening.md has the command.
//
// It also trains a line's own model, from the same texts and what the line's people said about its reports, and compares two models.
//
// It imports screening and its sub-packages only. Of a line's reports it sees texts and labels, in memory; it keeps none, and never sees
// who reported.
package train
