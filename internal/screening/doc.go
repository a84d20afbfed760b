// Package screening assesses a report's text: its language, whether a body could act on it, what it is about, how
// pressing it is, whether it is only about who somebody is, the key details in it, and which earlier reports it copies
// or shares a happening with. It proposes and gives its reasons; people decide.
//
// It is pure: text in, assessment out, no network, no disk, no clock. It imports package heed for the shape of its
// answer and its own sub-packages, and must never see identities, keys (a keyed hash is handed in as an interface) or
// anything of a reporter but the text.
package screening
