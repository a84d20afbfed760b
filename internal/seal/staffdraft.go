package seal

import "github.com/heed-line/heed"

// staffDraftPlace is where stands what somebody at the desk is typing in, under the content key.
func staffDraftPlace(line string, staff, call, report heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "staff-draft/" + string(staff) + "/" + string(call), Version: 1}
}

// SealStaffDraft seals what a staff member has typed in so far: of the report that it will be, for the call that it is of ("" for none).
// Its length tells that of the state only in steps of 1 KiB.
func SealStaffDraft(content *PublicKey, line string, staff, call, report heed.ID, state []byte) ([]byte, error) {
	// Spaces after the JSON, which no reader of it minds.
	plain := make([]byte, padded(len(state)+1, draftBucket, draftLarge))
	defer clear(plain)
	for i := copy(plain, state); i < len(plain); i++ {
		plain[i] = ' '
	}
	return content.Wrap(staffDraftPlace(line, staff, call, report), plain)
}

// OpenStaffDraft opens what SealStaffDraft sealed for the same four: the state, with spaces after it. ErrSealed: it can't be opened.
func OpenStaffDraft(content *PrivateKey, line string, staff, call, report heed.ID, sealed []byte) ([]byte, error) {
	return content.Unwrap(staffDraftPlace(line, staff, call, report), sealed)
}
