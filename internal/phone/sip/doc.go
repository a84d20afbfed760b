// Package sip answers telephone calls, and makes them by one trunk: SIP (RFC 3261) over UDP, TCP and TLS, and RTP (RFC 3550) in the laws of
// G.711, in clear or by SRTP with keys in the offer (RFC 4568). What it hands on of a call is a sound.Leg and nothing else; it knows nothing of
// reports.
//
// It may import sound and the domain, emiago/sipgo's messages and transactions, icholy/digest, and pion's sdp, rtp, rtcp and srtp. Messages go
// only to where a request came from, and to the trunk that the operator names: no name that a stranger writes is looked up and no address is
// called, and whom a call of ours is for is the trunk's to find.
//
// Who calls, and who is called, stays in memory until the call ends. No number, header or address is logged, and the libraries' own logs are off,
// since they print whole messages.
package sip
