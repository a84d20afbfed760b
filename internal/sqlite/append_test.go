package sqlite

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// appends has turns, of one batch where the machine is quick, append their rows to the marks' lists, and gives how each ended, and the marks that are stored then.
func appends(t *testing.T, s *Store, turns ...map[int64][]byte) (ended []error, stored []int64) {
	t.Helper()
	all := make([]*request, len(turns))
	for i := range all {
		all[i] = &request{turn: make(chan *engine), ended: make(chan error, 1), done: make(chan struct{})}
		s.writer.line <- all[i]
	}
	for i, r := range all {
		e := <-r.turn
		keys := slices.Sorted(maps.Keys(turns[i]))
		values := make([][]byte, len(keys))
		for k, key := range keys {
			values[k] = turns[i][key]
		}
		r.ended <- e.Append(t.Context(), "marks", "mark", "reports", keys, values)
	}
	for _, r := range all {
		<-r.done
		ended = append(ended, r.err)
	}
	found, err := s.read.QueryContext(t.Context(), "SELECT mark FROM marks ORDER BY mark")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var mark int64
		if err := found.Scan(&mark); err != nil {
			t.Fatal(err)
		}
		stored = append(stored, mark)
	}
	return ended, stored
}

func appendable(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOfAnAppendThatFailsInTheMidstNothingStays(t *testing.T) {
	list := []byte("123456")
	torn := func(from int64) map[int64][]byte { // the third row of one statement has no list, which the table refuses
		return map[int64][]byte{from: list, from + 1: list, from + 2: nil, from + 3: list}
	}
	s := appendable(t)
	ended, stored := appends(t, s, map[int64][]byte{1: list}, torn(10), map[int64][]byte{2: list})
	if ended[0] != nil || ended[1] == nil || ended[2] != nil || !slices.Equal(stored, []int64{1, 2}) {
		t.Errorf("amidst a batch: %v, and %v are stored", ended, stored)
	}
	ended, stored = appends(t, s, torn(20))
	if ended[0] == nil || !slices.Equal(stored, []int64{1, 2}) {
		t.Errorf("as the first of a batch: %v, and %v are stored", ended, stored)
	}
}

// SQLite answers a full disk in a statement of one row by rolling back all of its transaction, in which others had their turns.
func TestWhereTheDiskIsFullAmidstAnAppendWhoIsToldThatItIsStoredHasItStored(t *testing.T) {
	for name, large := range map[string]map[int64][]byte{
		"many rows": {100: make([]byte, 6000), 101: make([]byte, 6000), 102: make([]byte, 300_000), 103: make([]byte, 6000)},
		"one row":   {100: make([]byte, 300_000)},
	} {
		t.Run(name, func(t *testing.T) { fillsUp(t, large) })
	}
}

// fillsUp appends what there is no room for behind what there is.
func fillsUp(t *testing.T, large map[int64][]byte) {
	s := appendable(t)
	var pages int
	if err := s.write.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	bound := func(most int) {
		if _, err := s.write.ExecContext(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(most)); err != nil {
			t.Fatal(err)
		}
	}
	bound(pages + 8)
	ended, stored := appends(t, s, map[int64][]byte{1: []byte("123456")}, large)
	if ended[1] == nil || slices.Max(append(stored, 0)) > 1 {
		t.Fatalf("there was room: %v, and %v are stored", ended, stored)
	}
	if told := ended[0] == nil; told != slices.Contains(stored, 1) {
		t.Errorf("who came first is told %v, and %v are stored", ended[0], stored)
	}
	bound(1 << 30)
	if ended, stored = appends(t, s, map[int64][]byte{2: []byte("123456")}); ended[0] != nil || !slices.Contains(stored, 2) {
		t.Errorf("when there is room again: %v, and %v are stored", ended, stored)
	}
}
