package sip

import "net/netip"

// partOfOne is which part of a room one address may take, on a line that anybody may call: whoever calls, or connects, again and again leaves
// some to others.
const partOfOne = 4

// room is what all who call share: lines, or connections. Whoever has one keeps others from using it at once.
type room struct {
	most, taken int
	of          map[netip.Addr]int // by whom, of those who have a share
}

func newRoom(most int) room { return room{most: most, of: map[netip.Addr]int{}} }

// take takes one for an address, which shares it with others unless it stands for many; false where all that it may take are taken.
func (r *room) take(whose netip.Addr, shares bool) bool {
	if r.full() || shares && r.of[whose] >= max(r.most/partOfOne, 1) {
		return false
	}
	r.taken++
	if shares {
		r.of[whose]++
	}
	return true
}

func (r *room) full() bool { return r.taken >= r.most }

// leave gives one back that was taken so.
func (r *room) leave(whose netip.Addr, shares bool) {
	r.taken--
	if !shares {
		return
	}
	if r.of[whose]--; r.of[whose] == 0 {
		delete(r.of, whose)
	}
}
