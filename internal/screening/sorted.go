package screening

import "slices"

// sortSpread sorts numbers of which those bits that stand from shift on, eight and no more, are spread: as hashes are, or already in order where
// they are not. By these bits each goes near its place, which costs no guess, and by comparing it moves the rest of its way. Where that is
// long, as somebody may have seen to, the list is sorted by comparing alone. room is as long as the list.
func sortSpread(list, room []uint64, shift int) {
	if len(list) < 2 {
		return
	}
	var at [256]uint32
	for _, x := range list {
		at[byte(x>>shift)]++
	}
	sum := uint32(0)
	for i, n := range at {
		at[i], sum = sum, sum+n
	}
	room = room[:len(list)]
	for _, x := range list {
		b := byte(x >> shift)
		room[at[b]] = x
		at[b]++
	}
	moves := 8 * len(list)
	for i, x := range room {
		at := i
		for ; at > 0 && list[at-1] > x; at-- {
			list[at] = list[at-1]
		}
		list[at] = x
		if moves -= i - at; moves < 0 {
			copy(list[i+1:], room[i+1:])
			slices.Sort(list)
			return
		}
	}
}
