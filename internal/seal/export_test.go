package seal

import "context"

// Line is the queue of a Deriver, for a model of it.
type Line struct{ *queue }

// NewLine makes one.
func NewLine(places, length int) Line { return Line{newQueue(places, length)} }

// Enter waits for a place.
func (l Line) Enter(ctx context.Context) error { return l.enter(ctx, PartyOf(ctx)) }

// Leave gives it back.
func (l Line) Leave() { l.leave() }

// Waiting is what a Deriver says.
func (l Line) Waiting() (all, newcomers int) { return (&Deriver{queue: l.queue}).Waiting() }
