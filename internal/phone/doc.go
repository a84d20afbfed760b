// Package phone is what a caller goes through: a greeting, a choice of language, a report by voice, its Receipt, and what became of
// a report whose Receipt they have. It is plain, blocking code on a sound.Leg, one goroutine a call, and counts time in the
// frames of the call.
//
// It may import intake, flood, profile, web and the packages below it but keep and sip, which the command brings together with it. It holds
// public keys only, and must never see who calls: a number is known here only where the caller types it.
package phone
