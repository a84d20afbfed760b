package seal_test

import "bytes"

// readStaffDraft opens what somebody at the desk was typing in by docs/crypto.md, "Staff draft".
func readStaffDraft(v struct {
	Seed, Sealed                     octets
	Line, Staff, Call, Report, State string
}) error {
	place := bindingVector{Line: v.Line, Report: v.Report, Field: "staff-draft/" + v.Staff + "/" + v.Call, Version: 1}
	plain, err := openHPKE(v.Seed, place.encode("heed/wrapped/1"), v.Sealed[1:1121], v.Sealed[1121:])
	if err != nil {
		return err
	}
	if len(plain)%1024 != 0 {
		return is("the length", []byte{byte(len(plain) % 1024)}, octets{0})
	}
	return is("the state", bytes.TrimRight(plain, " "), octets(v.State))
}
