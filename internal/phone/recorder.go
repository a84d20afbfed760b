package phone

import (
	"context"

	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

// Recorder keeps what callers say. It is safe for concurrent use.
type Recorder interface {
	// Begin makes ready for one call's report: nothing is stored yet. language is what the caller chose.
	Begin(ctx context.Context, language string) (Recording, error)
	// Answer makes ready for what the reporter adds to a report; Submit then makes a message of it, with the takes as its files, and
	// gives no Receipt.
	Answer(ctx context.Context, mailbox *intake.Mailbox, language string) (Recording, error)
}

// Recording is what one caller has said, in takes. It is sealed piece by piece while it is spoken: a hang-up loses nothing of it,
// and a killed process the last two seconds at most. It is for one goroutine.
//
// Its methods return heed.Problems where the line takes no more, heed.ErrBusy where trying again may help, and heed.ErrGone where the
// worker has handed it in already, or the report is no more.
type Recording interface {
	NewTake(ctx context.Context) error
	// Write adds to the open take. It returns at once, sealing and storing happen beside; an error means that the take can't go on.
	Write(f *sound.Frame) error
	// EndTake returns when all of the take is durable.
	EndTake(ctx context.Context) error
	// DropTake deletes the last take, open or not.
	DropTake(ctx context.Context) error
	// Play plays a take, the first being 0.
	Play(ctx context.Context, take int) (Player, error)
	Takes() int
	// LeaveNumber keeps the telephone number that the caller left, digits, for the Identity. It goes along however the recording is
	// handed in, by the worker too. An error means that it doesn't.
	LeaveNumber(ctx context.Context, number string) error
	// Submit sends all takes. Sent again, it gives the same Receipt, which opens the report from then on.
	Submit(ctx context.Context) (seal.Receipt, error)
	// Close gives up a Recording that wasn't sent: where it has a take it is sent all the same, and nobody has its Receipt. After
	// Submit it does nothing.
	Close(ctx context.Context) error
}

// Player plays a take.
type Player interface {
	// Read fills the next frame. It returns io.EOF at the end.
	Read(f *sound.Frame) error
	Close() error
}
