package profile

import (
	"fmt"
	"slices"

	"github.com/heed-line/heed/internal/seal"
)

// recipients judges a department's keys and notes their kind. One age file can't be sealed to both kinds: whoever opens
// it with the X25519 key would take its post-quantum protection away (age refuses it for that reason).
func (c *checker) recipients(d *Department, key string) {
	for i, s := range d.Recipients {
		at := fmt.Sprintf("%s[%d]", key, i)
		r, err := seal.ParseRecipient(s)
		if err != nil {
			c.fault(at, "this is not an age public key (age1pq1… or age1…)")
			continue
		}
		kind := X25519
		if r.PostQuantum() {
			kind = Hybrid
		}
		if slices.Index(d.Recipients, s) < i {
			c.fault(at, "this key is there twice")
		}
		if d.kind == "" {
			d.kind = kind
		}
		if d.kind != kind {
			c.fault(at, "one department's keys are all hybrid (age1pq1…) or all X25519 (age1…); this one is %s, the first is %s", kind, d.kind)
		}
	}
}
