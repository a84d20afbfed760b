package screening

import (
	"math/rand/v2"

	"github.com/heed-line/heed/internal/screening/pages"
)

// tally holds a value by hash, for hashes that are never taken out: a map of which a look costs one wait for memory. A run asks
// it some eight hundred times a report.
type tally[K uint32 | int64, V comparable] struct {
	slots []counted[K, V] // a power of two; one whose value is zero is free
	used  int
	salt  uint64 // odd, and nobody's to know: no text can be made whose hashes all want one slot
	shift uint8
}

type counted[K uint32 | int64, V comparable] struct {
	key   K
	value V
}

// slot is that of a key, or the free one where it belongs.
func (t *tally[K, V]) slot(key K) *counted[K, V] { return &t.slots[t.place(key)] }

// place is where the slot is. It stays there until the table grows.
func (t *tally[K, V]) place(key K) int32 {
	var none V
	for at := int(uint64(key) * t.salt >> t.shift); ; at++ {
		at &= len(t.slots) - 1
		if s := &t.slots[at]; s.key == key || s.value == none {
			return int32(at)
		}
	}
}

// reserve grows the table as so many more keys need it.
func (t *tally[K, V]) reserve(more int) {
	for 2*(t.used+more) >= len(t.slots) {
		t.grow()
	}
}

// of gives the value of a key, zero where it has none.
func (t *tally[K, V]) of(key K) (v V) {
	if t.slots == nil {
		return v
	}
	if s := t.slot(key); s.key == key {
		return s.value
	}
	return v
}

// set gives a key a value that is not zero.
func (t *tally[K, V]) set(key K, value V) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	var none V
	s := t.slot(key)
	if s.value == none {
		t.used++
	}
	*s = counted[K, V]{key, value}
}

func (t *tally[K, V]) grow() {
	old := t.slots
	t.slots, t.salt, t.shift = make([]counted[K, V], max(2*len(old), 1<<12)), rand.Uint64()|1, 64
	for n := len(t.slots); n > 1; n /= 2 {
		t.shift--
	}
	pages.Join(t.slots)
	var none V
	for _, s := range old {
		if s.value != none {
			*t.slot(s.key) = s
		}
	}
}
