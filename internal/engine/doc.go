// Package engine asks a language model on the operator's own network for a summary or a translation of one report, and
// another machine there to write down what is said in a recording. They are an aid to reading and decide nothing: their
// answers are text to show, marked as machine-made, and a transcript is screened like a reporter's text, to order the
// queue. Without a profile's engines they are never reached.
//
// A report's words, and a recording with a masked voice, leave the program here and nowhere else, so the address must be the operator's own: every connection
// is checked when it is made, whatever a name resolves to, and only loopback, private and link-local addresses are
// spoken to (RFC 1918, RFC 4193, RFC 3927, RFC 4291 §2.5.6), beyond loopback by TLS alone.
package engine
