package seal_test

import (
	"crypto/ed25519"
	"encoding/binary"
)

// readModel opens a line's own model by docs/crypto.md, "A line's own model".
func readModel(v struct {
	Seed, Wrapped, Sealed, Figures, File, Plain octets
	Line, Model                                 string
}) error {
	place := func(field string) bindingVector {
		return bindingVector{Line: v.Line, Field: field + "/" + v.Model, Version: 1}
	}
	key, err := openHPKE(v.Seed, place("model-key").encode("heed/wrapped/1"), v.Wrapped[1:1121], v.Wrapped[1121:])
	if err != nil {
		return err
	}
	for _, sealed := range []struct {
		field       string
		bytes, want octets
	}{{"model", v.Sealed, v.File}, {"model-figures", v.Figures, v.Plain}} {
		plain, err := unseal(key, sealed.bytes[1:13], sealed.bytes[13:], place(sealed.field).encode("heed/sealed/1"))
		if err != nil {
			return err
		}
		if err := is(sealed.field, plain, sealed.want); err != nil {
			return err
		}
	}
	return nil
}

func readAdoption(v struct {
	Seed, SHA256, Message, Signature          octets
	Line, Model, Version, Base, First, Second string
	At                                        int64
}) error {
	message := join(str([]byte(v.Line)), str([]byte(v.Model)), str([]byte(v.Version)), str([]byte(v.Base)), str(v.SHA256), str([]byte(v.First)), str([]byte(v.Second)),
		binary.BigEndian.AppendUint64(nil, uint64(v.At)))
	if err := is("the message", message, v.Message); err != nil {
		return err
	}
	return is("the signature", ed25519.Sign(ed25519.NewKeyFromSeed(v.Seed), join([]byte("heed model/1\n"), message)), v.Signature)
}
