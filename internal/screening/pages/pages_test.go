package pages

import "testing"

func TestAJoinedTableHoldsWhatItHeld(t *testing.T) {
	Join([]uint32{})
	table := make([]uint32, 3<<20)
	for i := range table {
		table[i] = uint32(i)
	}
	Join(table[:1<<17]) // with what lies beside it
	Join(table)
	for i, has := range table {
		if has != uint32(i) {
			t.Fatalf("%d at %d", has, i)
		}
	}
}
