// Package identity seals who reporters are under keys that live six to seven days, and destroys those keys.
//
// A day's identity key has no holder: its private half is wrapped to each Custodian and kept in the keystore alone. Its
// transit key opens the keys of the day's files for the worker and lies in the keystore too. What both seal lies in the
// store and the blobs, and is noise once the keystore's part is destroyed, wherever copies of it are.
//
// A Disclosure is the only way to an Identity: asked by one person, approved by another who opens it with their own key, seen
// once.
//
// The package may import the root package, seal, keystore, audit and auth. screening and referral must never import it, and it
// must never see a report's content or a Receipt.
package identity
