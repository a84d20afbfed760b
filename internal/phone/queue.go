package phone

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

// Queue has callers wait for call-takers. It is safe for concurrent use.
type Queue interface {
	// Open reports whether a call-taker takes callers of the language now.
	Open(ctx context.Context, language string) (bool, error)
	// Join has a caller wait. heed.ErrBusy: too many do.
	Join(ctx context.Context, language string) (Waiting, error)
	// KeepNumber keeps the number of a caller who wants to be called back. heed.ErrBusy: too many are kept.
	KeepNumber(ctx context.Context, language, number string) error
	// Next is a call-back that a taker took up, and this process's from now on. heed.ErrNotFound: there is none.
	Next(ctx context.Context) (CallBack, error)
}

// Waiting is a caller's place in the queue, and their call while a taker has it. It is safe for concurrent use.
type Waiting interface {
	// Look reads how it stands.
	Look(ctx context.Context) (Place, error)
	// Answered says that the taker speaks with the caller. heed.ErrConflict: the call isn't that taker's any more.
	Answered(ctx context.Context, taker heed.ID) error
	// Return has the caller wait again, before the others. Where the taker's phone is the reason, off (heed.DutyUnanswered, …) ends
	// their duty; else it is "". heed.ErrConflict as Answered.
	Return(ctx context.Context, taker heed.ID, off string) error
	// Leave ends it. how says why, for a caller with whom nobody spoke.
	Leave(ctx context.Context, how heed.CallEnd) error
}

// Place is how a caller's call stands.
type Place struct {
	State   heed.CallState
	Taker   heed.ID
	Phone   string // SIP address of the taker's phone
	Ahead   int    // callers who are to be taken before this one
	Takers  int    // on duty for the caller's language
	Receipt seal.Receipt
}

// CallBack is a caller who is called back. Whoever has it calls Leave at its end.
type CallBack interface {
	Waiting
	Language() string
	// Number is the number to dial. heed.ErrNotFound: the worker hasn't given it yet. heed.ErrGone: the time is over.
	Number(ctx context.Context) (string, error)
	// Reached says that the caller answered, and the taker speaks with them: the number is forgotten. heed.ErrConflict as Answered.
	Reached(ctx context.Context, taker heed.ID) error
	// Missed has the wish wait for a taker again. off as for Return.
	Missed(ctx context.Context, taker heed.ID, off string) error
}

// Dialer calls telephones: takers' by their SIP address, callers' by their number. *sip.Server is one.
type Dialer interface {
	CanDial() bool
	// Dial returns when the call is answered, with the errors of package sound, or the context's where that ended before. Whoever has
	// the call hangs it up.
	Dial(ctx context.Context, to string, early func(*sound.Frame)) (sound.Call, error)
}
