package desk

import (
	"strconv"
	"time"
)

// Seconds is how long a recording's copy plays, in seconds, as a field of a page has it.
func (f fileView) Seconds() string {
	return strconv.FormatFloat(float64(f.Details.Length)/1000, 'f', 1, 64)
}

// PlayTime is the same as a player says it.
func (f fileView) PlayTime() string {
	return playTime(time.Duration(f.Details.Length) * time.Millisecond)
}

// PlayStart is how a player says where it begins.
func (f fileView) PlayStart() string { return playTime(0) }
