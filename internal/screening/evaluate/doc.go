// Package evaluate measures the screening against labelled reports and against labelled details, and prints the tables of
// docs/screening.md. It imports the screening only as the line does, through its answers, and is used by tests and by
// the report command; no serving process imports it.
package evaluate
