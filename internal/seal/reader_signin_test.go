package seal_test

import (
	"encoding/binary"
	"fmt"
)

// readSignIn checks a challenge's parts, and all that is derived from it and from the same key.
func readSignIn(v struct {
	Key, Challenge            octets
	Purpose, Browser, Subject string
	Until                     uint64 `json:"until_ms"`
	Codes                     octets `json:"codes_secret"`
	Recovery                  string `json:"recovery_code"`
	Handle                    octets `json:"recovery_handle"`
	Sealed                    octets `json:"sealed_codes_secret"`
}) error {
	under := func(use string) []byte { return hkdf(v.Key, nil, []byte("heed/sign-in/"+use+"/1"), 32) }
	if len(v.Challenge) != 56 || len(v.Sealed) < 13 || v.Sealed[0] != 0x01 {
		return fmt.Errorf("no challenge or no sealed secret: %x %x", v.Challenge, v.Sealed)
	}
	if err := is("the moment", binary.BigEndian.AppendUint64(nil, v.Until), v.Challenge[16:24]); err != nil {
		return err
	}
	proof := mac(under("challenge"), str([]byte(v.Purpose)), str([]byte(v.Browser)), str([]byte(v.Subject)), v.Challenge[:24])
	if err := is("the proof", proof, v.Challenge[24:]); err != nil {
		return err
	}
	if err := is("the secret of codes", mac(under("drawn"), v.Challenge)[:20], v.Codes); err != nil {
		return err
	}
	if err := is("the handle", mac(under("recovery"), str([]byte(v.Subject)), str([]byte(v.Recovery))), v.Handle); err != nil {
		return err
	}
	place := bindingVector{Line: "city", Field: "one-time-codes/f", Version: 1}
	opened, err := unseal(under("codes"), v.Sealed[1:13], v.Sealed[13:], place.encode("heed/sealed/1"))
	if err != nil {
		return err
	}
	return is("the sealed secret", opened, v.Codes)
}
