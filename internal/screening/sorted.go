package screening

// sortHashes sorts hashes that stand in 32 bits of each of a list from shift on: by eight bits at a time, from the last to the first
// (Knuth, The Art of Computer Programming 3, 5.2.5), for nobody can foresee how two hashes compare, and the processor can't either.
// Equal ones stay in their order. room is as long as the list; the time is linear, whatever the hashes.
func sortHashes[T uint32 | uint64](list, room []T, shift int) {
	for end := shift + 32; shift < end; shift += 8 {
		var at [256]int32
		for _, x := range list {
			at[byte(x>>shift)]++
		}
		sum := int32(0)
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, x := range list {
			b := byte(x >> shift)
			room[at[b]] = x
			at[b]++
		}
		list, room = room, list // four times: what is sorted ends where it began
	}
}

// fewHashes are sorted sooner by comparing.
const fewHashes = 64
