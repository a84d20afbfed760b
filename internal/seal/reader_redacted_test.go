package seal_test

import "strconv"

// readRedacted opens what of a file isn't handed on, and the copy without that, by docs/crypto.md, "Redacted copy".
func readRedacted(v struct {
	Data                     octets
	Line, Report, Attachment string
	Version                  int
	Marks                    string
	SealedMarks              octets `json:"sealed_marks"`
	Key                      octets
	SealedKey                octets `json:"sealed_key"`
	Copy                     string
	Sealed                   octets
}) error {
	place := func(field string) bindingVector {
		return bindingVector{Line: v.Line, Report: v.Report, Field: field + "/" + v.Attachment + "/" + strconv.Itoa(v.Version), Version: 1}
	}
	marks, err := unseal(v.Data, v.SealedMarks[1:13], v.SealedMarks[13:], place("redaction").encode("heed/sealed/1"))
	if err != nil {
		return err
	}
	if err := is("the marks", marks, octets(v.Marks)); err != nil {
		return err
	}
	key, err := unseal(v.Data, v.SealedKey[1:13], v.SealedKey[13:], place("redacted-key").encode("heed/sealed/1"))
	if err != nil {
		return err
	}
	if err := is("the key", key, v.Key); err != nil {
		return err
	}
	frame := hkdf(key, v.Sealed[1:17], place("redacted").encode("heed/frames/1"), 32)
	plain, err := unseal(frame, v.Sealed[17:29], v.Sealed[29:], append(make([]byte, 8), 1))
	if err != nil {
		return err
	}
	return is("the copy", plain, octets(v.Copy))
}
