// Package auth is staff accounts: who is at the desk, how they prove it, and what they may do.
//
// It keeps accounts, passphrases, one-time enrolment links, sessions and bearer tokens, and answers with Allow whether a
// staff member may do an act. Every act on an account leaves its audit leaf in the transaction of the act.
//
// It may import heed, audit and seal. It must never see a Report, an Identity or a Receipt: permissions are decided on who acts
// and on a Resource of ids, never on content.
package auth
