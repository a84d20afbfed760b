package seal

import "github.com/heed-line/heed"

// callPlace is where stands what the worker needs of a telephone call, under the transit key of the day on which it began.
func callPlace(line, day string, call heed.ID) Binding {
	return Binding{Line: line, Field: "call/" + day + "/" + string(call), Version: 1}
}

// SealCall seals what hands in a call's recording when its process has died: a process that takes calls can seal it, and the
// worker alone opens it.
func SealCall(transit *PublicKey, line, day string, call heed.ID, state []byte) ([]byte, error) {
	return transit.Wrap(callPlace(line, day, call), state)
}

// OpenCall opens what SealCall sealed for the same day and call. ErrSealed: it can't be opened.
func OpenCall(transit *PrivateKey, line, day string, call heed.ID, sealed []byte) ([]byte, error) {
	return transit.Unwrap(callPlace(line, day, call), sealed)
}
