// Package referral hands a Report to a Department: it makes the sealed, signed package, gives it to the Department's
// liaisons, and takes their answer back to the reporter.
//
// It may import the root, seal, audit, blob, profile, auth and review. It must never see an Identity: what a package
// holds is what the reporter told the line, and nothing of who they are.
package referral
