// Package engine asks a language model on the operator's own network for a summary or a translation of one report. It is
// an aid to reading and decides nothing: no other package takes its answers for anything but text to show, marked as
// machine-made. Without a profile's engine it is never reached.
//
// A report's words leave the program here and nowhere else, so the address must be the operator's own: every connection
// is checked when it is made, whatever a name resolves to, and only loopback, private and link-local addresses are
// spoken to (RFC 1918, RFC 4193, RFC 3927, RFC 4291 §2.5.6), beyond loopback by TLS alone.
package engine
