package seal

import (
	"strconv"

	"github.com/heed-line/heed"
)

// Places: every sealed field is bound to where it stands, so that bytes moved elsewhere don't open. These are the only
// names in use; docs/crypto.md lists them.

// ContentPlace is where a report's Content stands, under its data key.
func ContentPlace(line string, report heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "content", Version: 1}
}

// MessagePlace is where one Message's text stands, under the report's mailbox key.
func MessagePlace(line string, report, message heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "message/" + string(message), Version: 1}
}

// UnsentPlace is where stands nothing, under the report's mailbox key: what opens there says that a message which a page carries, and which isn't
// sent, is that report's.
func UnsentPlace(line string, report heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "unsent", Version: 1}
}

// FileNamePlace is where an Attachment's name stands, under the report's mailbox key: a file may come with a later
// message, when the portal holds no data key.
func FileNamePlace(line string, report, attachment heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "file-name/" + string(attachment), Version: 1}
}

// ReasonPlace is where the free text of an act (a Disposition, a Referral's return, an audit note) stands, under the
// report's data key.
func ReasonPlace(line string, report, act heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "reason/" + string(act), Version: 1}
}

// ScreeningPlace is where a report's Screening stands, under its data key.
func ScreeningPlace(line string, report heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "screening", Version: 1}
}

// ReceiptPlace is where the mailbox key stands, under the Receipt's key.
func ReceiptPlace(line string, report heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "mailbox-key", Version: 1}
}

// FilePlace is where a file's frames stand, under a key of their own. A file is sealed before its report exists, so the
// place names none: the file key, which no other file shares, is wrapped to a place that does.
func FilePlace(line string) Binding {
	return Binding{Line: line, Field: "file", Version: 1}
}

// SafeCopyPlace is where the frames of a file's safe copy stand, under a key of their own.
func SafeCopyPlace(line string, report, attachment heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "safe-copy/" + string(attachment), Version: 1}
}

// safeCopyKeyPlace is where that key stands, under the report's data key.
func safeCopyKeyPlace(line string, report, attachment heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "safe-copy-key/" + string(attachment), Version: 1}
}

// CopyDetailsPlace is where stands what is to be known of a file's safe copy, under the report's data key.
func CopyDetailsPlace(line string, report, attachment heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "copy-details/" + string(attachment), Version: 1}
}

// LookPlace is where stands what a file is known again by, under the report's data key.
func LookPlace(line string, report, attachment heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "look/" + string(attachment), Version: 1}
}

// TranscriptPlace is where stands what a machine heard in a file, or read in it, under the report's data key.
func TranscriptPlace(line string, report, attachment heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "transcript/" + string(attachment), Version: 1}
}

// RedactedPlace is where the frames of the redacted copy of a file stand, of the marks of that version, under a key of their own: no earlier copy
// passes for a later one, in which more may be covered.
func RedactedPlace(line string, report, attachment heed.ID, version int64) Binding {
	return Binding{Line: line, Report: string(report), Field: "redacted/" + string(attachment) + "/" + strconv.FormatInt(version, 10), Version: 1}
}

// redactedKeyPlace is where that key stands, under the report's data key.
func redactedKeyPlace(line string, report, attachment heed.ID, version int64) Binding {
	return Binding{Line: line, Report: string(report), Field: "redacted-key/" + string(attachment) + "/" + strconv.FormatInt(version, 10), Version: 1}
}

// RedactedDetailsPlace is where stands what is to be known of that copy, under the report's data key.
func RedactedDetailsPlace(line string, report, attachment heed.ID, version int64) Binding {
	return Binding{Line: line, Report: string(report), Field: "redacted-details/" + string(attachment) + "/" + strconv.FormatInt(version, 10), Version: 1}
}

// RedactionPlace is where stands what of a file isn't handed on, the version of it, under the report's data key.
func RedactionPlace(line string, report, attachment heed.ID, version int64) Binding {
	return Binding{Line: line, Report: string(report), Field: "redaction/" + string(attachment) + "/" + strconv.FormatInt(version, 10), Version: 1}
}

// UploadPiecePlace is where the frames of a file's part stand that begins at byte start, under the upload's key, until a
// report takes the file: no part passes for another, nor for the file.
func UploadPiecePlace(line, upload string, start int64) Binding {
	return Binding{Line: line, Field: "upload-piece/" + upload + "/" + strconv.FormatInt(start, 10), Version: 1}
}

// ModelPlace is where the file of a line's own model stands, under the model's key.
func ModelPlace(line string, model heed.ID) Binding {
	return Binding{Line: line, Field: "model/" + string(model), Version: 1}
}

// ModelFiguresPlace is where stands what was compared before a model was proposed, under the model's key.
func ModelFiguresPlace(line string, model heed.ID) Binding {
	return Binding{Line: line, Field: "model-figures/" + string(model), Version: 1}
}

// modelKeyPlace is where a model's key stands, wrapped to the content key.
func modelKeyPlace(line string, model heed.ID) Binding {
	return Binding{Line: line, Field: "model-key/" + string(model), Version: 1}
}
