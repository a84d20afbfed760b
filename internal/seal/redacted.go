package seal

import "github.com/heed-line/heed"

// SealRedactedKey seals the key of a redacted copy's frames under its report's data key.
func (k Key) SealRedactedKey(line string, report, attachment heed.ID, version int64, frames Key) []byte {
	return k.Seal(redactedKeyPlace(line, report, attachment, version), frames[:])
}

// OpenRedactedKey opens what SealRedactedKey sealed for the same version of the same file of the same report. ErrSealed: it can't be opened.
func (k Key) OpenRedactedKey(line string, report, attachment heed.ID, version int64, sealed []byte) (Key, error) {
	b, err := k.Open(redactedKeyPlace(line, report, attachment, version), sealed)
	if err != nil {
		return Key{}, err
	}
	defer clear(b)
	return ParseKey(b)
}
