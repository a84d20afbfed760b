package auth

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
)

// slots bounds the memory that Argon2id takes: so many derivations at once, so many more waiting.
type slots struct {
	running chan struct{}
	waiting chan struct{}
}

func newSlots(running, waiting int) *slots {
	return &slots{running: make(chan struct{}, running), waiting: make(chan struct{}, running+waiting)}
}

// do runs fn when a slot is free. It returns heed.ErrBusy where too many wait already, and ctx's error where ctx ends first.
func (s *slots) do(ctx context.Context, fn func()) error {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return fmt.Errorf("deriving a passphrase: %w", heed.ErrBusy)
	}
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	case <-ctx.Done():
		return fmt.Errorf("waiting to derive a passphrase: %w", ctx.Err())
	}
	fn()
	return nil
}
