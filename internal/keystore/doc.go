// Package keystore keeps the secrets that must be able to be destroyed: the line's long-lived keys and each day's, apart
// from the store and the blobs, and outside every backup.
//
// Keys lie in a directory, or in a PostgreSQL database of their own. It may import the root package, seal and a driver. It must never see a report, an identity or a receipt, and it never puts a
// value into an error.
package keystore
