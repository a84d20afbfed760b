package keep

import (
	"encoding/json"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/sound"
)

// state is what hands a recording in when its process has died: it lies in heed.Call.Sealed, sealed to the day's transit key.
type state struct {
	Report   heed.ID         `json:"report"`  // what the report is to be called, or the message
	Mailbox  *intake.Opened  `json:"mailbox"` // nil: it makes a report of its own
	Language string          `json:"language"`
	Takes    []intake.Upload `json:"takes"`
	Number   string          `json:"number,omitempty"` // a telephone's, for the Identity; "" unless the caller said that it is right
}

func (s state) encode() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode a call: %w", err)
	}
	return b, nil
}

func decode(b []byte) (s state, err error) {
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("decode a call: %w", heed.ErrSealed) // what it holds is nobody's to read in an error
	}
	return s, nil
}

// whole is a take as a file: with a header that says how long it is.
func whole(take intake.Upload, length int64) intake.Upload {
	head := sound.CallAU(sound.AUMuLaw)
	head.Size = uint32(length)
	take.Head = head.Append(nil)
	take.Size = length + int64(len(take.Head))
	return take
}
