package heed

import "time"

// Call is a telephone call in which something is being recorded. It holds nothing of who calls.
type Call struct {
	ID  ID
	Day string // to whose transit key Sealed is sealed
	// Sealed is what the worker needs to hand in what was said, should the call's process die: seal.SealCall.
	Sealed []byte
	Seen   time.Time // when its process last said that it lives
}
