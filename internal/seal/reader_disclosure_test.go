package seal_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
)

func readDisclosure(v struct {
	What, Line, Report, Disclosure string
	Seed, Plaintext, Sealed        octets
}) error {
	field := map[string]string{"disclosure": "disclosure/", "proof": "disclosure-proof/"}[v.What]
	if field == "" {
		return fmt.Errorf("no %s", v.What)
	}
	if len(v.Sealed) < 1+1120 || v.Sealed[0] != 0x02 {
		return fmt.Errorf("nothing wrapped: %x", v.Sealed)
	}
	place := bindingVector{Line: v.Line, Report: v.Report, Field: field + v.Disclosure, Version: 1}
	plain, err := openHPKE(v.Seed, place.encode("heed/wrapped/1"), v.Sealed[1:1121], v.Sealed[1121:])
	if err != nil {
		return err
	}
	return is("the plaintext", plain, v.Plaintext)
}

func readDisclosedFile(v struct {
	Line, Report, Disclosure, File string
	Seed, Plaintext, Sealed        octets
}) error {
	if len(v.Sealed) < 1+1120 || v.Sealed[0] != 0x02 {
		return fmt.Errorf("nothing wrapped: %x", v.Sealed)
	}
	place := bindingVector{Line: v.Line, Report: v.Report, Field: "disclosure-file/" + v.Disclosure + "/" + v.File, Version: 1}
	plain, err := openHPKE(v.Seed, place.encode("heed/wrapped/1"), v.Sealed[1:1121], v.Sealed[1121:])
	if err != nil {
		return err
	}
	return is("the key", plain, v.Plaintext)
}

func readApproval(v struct {
	Seed, Public, Message, Signature octets
	Line, Staff, By                  string
	Era                              uint64
	At                               int64
}) error {
	message := join(str([]byte(v.Line)), binary.BigEndian.AppendUint64(nil, v.Era), str([]byte(v.Staff)), str(v.Public), str([]byte(v.By)),
		binary.BigEndian.AppendUint64(nil, uint64(v.At)))
	if err := is("the message", message, v.Message); err != nil {
		return err
	}
	return is("the signature", ed25519.Sign(ed25519.NewKeyFromSeed(v.Seed), join([]byte("heed custodian/1\n"), message)), v.Signature)
}
