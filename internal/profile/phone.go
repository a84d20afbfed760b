package profile

import (
	"fmt"
	"slices"
	"time"
)

// Phone is how the line answers its telephone.
type Phone struct {
	Languages []string      `yaml:"languages"` // as they are offered, some of the line's; empty: all of them, up to nine
	Take      time.Duration `yaml:"take"`      // how long a caller may speak without a pause to look it over; then they may go on
}

const (
	// mostCallLanguages is how many keys there are to choose one by.
	mostCallLanguages = 9
	// A take of less leaves no time to think; one of more no network holds.
	leastTake, mostTake = 2 * time.Minute, time.Hour
)

// CallLanguages are the languages that a caller is offered, by the keys 1 to 9.
func (p *Profile) CallLanguages() []string {
	if len(p.Phone.Languages) > 0 {
		return p.Phone.Languages
	}
	return p.Languages[:min(len(p.Languages), mostCallLanguages)]
}

func (c *checker) phone(p *Profile) {
	if len(p.Phone.Languages) > mostCallLanguages {
		c.fault("phone.languages", "a telephone has nine keys for languages")
	}
	for i, l := range p.Phone.Languages {
		key := fmt.Sprintf("phone.languages[%d]", i)
		switch {
		case !slices.Contains(p.Languages, l):
			c.fault(key, "%q is no language of the line", l)
		case slices.Index(p.Phone.Languages, l) < i:
			c.fault(key, "%q is there twice", l)
		}
	}
	if p.Phone.Take < leastTake || p.Phone.Take > mostTake {
		c.fault("phone.take", "what a caller says at once takes between 2m and 1h")
	}
}
