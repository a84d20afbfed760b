package seal

import "github.com/heed-line/heed"

// SealSafeCopyKey seals the key of a safe copy's frames under its report's data key.
func (k Key) SealSafeCopyKey(line string, report, attachment heed.ID, frames Key) []byte {
	return k.Seal(safeCopyKeyPlace(line, report, attachment), frames[:])
}

// OpenSafeCopyKey opens what SealSafeCopyKey sealed for the same file of the same report. ErrSealed: it can't be opened.
func (k Key) OpenSafeCopyKey(line string, report, attachment heed.ID, sealed []byte) (Key, error) {
	b, err := k.Open(safeCopyKeyPlace(line, report, attachment), sealed)
	if err != nil {
		return Key{}, err
	}
	defer clear(b)
	return ParseKey(b)
}
