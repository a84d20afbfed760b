package intake

import (
	"maps"
	"slices"
	"time"

	"github.com/heed-line/heed/internal/seal"
)

const (
	// uploadsOfOne may be under way of those that one network began within an hour: a class of a school that sends all that a report may
	// have, twice. Who can't be told apart (seal.Party.Alike) may be as many as all others.
	uploadsOfOne = maxUploads / 8
	// shareLife is after how long a network has another number (package flood), and nothing counted for the old one matters.
	shareLife = time.Hour
)

// shares are what the files that wait take of each party. Party 0 is nobody in particular, and isn't counted. The zero shares are empty.
type shares struct {
	of    map[uint64]int64 // bytes, of what arrives too
	owned map[string]share // of what has arrived, by blob
}

// share is what one staged file takes.
type share struct {
	party uint64
	bytes int64
}

// add counts bytes for a party; they may be less than none.
func (s *shares) add(party uint64, bytes int64) {
	if party == 0 {
		return
	}
	if s.of == nil {
		s.of = map[uint64]int64{}
	}
	if s.of[party] += bytes; s.of[party] <= 0 {
		delete(s.of, party)
	}
}

// owns notes whose a file is that has arrived, and was counted while it did.
func (s *shares) owns(party uint64, blob string, bytes int64) {
	if party == 0 {
		return
	}
	if s.owned == nil {
		s.owned = map[string]share{}
	}
	s.owned[blob] = share{party, bytes}
}

// forget gives back what a file takes, once.
func (s *shares) forget(blob string) {
	if o, counted := s.owned[blob]; counted {
		delete(s.owned, blob)
		s.add(o.party, -o.bytes)
	}
}

func (s *shares) blobs() []string { return slices.Collect(maps.Keys(s.owned)) }

// begun counts the uploads that each party began within an hour and that neither were ended nor taken by a report. It must be guarded.
type begun struct {
	since time.Time
	of    map[uint64]int
	by    map[string]uint64 // who began an upload
}

// mayBegin says whether the party may begin one more beside all that are under way: never more than it leaves to all others.
func (b *begun) mayBegin(party seal.Party, all int, now time.Time) bool {
	if age := now.Sub(b.since); b.of == nil || age < 0 || age >= shareLife {
		b.since, b.of, b.by = now, map[uint64]int{}, map[string]uint64{}
	}
	most := maxUploads - all
	if !party.Alike {
		most = min(most, uploadsOfOne)
	}
	return party.ID == 0 || b.of[party.ID] < most
}

func (b *begun) count(party uint64, upload string) {
	if party == 0 {
		return
	}
	b.of[party]++
	b.by[upload] = party
}

// over gives back what an upload counts for, once.
func (b *begun) over(upload string) {
	party, counted := b.by[upload]
	if !counted {
		return
	}
	delete(b.by, upload)
	if b.of[party]--; b.of[party] == 0 {
		delete(b.of, party)
	}
}
