package sound

import (
	"errors"
	"fmt"
)

// Call is a Leg that was called from here. Whoever called has it until they hang it up, which they must.
type Call interface {
	Leg
	// HangUp ends the call; again it does nothing. It is for the goroutine that steps the Leg.
	HangUp()
}

// Why a call didn't come about.
var (
	// ErrBusy is returned where whoever was called speaks already, declines, or wants no calls.
	ErrBusy = errors.New("whoever was called is busy")
	// ErrNoAnswer is returned where it rang for nobody, or the telephone that was called is off.
	ErrNoAnswer = errors.New("nobody answered the call")
	// ErrRefused is returned where there is nobody by that name, or the exchange doesn't let us call them.
	ErrRefused = errors.New("the exchange refused the call")
	// ErrNoWay is returned where there is no exchange to call through, or it doesn't answer or is at fault.
	ErrNoWay = errors.New("there is no way to call")
	// ErrFull is an ErrNoWay: this line is full or stopping.
	ErrFull = fmt.Errorf("this line is full or stopping: %w", ErrNoWay)
	// ErrUnproved is an ErrNoWay: this line can't say to the exchange who it is.
	ErrUnproved = fmt.Errorf("this line doesn't prove who it is: %w", ErrNoWay)
)
