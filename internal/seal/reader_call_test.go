package seal_test

// readCall opens what a telephone call left by docs/crypto.md, "Call".
func readCall(v struct {
	Seed, Sealed           octets
	Line, Day, Call, State string
}) error {
	place := bindingVector{Line: v.Line, Field: "call/" + v.Day + "/" + v.Call, Version: 1}
	plain, err := openHPKE(v.Seed, place.encode("heed/wrapped/1"), v.Sealed[1:1121], v.Sealed[1121:])
	if err != nil {
		return err
	}
	return is("the state", plain, octets(v.State))
}

// readCallReceipt opens a call's Receipt by docs/crypto.md, "A call-taker's call".
func readCallReceipt(v struct {
	Seed, Sealed        octets
	Line, Call, Receipt string
}) error {
	place := bindingVector{Line: v.Line, Field: "call-receipt/" + v.Call, Version: 1}
	plain, err := openHPKE(v.Seed, place.encode("heed/wrapped/1"), v.Sealed[1:1121], v.Sealed[1121:])
	if err != nil {
		return err
	}
	return is("the Receipt", plain, octets(v.Receipt))
}

// readCallBack opens a number to call back by docs/crypto.md, "A number to call back", under either key.
func readCallBack(v struct {
	Seed, Dialler, Sealed, Resealed octets
	Line, Day, ID, Number           string
}) error {
	padded := append(octets(v.Number), make(octets, 32-len(v.Number))...)
	for _, under := range []struct {
		seed, sealed octets
		field        string
	}{{v.Seed, v.Sealed, "call-back/" + v.Day + "/" + v.ID}, {v.Dialler, v.Resealed, "call-back-number/" + v.ID}} {
		place := bindingVector{Line: v.Line, Field: under.field, Version: 1}
		plain, err := openHPKE(under.seed, place.encode("heed/wrapped/1"), under.sealed[1:1121], under.sealed[1121:])
		if err != nil {
			return err
		}
		if err := is("the number", plain, padded); err != nil {
			return err
		}
	}
	return nil
}
