package seal

import (
	"bytes"
	"strconv"

	"github.com/heed-line/heed"
)

// nameStep is what the plaintext of a file's name is filled up to a multiple of: all names are as long.
const nameStep = 256

// SealFileName seals a file's name and how many bytes the file has, under the report's mailbox key. A name has no zero byte.
func (k Key) SealFileName(line string, a *heed.Attachment, name string, size int64) []byte {
	plain := strconv.AppendInt(append([]byte(name), 0), size, 10)
	plain = append(plain, make([]byte, padded(len(plain), nameStep, nameStep)-len(plain))...)
	defer clear(plain)
	return k.Seal(FileNamePlace(line, a.Report, a.ID), plain)
}

// OpenFileName is a file's name and how many bytes the file has; heed.ErrSealed where it was sealed otherwise. What was sealed before files
// were filled up is the name alone: the record itself says how long such a file is.
func (k Key) OpenFileName(line string, a *heed.Attachment) (name string, size int64, err error) {
	place := FileNamePlace(line, a.Report, a.ID)
	plain, err := k.Open(place, a.SealedName)
	if err != nil {
		return "", 0, err
	}
	defer clear(plain)
	before, after, filled := bytes.Cut(plain, []byte{0})
	if !filled {
		return string(plain), a.Size, nil
	}
	size, err = strconv.ParseInt(string(bytes.TrimRight(after, "\x00")), 10, 64)
	if err != nil || size < 0 {
		return "", 0, cannotOpen(place.Field)
	}
	return string(before), size, nil
}
