package language

import (
	"math"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"
)

// meeting are words of five letters of which no two are alike and all, by their whole n-gram, fall into one block of the model's; then such
// words whose middle pairs want one place among the pairs that are remembered.
func meeting(t *testing.T) (inBlock, inPlace string) {
	random := rand.New(rand.NewPCG(6, 6))
	target := bucketOf(gramOf("абвгд")) / blockLength
	place := func(a, b rune) int { return int((uint64(a)<<32 | uint64(b)) * 0x9E3779B97F4A7C15 >> 53) }
	var blocks, places strings.Builder
	letter := func() rune { return 'a' + rune(random.IntN(26)) }
	for n := 0; n < 40; {
		word := string([]rune{letter(), letter(), letter(), letter(), letter()})
		if bucketOf(gramOf(word))/blockLength == target {
			blocks.WriteString(word + " ")
			n++
		}
	}
	letters := []rune("abcdefghijklmnopqrstuvwxyzàáâäæçèéêëíîïñóôöøßúûüýāăąćčďđęěğıłńňőœřśşšťůűźżž")
	at := map[int][]string{}
	most := 0
	for _, a := range letters {
		for _, b := range letters {
			k := place(a, b)
			if at[k] = append(at[k], string([]rune{a, b})); len(at[k]) > len(at[most]) {
				most = k
			}
		}
	}
	if len(at[most]) < 8 {
		t.Fatalf("no more than %d pairs want one place", len(at[most]))
	}
	for i := range 400 {
		places.WriteString(at[most][i%len(at[most])] + at[most][(i*7+1)%len(at[most])] + " ")
	}
	return strings.Repeat(blocks.String(), 60), strings.Repeat(places.String(), 6)
}

// plain are words at random, of so many bytes.
func plain(most int) string {
	random, out := rand.New(rand.NewPCG(7, 7)), strings.Builder{}
	for out.Len() < most {
		for range 5 {
			out.WriteByte(byte('a' + random.IntN(26)))
		}
		out.WriteByte(' ')
	}
	return out.String()
}

func gramOf(s string) uint64 {
	h := uint64(gramStart)
	for _, r := range s {
		h = longer(h, r)
	}
	return h
}

// Four times the text may take eight times the processor, but not sixteen; and what was chosen to meet no more than eight times what words
// at random do.
func TestNGramsThatMeetInOnePlaceOfTheModelAreReadInLinearTime(t *testing.T) {
	m := Default()
	cost := func(text string) time.Duration {
		least := time.Duration(math.MaxInt64)
		for range 5 {
			began := used(t)
			for range 5 {
				m.Detect(text)
			}
			least = min(least, used(t)-began)
		}
		return least
	}
	inBlock, inPlace := meeting(t)
	for name, text := range map[string]string{"a block": inBlock, "a place among the pairs": inPlace} {
		long, short := cost(text), cost(text[:strings.LastIndexByte(text[:len(text)/4], ' ')])
		if long > 8*short+2*time.Millisecond {
			t.Errorf("%s: %v, a quarter of it %v", name, long, short)
		}
		if other := cost(plain(len(text))); long > 8*other+2*time.Millisecond {
			t.Errorf("%s: %v, words at random %v", name, long, other)
		}
	}
}

// used is what this process has had of the processor.
func used(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
