package seal

import (
	"errors"
	"fmt"
	"strings"

	heed "github.com/heed-line/heed"
)

// FileKeyHolder says to whom of a day a file's key is wrapped, and for what: ByTransit, ByIdentity or ReleasedTo.
type FileKeyHolder string

// The holders of every file's key.
const (
	ByTransit  FileKeyHolder = "transit"  // the worker and the desk, until there is a safe copy
	ByIdentity FileKeyHolder = "identity" // the Custodians
)

// ReleasedTo is the holder of the key of a file that waits, as it was sent, for a Department's package (docs/adr/0029). The day's transit key opens it
// too: but not for another Department, nor for the worker that makes the file's copy.
func ReleasedTo(department string) FileKeyHolder { return FileKeyHolder("released/" + department) }

// fileKeyPlace is where the key of a file's frames stands: it names the file and its report, so that a key that is laid beside another report, or
// another file of the same, doesn't open there.
func fileKeyPlace(line string, a *heed.Attachment, holder FileKeyHolder) Binding {
	return Binding{Line: line, Report: string(a.Report), Field: "file-key/" + string(holder) + "/" + a.Day + "/" + string(a.ID) + "/" + a.Blob, Version: 2}
}

// formerFileKeyPlace is where it stood in files of before: for no report. Nothing that was sealed there outlives its day's keys.
func formerFileKeyPlace(line string, a *heed.Attachment, holder FileKeyHolder) Binding {
	field := "file-key/" + string(holder) + "/" + a.Day + "/" + a.Blob
	if department, released := strings.CutPrefix(string(holder), string(ReleasedTo(""))); released {
		field = "file-key/" + string(ByTransit) + "/" + a.Day + "/" + a.Blob + "/" + department
	}
	return Binding{Line: line, Field: field, Version: 1}
}

// WrapFileKey seals the key of a file's frames to one of the keys of a.Day, bound to a's report, to a itself and to the blob that holds the frames.
func WrapFileKey(dayKey *PublicKey, line string, a *heed.Attachment, holder FileKeyHolder, file Key) ([]byte, error) {
	return dayKey.Wrap(fileKeyPlace(line, a, holder), file[:])
}

// UnwrapFileKey opens what WrapFileKey sealed for the same file of the same report, its day, blob and holder; and what was sealed before a report was named,
// for the same day, blob and holder. ErrSealed: it can't be opened.
func UnwrapFileKey(dayKey *PrivateKey, line string, a *heed.Attachment, holder FileKeyHolder, wrapped []byte) (Key, error) {
	b, err := dayKey.Unwrap(fileKeyPlace(line, a, holder), wrapped)
	if errors.Is(err, heed.ErrSealed) {
		if former, failed := dayKey.Unwrap(formerFileKeyPlace(line, a, holder), wrapped); failed == nil {
			b, err = former, nil
		}
	}
	if err != nil {
		return Key{}, err
	}
	defer clear(b)
	return ParseKey(b)
}

// UnwrapFileKeyBy is OpenIdentityBy for the key of a file, a.DayKey.
func UnwrapFileKeyBy(key *PrivateKey, line string, custodian heed.ID, a *heed.Attachment, seeds [][]byte) (Key, error) {
	err := fmt.Errorf("a file's key of %s: %w", a.Day, heed.ErrSealed)
	for _, seed := range seeds {
		identity, failed := UnwrapDaySeed(key, line, a.Day, custodian, seed)
		if failed != nil {
			err = failed
			continue
		}
		file, failed := UnwrapFileKey(identity, line, a, ByIdentity, a.DayKey)
		if failed == nil {
			return file, nil
		}
		err = failed
	}
	return Key{}, err
}
