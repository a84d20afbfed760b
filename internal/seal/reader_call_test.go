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
