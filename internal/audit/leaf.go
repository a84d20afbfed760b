// Package audit makes the leaves of the audit, one per act, written in the act's own transaction; the Merkle tree that they are
// hung into; the Checkpoints of its head; proofs, and the verifier of it all. docs/audit.md gives every form byte by byte, so
// that a witness can check without this code.
//
// A leaf holds codes, ids and hashes. A text that a person gave (a reason, a purpose) never stands in one: it is sealed
// beside it as a note and goes with the report. This package may import the root alone and must never see a key, a
// report's content or an identity: who signs and who checks a signature is passed in.
package audit

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// Acts, as they stand in AuditLeaf.Act. The desk's locale files translate them as "act.<name>".
const (
	ReportReceived  = "report.received"
	ReportScreened  = "report.screened"
	ReportRead      = "report.read"
	ReportSearched  = "report.searched"
	ReportClaimed   = "report.claimed"
	ReportReleased  = "report.released"
	ReportUnfolded  = "report.unfolded" // its lead waits no longer, so it waits by itself
	ReportAsked     = "report.asked"
	ReportAnswered  = "report.answered"
	ReportDisposed  = "report.disposed"
	ReportApproved  = "report.approved"
	ReportDeclined  = "report.declined"
	ReportUndone    = "report.undone"
	ReportLinked    = "report.linked"
	ReportUnlinked  = "report.unlinked"
	ReportUrgency   = "report.urgency"
	ReportCategory  = "report.category"
	ReportReopened  = "report.reopened"
	ReportWithdrawn = "report.withdrawn"
	ReportErased    = "report.erased"
	ReportEscalated = "report.escalated"
	ReportConcluded = "report.concluded"
	ReportReview    = "report.review"       // referred, and the span of its content is over
	FileOpened      = "file.opened"         // of an earlier version, which had a file downloaded as it was sent
	CopyOpened      = "copy.opened"         // {"attachment"}
	FileCopied      = "file.copied"         // {"attachment","code"?,"sha256"?,"dropped"?}: a safe copy was made, or can't be
	FileKnown       = "file.known"          // {"attachment","withheld"?}: it is on one of the operator's lists of known files
	FileMarked      = "file.marked"         // {"attachment","version","marks"}: how much of a file isn't handed on was said, 0 of it: nothing
	FileRedacted    = "file.redacted"       // {"attachment","version","sha256"?,"code"?}: the copy without that was made, or can't be
	FileSeen        = "file.seen"           // {"attachment","seen"}: a file was found in so many others
	FileTranscribed = "file.transcribed"    // {"attachment","model"?,"sha256"?,"code"?}: the line's engine wrote down what is said in a copy, or can't
	EngineAsked     = "engine.asked"        // a report's text went to the line's engine
	LabelsRead      = "labels.read"         // the machine read reports that people had decided about, to learn from them
	ThresholdSet    = "screening.threshold" // what is set aside changed

	// ReportQuarantined {"attachment"}: the report waits in quarantine, for no copy can be made of that file.
	ReportQuarantined = "report.quarantined"

	ModelOffered       = "model.offered"         // a line's own model was trained
	ModelReplayed      = "model.replayed"        // and what came lately screened by it once more, to compare
	ModelProposed      = "model.proposed"        // somebody stands for it
	ModelAdopted       = "model.adopted"         // a second person does too: the line screens by it
	ModelDeclined      = "model.declined"        // or says no
	ModelRollBackAsked = "model.roll-back-asked" // somebody wants to return to what the line had before
	ModelRolledBack    = "model.rolled-back"     // the line returned to what it had before
	ModelDropped       = "model.dropped"         // reports that it learned from were erased too long ago
	ModelReplaced      = "model.replaced"        // what it held was destroyed, for another one

	ClockDoubted  = "clock.doubted"  // the host's clock jumped
	ClockAsked    = "clock.asked"    // somebody asked to believe it again
	ClockBelieved = "clock.believed" // a second person did too: its time is the line's from here on

	LineBackedUp      = "line.backed-up"      // a copy of everything left the line
	LineRestored      = "line.restored"       // and came back
	IdentityTakenBack = "identity.taken-back" // by the reporter
	DisclosureHanded  = "disclosure.handed"   // a Department's package has the file as it was sent
	DisclosureLapsed  = "disclosure.lapsed"   // it ended by itself, or with its Identity

	ReferralPrepared   = "referral.prepared"
	ReferralDownloaded = "referral.downloaded"
	ReferralAccepted   = "referral.accepted"
	ReferralReturned   = "referral.returned"
	ReferralOutcome    = "referral.outcome"
	ReferralCancelled  = "referral.cancelled" // no package could be made
)

// DisclosureDetails are the details of every act on a Disclosure.
type DisclosureDetails struct {
	Disclosure heed.ID               `json:"disclosure"`
	Reason     heed.DisclosureReason `json:"reason"`
	Apart      bool                  `json:"apart,omitempty"` // opened on a machine apart
	File       heed.ID               `json:"file,omitempty"`  // of which the original is asked for; "": who the reporter is
	// Department is for whose package that file is released.
	Department string `json:"department,omitempty"`
}

// Leaf makes the leaf of one act. actor is a staff id, "" for the machine or the reporter; details is a struct of codes,
// ids and hashes, which encodes to the same JSON every time.
func Leaf(act string, actor, report heed.ID, at time.Time, details any) (*heed.AuditLeaf, error) {
	b, err := json.Marshal(details)
	if err != nil {
		return nil, fmt.Errorf("encode the leaf of %s: %w", act, err)
	}
	return &heed.AuditLeaf{At: at, Actor: actor, Act: act, Report: report, Details: b}, nil
}

// Bind puts a note beside a leaf: sealed, with a salt of its own, and the leaf's commitment to the text.
func Bind(l *heed.AuditLeaf, text string, sealed []byte) {
	salt := make([]byte, SaltSize)
	rand.Read(salt) // never fails: it ends the program instead
	l.Note, l.Salt, l.Commitment = sealed, salt, commit(salt, text)
}

// Bound checks that a note's text is the one to which its leaf is bound: notes of one report can't be exchanged for each other.
// Leaves from before there were commitments hold, in their details, the SHA-256 of a salt of 16 bytes and the text.
//
// ErrInvalid: the leaf is bound to another text, or to none.
func Bound(l *heed.AuditLeaf, text []byte) error {
	if len(l.Commitment) > 0 {
		if want, err := Commit(l.Salt, string(text)); err != nil || !bytes.Equal(want, l.Commitment) {
			return fmt.Errorf("note of another leaf than %s: %w", l.Act, heed.ErrInvalid)
		}
		return nil
	}
	var before struct {
		Commitment string `json:"commitment"`
	}
	if err := json.Unmarshal(l.Details, &before); err != nil {
		return fmt.Errorf("details of a leaf of %s: %w", l.Act, heed.ErrInvalid)
	}
	sum := sha256.Sum256(append(bytes.Clone(l.Salt), text...))
	if before.Commitment != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("note of another leaf than %s: %w", l.Act, heed.ErrInvalid)
	}
	return nil
}
