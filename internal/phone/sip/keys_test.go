package sip

import (
	"encoding/binary"
	"strings"
	"testing"
)

// press is an event's packet.
func press(code byte, end bool, duration int) []byte {
	b := []byte{code, 10, 0, 0}
	if end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], uint16(duration))
	return b
}

func TestAKeyThatComesInTwelvePacketsIsPressedOnce(t *testing.T) {
	var k keys
	for i := range 9 {
		k.take(press(5, false, 160*i), 8000)
	}
	for range 3 {
		k.take(press(5, true, 1600), 8000)
	}
	if got := k.hand(); got != "5" {
		t.Errorf("heard %q", got)
	}
	if got := k.hand(); got != "" {
		t.Errorf("heard %q again", got)
	}
}

func TestTheSameKeyPressedTwiceAndTwoKeysUnderOneTimestampAreTwo(t *testing.T) {
	var k keys
	k.take(press(7, true, 800), 1000)
	k.take(press(7, true, 800), 3000)
	k.take(press(8, true, 800), 3000)
	k.take(press(7, true, 800), 3000) // overtaken
	k.take(press(10, true, 800), 5000)
	k.take(press(11, true, 800), 7000)
	if got := k.hand(); got != "778*#" {
		t.Errorf("heard %q", got)
	}
}

func TestAKeyThatIsHeldForLongIsPressedOnce(t *testing.T) {
	var k keys
	at := uint32(1<<32 - 100) // the timestamp wraps meanwhile
	for range 4 {
		for d := 0; d < 0xffff; d += 8000 {
			k.take(press(3, false, d), at)
		}
		k.take(press(3, false, 0xffff), at)
		at += 0xffff
	}
	k.take(press(3, true, 400), at)
	if got := k.hand(); got != "3" {
		t.Errorf("heard %q", got)
	}
}

func TestWhatIsNoKeyIsNotHeardAndAFloodIsCut(t *testing.T) {
	var k keys
	k.take(press(12, true, 800), 1) // A
	k.take(press(16, true, 800), 2) // flash
	k.take([]byte{1, 2, 3}, 3)
	if got := k.hand(); got != "" {
		t.Errorf("heard %q", got)
	}
	for i := range 1000 {
		k.take(press(1, true, 100), uint32(10+i))
	}
	if got := k.hand(); got != strings.Repeat("1", mostKeys) {
		t.Errorf("%d keys of a flood", len(got))
	}
}
