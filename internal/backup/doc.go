// Package backup copies a line into two archives while it serves, and makes a line of them again.
//
// The one holds the data: every row and sealed file that belongs to a backup, but nothing that opens them. The other holds the
// reports' wrapped keys, the Receipts and the line's long-lived keys; it is kept for seven days, so that what was erased leaves
// the backups too. Neither holds an Identity, a day's key or a file key that a day's key opens. Both are age files for the
// offline recovery key and the line's own content key, signed by the audit key; docs/crypto.md gives the form.
//
// The package also keeps the journal of erasures beside the keys, from which a restore learns what was erased after the
// backup. It may import the foundations and never sees a report's text: what it copies stays sealed.
package backup
