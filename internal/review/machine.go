package review

import (
	"time"

	"github.com/heed-line/heed"
)

// Account is one telling of a happening, as the machine compares it with others.
type Account struct {
	ID         heed.ID
	Text       string
	Language   string
	Channel    heed.Channel
	ReceivedAt time.Time
	Details    []heed.Detail
}

// Machine is the screening as review uses it. It is pure: it keeps nothing of what it is shown, and is safe for
// concurrent use.
type Machine interface {
	// Assess screens one account by itself; Similar and DuplicateOf stay empty.
	Assess(a Account) heed.Screening
	// Fingerprint is the keyed print by which copies are found.
	Fingerprint(text string) (bands []int64, signature []byte)
	// Compare estimates from two signatures how alike the texts are, 0..1.
	Compare(a, b []byte) float64
	// Relate judges two accounts in clear: a heed.Match of the earlier one, or false where they have nothing to do with
	// each other. Reasons say why where it is a copy.
	Relate(later, earlier Account) (heed.Match, []heed.Reason, bool)
	// SearchTokens are the words by which a text is found.
	SearchTokens(text string) []string
}
