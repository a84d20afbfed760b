// Package seal holds every cipher of Heed: nothing else in the project imports a cryptographic primitive to hide or to
// sign a text. docs/crypto.md gives each format byte by byte, with where its test vectors lie.
//
// It may import the root package, the standard library, golang.org/x/crypto, golang.org/x/sys (for memory outside Go's heap),
// golang.org/x/text and filippo.io/age. It must never see a store, a file system, the time of day or a configuration: keys,
// bytes and times are passed in.
//
// Everything that opens answers heed.ErrSealed, and nothing more telling, for whatever it can't open: a wrong key, a
// changed byte, a cut end, a text moved from another place.
package seal
