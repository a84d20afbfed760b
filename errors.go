package heed

import (
	"errors"
	"fmt"
)

// Sentinels that every layer wraps with what it was doing. People see text chosen by code, never Error().
var (
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("changed by someone else meanwhile")
	ErrForbidden = errors.New("not permitted")
	ErrInvalid   = errors.New("invalid")
	ErrBusy      = errors.New("too busy") // try again shortly
	ErrGone      = errors.New("erased")   // it was here; its key is destroyed
	ErrSealed    = errors.New("cannot be opened")
)

// Problem is a fault in what a person gave us, with the field it is in and a code that the locale files translate as
// "problem.<code>". It wraps ErrInvalid.
type Problem struct {
	Field string         // "text", "files", … as in the public API; "" where it concerns the whole
	Code  string         // e.g. "text-empty", "text-too-long", "file-too-large"
	Args  map[string]any // what the translation may mention, e.g. {"Limit": 50000}
}

func (p *Problem) Error() string {
	if p.Field == "" {
		return fmt.Sprintf("%s: %v", p.Code, ErrInvalid)
	}
	return fmt.Sprintf("%s: %s: %v", p.Field, p.Code, ErrInvalid)
}

func (p *Problem) Unwrap() error { return ErrInvalid }

// Problems is one or more Problem found together, so that a person can mend all of them at once.
type Problems []*Problem

func (ps Problems) Error() string {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errors.Join(errs...).Error()
}

func (ps Problems) Unwrap() error { return ErrInvalid }
