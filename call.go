package heed

import (
	"context"
	"time"
)

// Call is a telephone call in which something is being recorded. It holds nothing of who calls.
type Call struct {
	ID  ID
	Day string // to whose transit key Sealed is sealed
	// Sealed is what the worker needs to hand in what was said, should the call's process die: seal.SealCall.
	Sealed []byte
	Seen   time.Time // when its process last said that it lives
}

// CallTx keeps the telephone calls in which something is being recorded, for as long as that lasts.
type CallTx interface {
	AddCall(ctx context.Context, c *Call) error // ErrConflict: there is one of that id
	// ChangeCall writes Sealed and Seen. ErrNotFound: the call is over, because somebody handed in what was said.
	ChangeCall(ctx context.Context, c *Call) error
	// SeeCall says that the call's process lives. ErrNotFound as ChangeCall.
	SeeCall(ctx context.Context, id ID, seen time.Time) error
	Call(ctx context.Context, id ID) (*Call, error)
	// CallsSeen says of every call when it was last seen.
	CallsSeen(ctx context.Context) (map[ID]time.Time, error)
	// EndCall forgets a call. ErrNotFound: somebody did first.
	EndCall(ctx context.Context, id ID) error
	// EndCallSeen forgets a call that was not seen since. ErrNotFound: it was, or somebody forgot it first.
	EndCallSeen(ctx context.Context, id ID, seen time.Time) error
}
