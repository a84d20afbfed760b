package seal_test

// readSafeCopy opens a file's safe copy by docs/crypto.md, "Safe copy".
func readSafeCopy(v struct {
	Data                     octets
	Line, Report, Attachment string
	Key                      octets
	SealedKey                octets `json:"sealed_key"`
	Copy                     string
	Sealed                   octets
}) error {
	place := func(field string) bindingVector {
		return bindingVector{Line: v.Line, Report: v.Report, Field: field + "/" + v.Attachment, Version: 1}
	}
	key, err := unseal(v.Data, v.SealedKey[1:13], v.SealedKey[13:], place("safe-copy-key").encode("heed/sealed/1"))
	if err != nil {
		return err
	}
	if err := is("the key", key, v.Key); err != nil {
		return err
	}
	frame := hkdf(key, v.Sealed[1:17], place("safe-copy").encode("heed/frames/1"), 32)
	plain, err := unseal(frame, v.Sealed[17:29], v.Sealed[29:], append(make([]byte, 8), 1))
	if err != nil {
		return err
	}
	return is("the copy", plain, octets(v.Copy))
}
