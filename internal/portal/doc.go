// Package portal is the public face of a line: the pages on which people report and see what became of it, and the
// public API.
//
// It may import intake, flood, profile, seal and web; it must never import desk, a store or identity. It holds no private key:
// what it can open are the drafts that it sealed itself for the way from one page to the next, and, while a request
// lasts, the mailbox whose Receipt the request brings. Nothing that a reporter writes stays here after the answer: not in
// memory, not in a log, not in an address, not in a cookie.
package portal
