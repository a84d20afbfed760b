package seal

import (
	"bytes"
	"fmt"

	"github.com/heed-line/heed"
)

// numberBytes is how long a number to call back is while it is sealed: all are as long.
const numberBytes = 32

// callReceiptPlace is where stands the Receipt that a telephone process reads to its caller, under a key of that call.
func callReceiptPlace(line string, call heed.ID) Binding {
	return Binding{Line: line, Field: "call-receipt/" + string(call), Version: 1}
}

// SealCallReceipt seals the Receipt of a report that a call-taker handed in, for the process that has the call and reads it to the
// caller. key is that call's alone.
func SealCallReceipt(key *PublicKey, line string, call heed.ID, r Receipt) ([]byte, error) {
	return key.Wrap(callReceiptPlace(line, call), []byte(r))
}

// OpenCallReceipt opens what SealCallReceipt sealed for the same call. ErrSealed: it can't be opened.
func OpenCallReceipt(key *PrivateKey, line string, call heed.ID, sealed []byte) (Receipt, error) {
	digits, err := key.Unwrap(callReceiptPlace(line, call), sealed)
	if err != nil {
		return "", err
	}
	defer clear(digits)
	r, err := ParseReceipt(string(digits))
	if err != nil {
		return "", fmt.Errorf("a call's Receipt: %w", heed.ErrSealed) // whatever it is, it stands in no error
	}
	return r, nil
}

// callBackPlace is where stands the number of somebody to call back, under the transit key of the day on which they left it.
func callBackPlace(line, day string, id heed.ID) Binding {
	return Binding{Line: line, Field: "call-back/" + day + "/" + string(id), Version: 1}
}

// callBackNumberPlace is where it stands for the process that dials it, under a key of that one attempt.
func callBackNumberPlace(line string, id heed.ID) Binding {
	return Binding{Line: line, Field: "call-back-number/" + string(id), Version: 1}
}

// SealCallBack seals a telephone number to a day's transit key: a process that takes calls can seal it, and the worker alone opens it.
// ErrInvalid: number is no row of one to 32 digits.
func SealCallBack(transit *PublicKey, line, day string, id heed.ID, number string) ([]byte, error) {
	padded, err := padNumber(number)
	if err != nil {
		return nil, err
	}
	defer clear(padded)
	return transit.Wrap(callBackPlace(line, day, id), padded)
}

// ResealCallBack opens what SealCallBack sealed, and seals it to the key of the process that dials.
//
// ErrSealed: it can't be opened.
func ResealCallBack(transit *PrivateKey, to *PublicKey, line, day string, id heed.ID, sealed []byte) ([]byte, error) {
	padded, err := transit.Unwrap(callBackPlace(line, day, id), sealed)
	if err != nil {
		return nil, err
	}
	defer clear(padded)
	return to.Wrap(callBackNumberPlace(line, id), padded)
}

// OpenCallBack opens what ResealCallBack sealed. ErrSealed: it can't be opened.
func OpenCallBack(key *PrivateKey, line string, id heed.ID, resealed []byte) (string, error) {
	padded, err := key.Unwrap(callBackNumberPlace(line, id), resealed)
	if err != nil {
		return "", err
	}
	defer clear(padded)
	number := bytes.TrimRight(padded, "\x00")
	if len(padded) != numberBytes || len(number) == 0 || !allDigits(number) {
		return "", fmt.Errorf("a number to call back: %w", heed.ErrSealed)
	}
	return string(number), nil
}

func padNumber(number string) ([]byte, error) {
	if number == "" || len(number) > numberBytes || !allDigits([]byte(number)) {
		return nil, fmt.Errorf("a number to call back: %w", heed.ErrInvalid)
	}
	padded := make([]byte, numberBytes)
	copy(padded, number)
	return padded, nil
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
